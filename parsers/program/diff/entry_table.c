/* SPDX-License-Identifier: MIT */
/*
 * A hash table with open addressing.
 */
#include "program/diff/entry_table.h"

#include <stdlib.h>

enum {
    ROOM_LEAST = 1 << 8,
    ROOM_MOST = 1 << 19, /* slots of 56 bytes, for 1.5 GiB of pages */
};

static uint64_t mix(uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= UINT64_C(0xd6e8feb86659fd93);
    hash ^= hash >> 32;
    hash *= UINT64_C(0xd6e8feb86659fd93);
    return hash ^ hash >> 32;
}

static struct table_slot *find_slot(struct table_slot *slots, size_t room, uint64_t key,
                                    uint32_t owner, uint64_t number)
{
    size_t at = key & (room - 1);
    while (slots[at].key && (slots[at].owner != owner || slots[at].number != number))
        at = (at + 1) & (room - 1);
    return &slots[at];
}

static enum table_answer make_room(struct entry_table *table)
{
    if (table->count < table->room / 4 * 3)
        return TABLE_TAKEN;
    if (table->room == ROOM_MOST)
        return TABLE_FULL;
    size_t room = table->room ? 2 * table->room : ROOM_LEAST;
    struct table_slot *slots = calloc(room, sizeof(*slots));
    if (!slots)
        return TABLE_NO_MEMORY;
    for (size_t i = 0; i < table->room; i++) {
        const struct table_slot *slot = &table->slots[i];
        if (slot->key)
            *find_slot(slots, room, slot->key, slot->owner, slot->number) = *slot;
    }
    free(table->slots);
    table->slots = slots;
    table->room = room;
    return TABLE_TAKEN;
}

/* An encoding counts with all that was sent before it: it can be changes of that. */
static void set_content(struct content *own, struct content content)
{
    uint64_t before = own->class == CONTENT_ENCODED ? own->digest : own->class;
    if (content.class != CONTENT_ENCODED) {
        *own = content;
        return;
    }
    if (own->class == CONTENT_BYTES || own->class == CONTENT_FILL)
        before = vmwire_fingerprint((struct vmwire_bytes){own->data, own->length});
    *own = content;
    own->digest ^= mix(before + 1);
}

enum table_answer put_entry(struct entry_table *table, int side, uint32_t owner, uint64_t number,
                            struct content content)
{
    uint64_t key = mix(mix(owner + UINT64_C(1)) ^ number);
    if ((key >> 32) % table->shares != table->share)
        return TABLE_TAKEN;
    key += !key;
    enum table_answer answer = make_room(table);
    if (answer != TABLE_TAKEN)
        return answer;
    struct table_slot *slot = find_slot(table->slots, table->room, key, owner, number);
    table->count += !slot->key;
    slot->key = key;
    slot->owner = owner;
    slot->number = number;
    set_content(&slot->content[side], content);
    return TABLE_TAKEN;
}

void clear_table(struct entry_table *table)
{
    if (table->slots)
        memset(table->slots, 0, table->room * sizeof(*table->slots));
    table->count = 0;
}

void free_table(struct entry_table *table)
{
    free(table->slots);
    table->slots = NULL;
    table->room = table->count = 0;
}

static bool is_filled(struct content bytes, uint8_t fill)
{
    return bytes.length && bytes.data[0] == fill &&
           memcmp(bytes.data, bytes.data + 1, bytes.length - 1) == 0;
}

static bool contents_equal(struct content a, struct content b)
{
    if (a.class == CONTENT_FILL && b.class == CONTENT_BYTES)
        return is_filled(b, a.data[0]);
    if (a.class == CONTENT_BYTES && b.class == CONTENT_FILL)
        return is_filled(a, b.data[0]);
    return a.length == b.length && (!a.length || memcmp(a.data, b.data, a.length) == 0);
}

enum slot_answer compare_slot(const struct table_slot *slot)
{
    struct content a = slot->content[SIDE_A], b = slot->content[SIDE_B];
    if (!b.class)
        return SLOT_ONLY_A;
    if (!a.class)
        return SLOT_ONLY_B;
    bool encoded = a.class == CONTENT_ENCODED || b.class == CONTENT_ENCODED;
    if (encoded)
        return a.class == b.class && a.digest == b.digest ? SLOT_EQUAL : SLOT_NOT_COMPARED;
    return contents_equal(a, b) ? SLOT_EQUAL : SLOT_DIFFERS;
}
