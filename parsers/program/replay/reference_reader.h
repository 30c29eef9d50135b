/* SPDX-License-Identifier: MIT */
/*
 * Reads a stream under today's option, which is QEMU's own, and notes each decision at a tail.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_REFERENCE_READER_H
#define VMWIRE_PROGRAM_REPLAY_REFERENCE_READER_H

#include "program/replay/qemu_answer.h"
#include "program/replay/replay_stream.h"

/* A decision of the heuristic reader. */
struct reference_decision {
    uint64_t offset;
    const char *owner;
    const char *name; /* of the subsection that it takes; NULL: it ends the record */
    bool assumed;     /* the subsection's layout is a dump's guess */
};

struct reference {
    const struct replay_stream *stream;
    struct reference_decision *decisions;
    size_t decision_count, decision_room;
    uint64_t
        changed; /* start of the first section with a private encoding, or a field that decides what
                         follows, that differs from the original; UINT64_MAX: none */
    uint64_t end; /* end of the last item */
    size_t next;  /* index of the original's item behind the last one that was found again */
    const struct vmwire_stream *read; /* NULL: the reader rejects */
    struct vmwire_error error;
};

/* Fills in `reference`; it lives in the stream's arena. Returns false with reference->error set when memory runs out. */
bool read_reference(struct reference *reference, const struct replay_stream *stream);

/* Returns the verdict of a QEMU that agrees with the reference. */
enum qemu_verdict expect_verdict(const struct reference *reference);

#endif
