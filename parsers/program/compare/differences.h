/* SPDX-License-Identifier: MIT */
/*
 * Decides what becomes of a section where the reader's release has another structure. Knows nothing of the table.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_DIFFERENCES_H
#define VMWIRE_PROGRAM_COMPARE_DIFFERENCES_H

#include "program/compare/other_release.h"
#include "program/compare/write_and_read.h"

/* Of one difference, over structures. Each structure counts in one member. */
struct difference_sum {
    size_t silent;  /* a state is read wrongly in silence because of the difference */
    size_t refused; /* states are refused, and none is read wrongly */
    size_t undecided;
    size_t harmless; /* every state is read as before */
};

/* Names of structures that were asked about. */
struct seen_names {
    const char **names;
    size_t count, room;
};

/* A section, and the structures in it that no earlier section had. */
struct new_structures {
    const struct vmwire_item *section;
    const char **names;
    size_t count;
};

/* Lists the structures of the section's record whose name is not in `seen`, and adds them to it. */
struct new_structures list_new_structures(const struct vmwire_item *section,
                                          struct seen_names *seen, struct vmwire_arena *keeps);

/* Adds to `sums` (one a difference) what becomes of each structure under the option. Returns false when memory runs out. */
bool decide_differences(struct difference_sum *sums, const struct stream_setting *setting,
                        const struct vmwire_option *option,
                        const struct new_structures *structures);

#endif
