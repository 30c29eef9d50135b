/* SPDX-License-Identifier: MIT */
/*
 * A hash table from four numbers to a position in an array. It must not know what the numbers mean.
 */
#ifndef VMWIRE_DECIDE_HASH_TABLE_H
#define VMWIRE_DECIDE_HASH_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct slot {
    uint64_t keys[4];
    size_t value; /* plus one; 0: the slot is free */
};

struct table {
    struct slot *slots;
    size_t size, count;
};

static inline uint64_t hash_keys(const uint64_t keys[4])
{
    uint64_t value = 0;
    for (int i = 0; i < 4; i++) {
        value = (value ^ keys[i]) * UINT64_C(0x9e3779b97f4a7c15);
        value ^= value >> 29;
    }
    return value;
}

/* The slot of the keys. Adds one where there is none: its value is 0, and the caller sets it. */
struct slot *table_find(struct table *table, struct vmwire_arena *arena, const uint64_t keys[4]);

/* The slot of the keys, or the free slot where they would go. */
struct slot *table_slot(const struct table *table, const uint64_t keys[4]);

#endif
