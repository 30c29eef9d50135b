/* SPDX-License-Identifier: MIT */
/*
 * The tail rules of grammar/stream.re, once more for the engine: when does a reader take the bytes at a
 * tail for a subsection? Several records can end at one byte; the tails that the reader has passed there
 * are remembered, because each excludes values of the bytes that follow. This file must not add pairs: that
 * is for tail_steps.h.
 */
#ifndef VMWIRE_DECIDE_TAIL_RULES_H
#define VMWIRE_DECIDE_TAIL_RULES_H

#include "decide/search.h"

/* A tail that the reader has passed, and it has read no byte since. The next bytes must not look like a
 * subsection at that tail. */
struct passed_tail {
    const struct vmwire_structure *owner;
    enum vmwire_tail_look look;
};

struct passed_tails {
    struct passed_tail tails[2 * VMWIRE_SCHEMA_NESTING_LIMIT + 2];
    size_t count;
    bool full; /* a tail was left out */
};

static inline void forget_passed_tails(struct passed_tails *passed)
{
    passed->count = 0;
    passed->full = false;
}

/* The reason for "undecided" where `full` is set. */
#define TAILS_FULL "more records end at one byte than are followed"

/* When the reader looks for a subsection at the tail of this structure. */
enum vmwire_tail_look tail_look_of(const struct engine *engine,
                                   const struct vmwire_structure *structure);

/* Whether the reader goes by the description. Each state comes with its own. */
static inline bool goes_by_description(const struct engine *engine)
{
    return engine->reader.option->look == VMWIRE_LOOK_DESCRIBED;
}

/* Whether the heuristic takes the name for a subsection of the owner. */
bool is_plausible_name(const struct vmwire_structure *owner, const uint8_t *name, size_t length);

/* Whether the reader takes a subsection of this name at the tail. */
bool takes_name(const struct engine *engine, size_t frame, size_t node, struct vmwire_bytes name);

/* The owner's subsection of this name, if the option sends it inline; otherwise NULL. */
const struct vmwire_subsection *find_inline_subsection(const struct engine *engine,
                                                       const struct vmwire_structure *owner,
                                                       const char *name);

/* Adds a tail that the reader passes, unless the tails that are there take every header that it would
 * take. */
void add_passed_tail(const struct engine *engine, struct passed_tails *passed, size_t frame,
                     size_t node);

/* Whether a passed tail takes every header that has a name unknown to `owner`. `by_name`: `owner` looks for
 * plausible names only. */
bool takes_all_unknown_names(const struct passed_tails *passed,
                             const struct vmwire_structure *owner, bool by_name);

/* Whether no passed tail takes a header of this name for a subsection. */
bool all_pass_header(const struct passed_tails *passed, const uint8_t *name, size_t length);

/* What the tails that were passed allow of the byte that follows: they must not have taken it for a marker. */
enum passing {
    PASSES_ANY,   /* the stream's byte is no marker, or no header follows that they take */
    PASSES_OTHER, /* it is a marker, and a state can have another byte there: it must */
    PASSES_SOME,  /* it is a marker in every state, and the bytes behind it decide */
    PASSES_NONE,  /* they take it in every state */
};
enum passing passing_at(const struct engine *engine, const struct passed_tails *passed,
                        uint64_t offset);

/* The reason for "undecided" where PASSES_SOME is met. */
#define LOOKS_BEYOND "a tail that was passed looks at bytes that are read later"

/* Requires what they allow. False: no state has such bytes. */
bool require_passing(struct engine *engine, const struct passed_tails *passed,
                     struct requirements *required, uint64_t offset);

#endif
