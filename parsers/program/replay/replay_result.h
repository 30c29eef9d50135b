/* SPDX-License-Identifier: MIT */
/*
 * The results of a replay, a row a stream.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_REPLAY_RESULT_H
#define VMWIRE_PROGRAM_REPLAY_REPLAY_RESULT_H

#include "program/replay/qemu_answer.h"
#include "program/replay/standby.h"
#include "program/shared/arguments.h"

/* One stream under one option. */
struct replay_cell {
    bool applies; /* the option reads streams of this version */
    enum vmwire_outcome outcome;
    const char *message; /* of a reject */
    uint64_t offset;     /* of a reject */
    bool undecided;      /* the reader rejects only because no schema has the next layout */
    bool expects;        /* the manifest expects an outcome */
    enum vmwire_outcome expected;
};

/* How the heuristic reader and a real QEMU agree. */
enum relation {
    /* The same decisions and the same verdict, in the order of enum qemu_verdict. */
    SAME_ACCEPT,
    SAME_TRUNCATED,
    SAME_REJECT,
    /* QEMU stopped for a reason outside of the format; all decisions before are the same. */
    APART_SEMANTIC, /* it refused */
    APART_CRASH,
    APART_UNABLE, /* it could not begin */
    /* They differ, and it is no fault of either. */
    APART_SKEW,      /* this QEMU is another release than the stream's writer */
    APART_UNDECIDED, /* the schema is not certain of the layout: a private encoding, a dump's guess,
                        or no layout at all */
    APART_LAYOUT,    /* a changed value made QEMU load other fields than in the original */
    /* They differ, and nothing explains it. */
    DIFFERENT_DECISION,
    DIFFERENT_VERDICT,
    RELATION_COUNT
};

const char *relation_name(enum relation relation);

/* What a copy of a QEMU that stood by was good for. */
enum copy_use {
    COPY_NOT_ASKED,
    COPY_ALONE, /* it was asked alone: it does as the heuristic reader does, or refuses for a reason of its own */
    COPY_CONFIRMED, /* a fresh process was asked as well, and does what the copy did */
    COPY_REFUTED,   /* the fresh process does something else; what the copy did does not count */
};

/* A reason not to go by the description of the original: in this section other fields may follow. */
struct replay_doubt {
    const char *reason;
    struct vmwire_bytes idstr; /* of the section; no data: it is about none */
    uint32_t instance_id;
    /* What differs from the original. */
    const char *structure, *field; /* no field: it is about none */
    uint64_t offset;               /* in the stream; VMWIRE_ERROR_NO_OFFSET: nowhere */
    struct vmwire_bytes was, is;   /* in the original, and in the stream */
    /* The section was read as the program declares it: the stream's own values decide. */
    bool as_declared;
};

struct replay_row {
    const char *folder, *name, *file;
    struct replay_cell *cells; /* one an option */
    bool asked;                /* a QEMU was asked, and the rest is set */
    struct qemu_answer answer; /* without the list of decisions */
    enum copy_use copy;
    enum relation relation;
    size_t compared;            /* decisions that are the same, from the first on */
    uint64_t difference_offset; /* of the first difference in the stream */
    const char *difference;     /* what each does there; NULL: no difference */
    /* About the sections that were read as declared; the last one of APART_UNDECIDED: why it is that. */
    struct replay_doubt *doubts;
    size_t doubt_count;
    const char *seen; /* the verdict that the manifest has seen of this version, if it is
                               another one now; otherwise NULL */
};

struct replay {
    struct vmwire_arena *arena;
    const struct arguments *arguments;
    const char *const *safeguards; /* of the QEMU; NULL: it is not known yet */
    struct standbys standbys;
    struct replay_row *rows;
    size_t row_count, row_room;
};

/* Returns true if the outcome is not the expected one. */
bool is_unexpected(const struct replay_cell *cell);

/* Returns true if QEMU and the heuristic reader differ without an explanation. */
bool readers_differ(const struct replay_row *row);

/* Returns true if something in the row is a finding. */
bool row_differs(const struct replay_row *row);

#endif
