/* SPDX-License-Identifier: MIT */
/*
 * Groups differences: many sections have one structure, and many elements of an array one difference. A person reads it once.
 */
#ifndef VMWIRE_PROGRAM_SKEW_GROUP_DIFFERENCES_H
#define VMWIRE_PROGRAM_SKEW_GROUP_DIFFERENCES_H

#include "program/skew/crossing.h"

/* One difference, wherever it is. */
struct difference_group {
    const struct vmwire_difference *
        *members; /* in the order of the list; those of one section follow one another */
    size_t count, room;
    size_t sections; /* different ones */
};

struct difference_groups {
    struct difference_group *list; /* by certainty, then by the section of their first member */
    size_t count, room;
};

/* Everything is in `arena`, within an attempt of the caller. */
void group_differences(const struct crossing *crossing, struct vmwire_arena *arena,
                       struct difference_groups *groups);

/* Whether they are of the same sections, and equally certain. */
bool same_sections(const struct difference_group *a, const struct difference_group *b);

/* The structure whose fields differ; NULL: that of the device itself. */
const char *inner_structure(const struct vmwire_difference *difference);

/* Whether both are of one section. */
bool same_section(const struct vmwire_difference *a, const struct vmwire_difference *b);

#endif
