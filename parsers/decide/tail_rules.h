/*
 * What the reader takes for a subsection at a tail, as the rules of grammar/stream.re decide it, and which
 * headers the tails that end at the same byte have taken before.
 */
#ifndef VMWIRE_DECIDE_TAIL_RULES_H
#define VMWIRE_DECIDE_TAIL_RULES_H

#include "decide/search.h"

/* A tail that the reader has passed without having read a byte since: the next byte must not look
 * like a subsection to it. */
struct passed_tail {
    const struct structure *owner;
    enum tail_look look;
    size_t frame, node; /* its own: under flagday, where it stands says what it takes */
};

struct passed_tails {
    struct passed_tail tails[2 * SCHEMA_NESTING_LIMIT + 2];
    size_t count;
    bool full; /* there are others, which take what these do not */
};

static inline void forget_passed_tails(struct passed_tails *passed)
{
    passed->count = 0;
    passed->full = false;
}

#define TAILS_FULL "more records end at one byte than are followed"

/* When the reader of this option looks at the tail of this structure. */
enum tail_look tail_look_of(const struct engine *engine, const struct structure *structure);

/* Whether the name is one that the heuristic takes for a subsection of the owner. */
bool is_plausible_name(const struct structure *owner, const uint8_t *name, size_t length);

/* Whether the tail is that of a record embedded in another one, or of a list's element. */
bool is_embedded(const struct engine *engine, size_t frame, size_t node);

/* flagday: whether a header of this name at this tail is left to an owner, as it is behind the record of a
 * subsection that has none of that name where an owner has one. */
bool leaves_to_owner(const struct engine *engine, size_t frame, size_t node, const char *name);

/* The owner's subsection of this name that the option sends inline, or NULL. */
const struct subsection *find_inline_subsection(const struct engine *engine,
                                                const struct structure *owner, const char *name);

/* Adds a tail that was passed, unless it takes nothing that the others do not. */
void add_passed_tail(const struct engine *engine, struct passed_tails *passed, size_t frame,
                     size_t node);

/* Whether a tail that was passed takes all headers of names that the owner does not know. (A header that it
 * leaves to an owner is known to that owner.) */
bool takes_all_unknown_names(const struct passed_tails *passed, const struct structure *owner,
                             bool by_name);

/* Whether all tails that were passed without reading on take a header of this name for no subsection. */
bool all_pass_header(const struct engine *engine, const struct passed_tails *passed,
                     const uint8_t *name, size_t length);

/* Whether the byte at the offset can be one that no passed tail has taken for a marker; `another`: it must
 * then be another one than it is. */
bool can_pass(const struct engine *engine, const struct passed_tails *passed, uint64_t offset,
              bool *another);

/* Requires that of the byte. */
bool require_passing(const struct engine *engine, const struct passed_tails *passed,
                     struct demands *demands, uint64_t offset);

#endif
