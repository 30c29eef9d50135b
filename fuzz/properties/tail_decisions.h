/* SPDX-License-Identifier: MIT */
/*
 * Lists the decisions of a reader at the tails of a stream, and the decisions that the writer intended, and finds
 * where the two lists differ.
 */
#ifndef VMWIRE_FUZZ_TAIL_DECISIONS_H
#define VMWIRE_FUZZ_TAIL_DECISIONS_H

#include "vmwire/vmwire.h"

struct tail_decisions {
    struct vmwire_tail_event *events;
    size_t count, room;
    size_t *sections; /* intended decisions only: index of the first event of each section */
    size_t section_count, section_room;
    size_t
        footers_known_after; /* index of the section after which a reader knows whether there are footers */
    bool footers;            /* whether there are */
    struct vmwire_arena *arena;
};

/* Indices into two lists. */
struct decision_difference {
    size_t intended, actual;
};

/* Returns an observer that appends each decision of a reading. The caller sets the list's arena. */
struct vmwire_tail_observer record_decisions(struct tail_decisions *decisions);

/* Appends the decisions that the writer intended. `written_state`: the state and the bytes that the option writes. */
void list_intended_decisions(struct tail_decisions *decisions, const struct vmwire_option *option,
                             const struct vmwire_template *written_state);

/* Returns the index of the first decision that differs, or the length of the shorter list. Owners are compared
 * by their place in the schema, or `by_name` if the schemas differ. */
size_t find_first_difference(const struct tail_decisions *a, const struct tail_decisions *b,
                             bool by_name);

/* Returns where a reader that rejected, or stopped early, went wrong: the first unintended decision after the
 * last section that it began correctly. `footers`: whether it came to a footer. A reader that is wrong about
 * footers is wrong from there on. `intended` is the length of that list if all decisions were intended. */
struct decision_difference find_last_difference(const struct tail_decisions *intended,
                                                const struct tail_decisions *actual, bool footers);

#endif
