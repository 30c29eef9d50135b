/* SPDX-License-Identifier: MIT */
/*
 * The engine: decides which outcomes are possible when a reader reads the states of a stream. The
 * stream determines which sections and subsections a state sends. The schema determines which bytes
 * a state may change.
 *
 * At each tail the engine assumes that the reader makes a wrong decision there, its first. It then
 * follows the reader over the writer's bytes, until the reader rejects, stops early, or is again
 * where the writer is. The reader's step over a field does not depend on the bytes in it. So the
 * cost grows with the number of tails and names, not with the size of buffers. Knows records,
 * schemas and options; knows nothing of the program.
 */
#ifndef VMWIRE_ENGINE_H
#define VMWIRE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/arena.h"
#include "vmwire/error.h"
#include "vmwire/option.h"
#include "vmwire/outcome.h"
#include "vmwire/reader.h"
#include "vmwire/record.h"
#include "vmwire/schema.h"

#pragma GCC visibility push(default)

/* A finding needs this byte to hold this value. */
struct vmwire_required_byte {
    uint64_t offset; /* in bytes of the stream */
    uint8_t value;
};

/* The bytes of the stream from offset `from` up to `to`, without the byte at `to`. */
struct vmwire_extent {
    uint64_t from, to;
};

/* This value holds other bytes than the stream's, as QEMU writes them. */
struct vmwire_changed_value {
    const struct vmwire_item *item; /* whose value it is */
    const struct vmwire_value *value;
    struct vmwire_bytes holds;
};

/* An outcome that is possible because the reader makes its first wrong decision at this tail. */
struct vmwire_finding {
    const struct vmwire_item *item;       /* the section */
    const struct vmwire_structure *owner; /* whose tail it is */
    const char *path;                     /* from the section's root; "" is the root's own tail */
    const char *differs; /* the difference of the two schemas at this place; NULL at a tail */
    uint64_t offset;     /* of the tail, in bytes of the stream */
    enum vmwire_outcome outcome;
    const struct vmwire_required_byte
        *required; /* the bytes that it needs, in the order of their offsets */
    size_t required_count;
    bool assumed; /* the reader uses a layout from a dump, which can be wrong */
    /* asn1: the values that the state has changed, those first that keep the reader from refusing an earlier section. Their encodings can have other lengths, so `required` does not say it. */
    const struct vmwire_changed_value *changes;
    size_t change_count;
    const struct vmwire_extent *sends; /* the optional subsections that it needs, in stream order */
    size_t send_count;
};

/* The engine's answer about one tail. */
enum vmwire_verdict {
    VMWIRE_VERDICT_CLEAN,    /* no state makes the reader's first wrong decision happen here */
    VMWIRE_VERDICT_FINDINGS, /* a state does: see `findings` */
    VMWIRE_VERDICT_UNDECIDED, /* the answer depends on bytes or layouts that are not known, or the search
                          reached a limit */
};

/* The reason why no state can mislead the reader at a tail. It depends only on the bytes at that
 * place, so proofs/check_certificate.c can check it without a search (proofs/README.md). */
enum vmwire_clean_reason {
    VMWIRE_CLEAN_NOT_CERTIFIED, /* the search found nothing, but none of these reasons applies */
    VMWIRE_CLEAN_NEVER_LOOKS,   /* the reader never looks for a subsection here */
    VMWIRE_CLEAN_SENT,          /* a subsection is sent here, and the reader reads it */
    VMWIRE_CLEAN_BLOCKED, /* the byte at `clean_at` cannot hold the value that a header needs */
    VMWIRE_CLEAN_TAGGED, /* the encoding has a tag and a length for each value, and the reader goes by them */
    VMWIRE_CLEAN_TAKEN_BEFORE, /* an inner tail at this offset takes every header that this one would */
    VMWIRE_CLEAN_ONLY_READING, /* no reading that parts here from the writer's comes to the end of the section */
    VMWIRE_CLEAN_DESCRIBED, /* the reader goes by the description, which tells no subsection here */
};

/* The reason's name, for instance "blocked". The string is constant. */
const char *vmwire_clean_reason_name(enum vmwire_clean_reason reason);

