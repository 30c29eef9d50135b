/* SPDX-License-Identifier: MIT */
/*
 * Reads a stream under today's option, which is QEMU's own, and notes each decision at a tail.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_REFERENCE_READER_H
#define VMWIRE_PROGRAM_REPLAY_REFERENCE_READER_H

#include "program/replay/replay_result.h"
#include "program/replay/replay_stream.h"

/* A decision of the heuristic reader. */
struct reference_decision {
    uint64_t offset;
    const char *owner;
    const char *name; /* of the subsection that it takes; NULL: it ends the record */
    bool assumed;     /* the subsection's layout is a dump's guess */
};

enum { DECLARED_SECTIONS_LIMIT = 16 };

struct reference {
    const struct replay_stream *stream;
    struct reference_decision *decisions;
    size_t decision_count, decision_room;
    uint64_t
        changed; /* start of the first section with a private encoding, or a field that decides what
                         follows, that differs from the original; UINT64_MAX: none */
    const struct vmwire_item *changed_item; /* that section, as the original has it; NULL: none */
    struct replay_doubt doubt;              /* about it */
    /* Sections that are read as the program declares them, and why. */
    const struct vmwire_item *declared[DECLARED_SECTIONS_LIMIT];
    struct replay_doubt doubts[DECLARED_SECTIONS_LIMIT];
    size_t declared_count;
    const struct vmwire_stream
        *original; /* read in the same way; NULL: there is none, or it cannot be read so */
    struct vmwire_machine_choice *choices; /* of the machine, in these sections */
    size_t choice_count, choice_room;
    uint64_t end; /* end of the last item */
    size_t next;  /* index of the original's item behind the last one that was found again */
    const struct vmwire_stream *read; /* NULL: the reader rejects */
    struct vmwire_error error;
};

/* Fills in `reference`; it lives in the stream's arena. Returns false with reference->error set when memory runs out. */
bool read_reference(struct reference *reference, const struct replay_stream *stream);

/* Where a field that decides what follows differs from the original: reads again, the sections with such a field as the program
 * declares them. Then the stream's own values decide, as in QEMU. Returns false if there is no such field, if the program does
 * not tell how to read the original so, or with reference->error set when memory runs out. */
bool read_as_declared(struct reference *reference);

/* Returns the verdict of a QEMU that agrees with the reference. */
enum qemu_verdict expect_verdict(const struct reference *reference);

#endif
