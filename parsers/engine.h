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

#include "arena.h"
#include "option.h"
#include "outcome.h"
#include "reader.h"
#include "record.h"
#include "schema.h"

/* A byte that must hold a value for the finding to happen. */
struct demand {
    uint64_t offset; /* in the stream */
    uint8_t value;
};

/* What can happen at one tail. */
struct finding {
    const struct item *item;       /* the section */
    const struct structure *owner; /* whose tail it is */
    const char *path;              /* from the section's root; empty: the root's own tail */
    uint64_t offset;               /* of the tail, in the stream */
    enum outcome outcome;
    const struct demand *demands; /* in the order of their offsets: the witness */
    size_t demand_count;
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
 * Decides every tail of every section of `stream`, which was read from `bytes` under `option` and
 * stays alive, as does its schema. Everything returned lives in `arena`.
 */
struct decision engine_decide(const struct protocol_option *option, const struct stream *stream,
                              struct bytes bytes, struct arena *arena);

#endif
