/* SPDX-License-Identifier: MIT */
/*
 * Packs the required bytes of a step. A number takes seven bits of each byte, the lowest ones first; in a distance, the
 * lowest bit is its sign.
 */
#include "decide/packed_bytes.h"

#include <string.h>

enum { ROOM = 4 << 10 }; /* bytes that are taken of an arena at once, at least */

struct run {
    uint64_t offset;
    size_t length;
};

static size_t put_number(uint8_t *at, uint64_t number)
{
    size_t length = 0;
    for (; number >> 7; number >>= 7)
        at[length++] = (uint8_t)(number | 0x80);
    at[length++] = (uint8_t)number;
    return length;
}

static uint64_t take_number(const uint8_t **at)
{
    uint64_t number = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *(*at)++;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return number;
    }
}

static uint64_t distance(uint64_t from, uint64_t to)
{
    return to >= from ? (to - from) << 1 : (from - to) << 1 | 1;
}

static uint64_t go(uint64_t from, uint64_t distance)
{
    return distance & 1 ? from - (distance >> 1) : from + (distance >> 1);
}

static struct run first_run(const struct vmwire_required_byte *list, size_t count)
{
    struct run run = {list[0].offset, 1};
    while (run.length < count && list[run.length].offset == run.offset + run.length)
        run.length++;
    return run;
}

static void take_more_room(struct packing_room *room, struct vmwire_arena *arena, size_t length)
{
    room->left = length > ROOM ? length : ROOM;
    room->next = vmwire_arena_alloc(arena, room->left);
}

/* Packs the bytes; returns the length of the short form. */
static size_t pack_list(uint8_t *packed, const struct vmwire_required_byte *list, size_t count,
                        uint64_t near)
{
    uint8_t *at = packed;
    for (size_t i = 0; i < count;) {
        struct run run = first_run(list + i, count - i);
        at += put_number(at, distance(near, run.offset));
        at += put_number(at, run.length);
        for (size_t end = i + run.length; i < end; i++)
            *at++ = list[i].value;
        near = run.offset + run.length;
    }
    return (size_t)(at - packed);
}

const uint8_t *pack_bytes(struct packing_room *room, struct vmwire_arena *arena,
                          const struct vmwire_required_byte *list, size_t count, uint64_t near)
{
    enum { RUN = 10 + 2 + 1 }; /* the longest numbers, and a value */
    if (!count)
        return NULL;
    /* No form is longer than that of single bytes. */
    const size_t longest = count * RUN;
    if (room->left < longest)
        take_more_room(room, arena, longest);
    uint8_t *packed = room->next;
    size_t length = pack_list(packed, list, count, near);
    room->next += length;
    room->left -= length;
    return packed;
}

/* Reads a run up to its values. */
static struct run take_run(const uint8_t **at, uint64_t near)
{
    struct run run = {.offset = go(near, take_number(at))};
    run.length = (size_t)take_number(at);
    return run;
}

void unpack_bytes(struct vmwire_required_byte *list, const uint8_t *packed, size_t count,
                  uint64_t near)
{
    for (size_t i = 0; i < count;) {
        struct run run = take_run(&packed, near);
        near = run.offset + run.length;
        for (; run.offset < near; run.offset++)
            list[i++] = (struct vmwire_required_byte){run.offset, *packed++};
    }
}

bool find_packed_byte(const uint8_t *packed, size_t count, uint64_t near, uint64_t offset,
                      uint8_t last, uint8_t *value)
{
    for (size_t i = 0; i < count;) {
        struct run run = take_run(&packed, near);
        near = run.offset + run.length;
        if (offset >= run.offset && offset < near) {
            *value = i + (offset - run.offset) + 1 == count ? last : packed[offset - run.offset];
            return true;
        }
        packed += run.length;
        i += run.length;
    }
    return false;
}
