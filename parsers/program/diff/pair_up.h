/* SPDX-License-Identifier: MIT */
/*
 * Pairs what two sides have: by names, or, of a list, so that an element that is inserted does not move those behind it.
 * Knows nothing of what is paired.
 */
#ifndef VMWIRE_PROGRAM_DIFF_PAIR_UP_H
#define VMWIRE_PROGRAM_DIFF_PAIR_UP_H

#include "vmwire/vmwire.h"

/* One thing of a side. pair_by_name() sets what stands behind `number`. */
struct named {
    struct vmwire_bytes name;
    uint32_t number;
    uint32_t occurrence; /* among those of the side that have the same name and number */
    size_t position;
    struct named *partner; /* of the other side; NULL: it has none */
};

/* Positions in both sides; SIZE_MAX: the side has none. */
struct pair {
    size_t at[2];
};

struct pairs {
    struct pair *pairs;
    size_t count;
};

/* The first `a` of a name goes with the first `b` of that name, the second with the second. In the order of A; what only B has
 * stands behind what it follows in B. The arena must be within an attempt. */
struct pairs pair_by_name(struct vmwire_arena *arena, struct named *a, size_t a_count,
                          struct named *b, size_t b_count);

/* Pairs elements of lists by their digests, in order, as many as possible. What then lies between two pairs is paired by
 * position. The arena must be within an attempt. */
struct pairs pair_in_order(struct vmwire_arena *arena, const uint64_t *a, size_t a_count,
                           const uint64_t *b, size_t b_count);

#endif
