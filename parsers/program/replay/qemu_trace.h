/* SPDX-License-Identifier: MIT */
/*
 * Follows QEMU's trace events and notes its decision at each tail.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_QEMU_TRACE_H
#define VMWIRE_PROGRAM_REPLAY_QEMU_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "program/replay/qemu_answer.h"
#include "vmwire/vmwire.h"

/* Tells fields with a private encoding: the format knows nothing of their bytes. */
struct private_encodings {
    bool (*has)(const void *context, const char *structure, const char *field);
    const void *context;
};

/* A record that QEMU is loading. */
struct traced_record {
    const char *structure;
    const char *field; /* that it loads now */
    uint64_t fields;   /* hash of the fields so far: struct qemu_decision */
    bool at_tail;
    bool hidden; /* in a private encoding */
};

enum { TRACED_DEPTH_LIMIT = 256 };

struct qemu_trace {
    struct vmwire_arena *arena;
    struct qemu_answer *answer; /* receives decisions, hidden and sections */
    struct private_encodings private_encodings;
    struct traced_record records[TRACED_DEPTH_LIMIT]; /* the outermost first */
    size_t depth;
    size_t decision_room;
    bool heard;     /* an event of the loader has come */
    bool completed; /* the migration has completed; only a QEMU that stands by tells it here */
    const char *unfinished; /* an event whose name holds an end of line; NULL: none */
};

/* Takes a line of QEMU's standard error. Returns false if it is no trace event. */
bool hear_trace_line(struct qemu_trace *trace, const char *line);

#endif
