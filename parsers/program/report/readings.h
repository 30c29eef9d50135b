/* SPDX-License-Identifier: MIT */
/*
 * Reads a witness under each option of its wire, and finds where each reading parts from what was written, and where the two
 * meet again. Knows nothing of JSON.
 */
#ifndef VMWIRE_PROGRAM_REPORT_READINGS_H
#define VMWIRE_PROGRAM_REPORT_READINGS_H

#include "program/replay/replay_stream.h"
#include "program/report/spans.h"

/* A witness as one option reads it. */
struct witness_reading {
    const struct vmwire_option *option;
    struct spans spans;
    enum vmwire_outcome outcome;
    bool undecided; /* the reader refuses only because it does not know a layout */
    bool parts;     /* from `parts_at` on it takes the bytes for something else than was written */
    bool rejoins;   /* from `rejoins_at` on it takes them for the same again */
    uint64_t parts_at, rejoins_at;
    uint64_t ends_at; /* where it refuses the stream, or takes a byte for its end */
};

struct witness_readings {
    struct spans written; /* what was written */
    struct witness_reading *list;
    size_t count;
    uint64_t tail; /* where the signature's tail is */
    uint64_t begin,
        end; /* the bytes to show: those around the tail until the readings have ended, or meet */
};

/* Reads a stream that has an original of the same length. Returns false with `error` set when memory runs out, or the
 * original has another length. All lives in the stream's arena. */
bool read_witness(struct witness_readings *readings, const struct replay_stream *stream,
                  uint64_t tail, struct vmwire_error *error);

/* Whether two readers take all bytes for the same, and end alike. */
bool is_same_reading(const struct witness_reading *a, const struct witness_reading *b);

#endif