/* The answer about one tail. Members without a comment are as in `struct vmwire_finding`. */
struct vmwire_tail_verdict {
    const struct vmwire_item *item;
    const struct vmwire_structure *owner;
    const char *path;
    const char *differs;
    uint64_t offset;
    enum vmwire_verdict verdict;
    enum vmwire_clean_reason clean; /* VMWIRE_VERDICT_CLEAN: why */
    uint64_t clean_at;              /* VMWIRE_CLEAN_BLOCKED: in bytes of the stream */
    const char *reason; /* what is not known, where some outcome is undecided; otherwise NULL */
    const struct vmwire_finding
        *findings[VMWIRE_OUTCOME_CORRUPT + 1]; /* by outcome; NULL: none was found */
    uint64_t states;                           /* the steps of the search */
    /* In an earlier section the two schemas differ for every state, or every state that sends no optional subsection
     * misleads the reader, or (asn1) the reader refuses more values than a finding changes. This section is decided by itself, as if the earlier ones did not. */
    bool behind_difference;
};

/* The reason of a tail of which the search has found an outcome that the reader did not confirm. */
#define VMWIRE_REASON_NOT_CONFIRMED "the reader does not end as the search says"

/* The answers about all tails. */
struct vmwire_decision {
    struct vmwire_tail_verdict *tails; /* in the order of the stream */
    size_t tail_count;
    /* What the stream holds in private encodings (VMWIRE_FIELD_OPAQUE), or in fields whose length the schema does
     * not tell (VMWIRE_LENGTH_POINTERS): fields, and their bytes. What these fields may hold is not analysed. */
    uint64_t opaque_fields, opaque_bytes;
};

/* Which two states with the same bytes are searched for. */
enum vmwire_ambiguity {
    VMWIRE_AMBIGUITY_NONE,
    VMWIRE_AMBIGUITY_STREAM, /* two whole streams */
    VMWIRE_AMBIGUITY_SECTION, /* two sections of one header: a reader that commits to a section at its footer cannot
                                 tell them apart. Whole streams are a part of these. */
};

/*
 * A question to the engine. The writer's states are all states that the stream stands for: any
 * values of its fields, and any choice of the subsections that are marked as optional (template.h).
 */
struct vmwire_question {
    const struct vmwire_option *option; /* of the writer */
    const struct vmwire_stream *stream;
    struct vmwire_bytes bytes; /* of the stream */
    struct {
        const struct vmwire_option *option;
        const struct vmwire_schema *schema;
    } reader;
    const uint64_t *only_at; /* decide only the tails at this offset; NULL: all */
    bool skewed;             /* the stream was read with another schema than the reader's */
    /* Search for two states with the same bytes. The reader is then a second writer, and
     * VMWIRE_OUTCOME_CORRUPT is such a pair; other outcomes are not searched for. */
    enum vmwire_ambiguity ambiguity;
};

/*
 * Decides every tail of every section. With `skewed`, also decides the first place of a section
 * where the reader's schema has another field than the writer's, or has no such subsection; it
 * decides no tail of that section behind this place. Fields are compared by their form on the wire:
 * a renamed field is the same field.
 * But a subsection that is an item of its own names its owner by path and place; `differs` says why the
 * reader does not take such an item. Both options must have the same stream version: otherwise the reader
 * rejects every stream.
 *
 * Of a reader that goes by the description (VMWIRE_LOOK_DESCRIBED): each state comes with a description of its own, which
 * tells what it sends. Where that reader leaves the writer, it is not followed: the place is undecided.
 *
 * The decision lives in `arena`. It points into the question's stream and schemas, which must outlive
 * it. Returns false with `error` set when memory runs out (VMWIRE_ERROR_MEMORY); `decision` is then of no use.
 */
bool vmwire_decide(const struct vmwire_question *question, struct vmwire_arena *arena,
                   struct vmwire_decision *decision, struct vmwire_error *error);

/* Makes the witness of a finding: the bytes of a state in which it happens. They are the bytes of
 * the stream with the demanded values, without the optional subsections that the finding does not
 * need. They live in `arena`. When memory runs out (VMWIRE_ERROR_MEMORY), sets `error` and returns NULL as `data`. */
struct vmwire_bytes vmwire_witness(const struct vmwire_question *question,
                                   const struct vmwire_finding *finding, struct vmwire_arena *arena,
                                   struct vmwire_error *error);

#pragma GCC visibility pop

#endif
