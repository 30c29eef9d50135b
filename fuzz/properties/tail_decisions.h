/*
 * What a reader decided at the tails of a stream, and what one decides that is not misled: lists to hold
 * against one another.
 */
#ifndef VMWIRE_FUZZ_DECISIONS_H
#define VMWIRE_FUZZ_DECISIONS_H

#include "vmwire.h"

struct tail_decisions {
    struct tail_event *events;
    size_t count, room;
    size_t *sections; /* of what was meant: the first event of each section */
    size_t section_count, section_room;
    size_t
        footers_known_after; /* of those: the one behind which a reader learns whether there are footers */
    bool footers;            /* what there is to learn there */
    struct arena *arena;
};

/* A place in two lists. */
struct decision_difference {
    size_t intended, actual;
};

/* Notes each decision of a reading; the list's arena is set by the caller. */
struct tail_observer record_decisions(struct tail_decisions *decisions);

/* What the writer means: `laid` lies over the bytes that the option writes of it. */
void list_intended_decisions(struct tail_decisions *decisions, const struct protocol_option *option,
                             const struct template *written_state);

/* The first decision that is not the same; the length of the shorter list where there is none. Owners
 * are told apart by their place in the schema, or where the schemas differ by their names. */
size_t find_first_difference(const struct tail_decisions *a, const struct tail_decisions *b,
                             bool by_name);

/* Where a reader went wrong that rejected, or stopped early: the first decision that was not meant since
 * the beginning of the last section at which it was in step. `footers`: whether it came to one; a reader that
 * has learned wrongly whether there are any is not in step behind that. `meant` is the length of that list
 * where all that was made was meant. */
struct decision_difference find_last_difference(const struct tail_decisions *intended,
                                                const struct tail_decisions *actual, bool footers);

#endif
