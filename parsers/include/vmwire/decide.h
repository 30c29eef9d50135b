/*
 * The engine decides what a reader can do with the states that a stream stands for: the stream says
 * which sections and subsections are sent, the schema which bytes of them a state may change.
 *
 * At each tail it follows the reader over the writer's bytes from the first wrong decision on,
 * until the reader rejects, stops early, or is in step with the writer again. A reader's step over
 * a field does not depend on the bytes in it, so the cost grows with tails times names and not with
 * buffers.
 */
#ifndef VMWIRE_ENGINE_H
#define VMWIRE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/arena.h"
#include "vmwire/option.h"
#include "vmwire/outcome.h"
#include "vmwire/reader.h"
#include "vmwire/record.h"
#include "vmwire/schema.h"

#pragma GCC visibility push(default)

/* A byte that must hold a value for the finding to happen. */
struct demand {
    uint64_t offset; /* in the stream */
    uint8_t value;
};

/* Bytes of the stream, from an offset up to another one. */
struct extent {
    uint64_t from, to;
};

/* What can happen at one tail. */
struct finding {
    const struct item *item;       /* the section */
    const struct structure *owner; /* whose tail it is */
    const char *path;              /* from the section's root; empty: the root's own tail */
    const char *differs;           /* where two schemas part: what differs; NULL at a tail */
    uint64_t offset;               /* of the tail, in the stream */
    enum outcome outcome;
    const struct demand *demands; /* in the order of their offsets: the witness */
    size_t demand_count;
    bool assumed; /* the reader reads a layout on the way that is a dump's guess */
    const struct extent
        *sends; /* the optional subsections that it needs, in the order of the stream */
    size_t send_count;
};

enum verdict {
    VERDICT_CLEAN,     /* decided: exact for every state */
    VERDICT_FINDINGS,  /* decided: `outcomes` can happen */
    VERDICT_UNDECIDED, /* it depends on bytes or layouts that the schema does not tell */
};

/* Why no state can mislead the reader at a tail, in terms of the bytes there alone, so that it can be
 * checked without a search (proofs/README.md; proofs/verify.c does). */
enum clean_reason {
    CLEAN_NOT_CERTIFIED,
    CLEAN_NEVER_LOOKS,   /* the reader takes nothing for a subsection here */
    CLEAN_SENT,          /* a subsection is sent here, and the reader takes it for what it is */
    CLEAN_BLOCKED,       /* the byte at `clean_at` cannot hold what the reader takes for a header */
    CLEAN_TAKEN_BEFORE,  /* a tail that ends at the same byte has taken all that this one would */
    CLEAN_SENT_BY_OWNER, /* flagday: by its name, the header here is an owner's */
};

const char *clean_reason_name(enum clean_reason reason);

/* What was decided about one tail. */
struct tail_verdict {
    const struct item *item;
    const struct structure *owner;
    const char *path;
    const char *differs;
    uint64_t offset;
    enum verdict verdict;
    enum clean_reason clean; /* of VERDICT_CLEAN: its certificate */
    uint64_t clean_at;       /* of CLEAN_BLOCKED: an offset in the stream */
    const char *reason;      /* of VERDICT_UNDECIDED: what is not known; otherwise NULL */
    const struct finding *findings[OUTCOME_CORRUPT + 1]; /* by outcome; NULL: cannot happen */
    uint64_t states;                                     /* pairs that were followed */
};

struct decision {
    struct tail_verdict *tails; /* in the order of the stream */
    size_t tail_count;
};

/*
 * What is to be decided. The writer's states are those that the stream stands for: any values of its
 * fields, and any choice of the subsections that are marked as optional (template.h).
 */
struct question {
    const struct protocol_option *option; /* of the writer */
    const struct stream *stream;
    struct bytes bytes; /* of the stream */
    struct {
        const struct protocol_option *option;
        const struct schema *schema;
    } reader;
    const uint64_t *only_at; /* decide nothing but the tails at this offset; NULL: all */
    bool skewed;             /* the reader's schema is not the one that the stream was read with */
    bool
        ambiguity; /* the reader is a second writer: OUTCOME_CORRUPT is a pair of states of the same
                       bytes, and no other outcome is looked for */
};

/*
 * Decides every tail of every section; where the reader's schema has other fields than the writer's, or
 * does not have what is sent, also that place, after which nothing of that section is in step. Fields
 * are told apart by what they have on the wire: a field that was only renamed is the same. The
 * question's stream and schemas stay alive; everything returned lives in `arena`.
 */
struct decision engine_decide(const struct question *question, struct arena *arena);

/* The bytes of the state that a finding is about: those of the stream with the demands in place, and
 * without the optional subsections that it does not send. */
struct bytes engine_witness(const struct question *question, const struct finding *finding,
                            struct arena *arena);

#pragma GCC visibility pop

#endif
