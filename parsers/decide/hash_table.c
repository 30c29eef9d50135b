/* SPDX-License-Identifier: MIT */
/*
 * Open addressing with linear probing; doubles when it is half full.
 */
#include "decide/hash_table.h"

#include <string.h>

struct slot *table_slot(const struct table *table, const uint64_t keys[4])
{
    size_t i = hash_keys(keys) & (table->size - 1);
    while (table->slots[i].value &&
           memcmp(table->slots[i].keys, keys, sizeof(table->slots[i].keys)) != 0)
        i = (i + 1) & (table->size - 1);
    return &table->slots[i];
}

struct slot *table_find(struct table *table, struct vmwire_arena *arena, const uint64_t keys[4])
{
    if (2 * table->count >= table->size) {
        struct table grown = {.size = table->size ? 2 * table->size : 256, .count = table->count};
        grown.slots = vmwire_arena_alloc(arena, grown.size * sizeof(*grown.slots));
        for (size_t i = 0; i < table->size; i++)
            if (table->slots[i].value)
                *table_slot(&grown, table->slots[i].keys) = table->slots[i];
        *table = grown;
    }
    struct slot *slot = table_slot(table, keys);
    if (!slot->value) {
        memcpy(slot->keys, keys, sizeof(slot->keys));
        table->count++;
    }
    return slot;
}
