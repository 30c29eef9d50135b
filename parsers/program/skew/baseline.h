/* SPDX-License-Identifier: MIT */
/*
 * The differences that somebody has accepted (--baseline): lines as `vmwire skew --json` prints them. Knows nothing of how they
 * were found.
 */
#ifndef VMWIRE_PROGRAM_SKEW_BASELINE_H
#define VMWIRE_PROGRAM_SKEW_BASELINE_H

#include "program/shared/arguments.h"
#include "program/shared/json_line.h"
#include "vmwire/skew.h"

/* What tells a difference from another one, whatever machine has it: rule, section, structure, path, writer, reader. */
enum { BASELINE_KEYS = 6 };

struct baseline {
    const char *file;
    struct vmwire_arena *arena; /* of the entries */
    struct vmwire_input input;
    json_t *line; /* that is being read */
    struct accepted_difference {
        const char *values[BASELINE_KEYS]; /* addresses left out; NULL: null */
        bool given[BASELINE_KEYS];         /* a key that is left out may be anything */
        enum vmwire_certainty certainty;   /* a difference that is more certain is not accepted */
        size_t line;                       /* from 1 */
        bool matches;                      /* a difference is accepted by it */
        bool more_certain; /* a difference is like it, but more certain than it accepts */
    } * list;
    size_t count, room;
};

/*
 * Reads a baseline; `file` and `arena` are set. Empty lines, lines that begin with #, and summaries are passed over.
 *
 * All of these allocate from the arena, within an attempt of the caller. read_baseline() returns false with `error` set. The
 * caller calls close_baseline() in any case.
 */
bool read_baseline(struct baseline *baseline, struct vmwire_error *error);

/* Whether an entry accepts the difference. */
bool baseline_accepts(struct baseline *baseline, const struct vmwire_difference *difference);

/* Names the entries that accept nothing, on standard error. */
void report_stale_entries(const struct baseline *baseline, const struct arguments *arguments);

void close_baseline(struct baseline *baseline);

/* A text that is the same for the same difference in another stream, another machine or another run. */
const char *difference_fingerprint(const struct vmwire_difference *difference,
                                   struct vmwire_arena *arena);

#endif
