/* SPDX-License-Identifier: MIT */
/*
 * An arena: a memory allocator that releases everything at once, or everything allocated after a
 * mark. When memory runs out, the arena aborts the process. The callers bound their use by the size
 * of their input, so no caller could do better. Knows nothing of the objects in it.
 */
#ifndef VMWIRE_ARENA_H
#define VMWIRE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

struct vmwire_arena;

/* A position in an arena. vmwire_arena_reset() returns to it. */
struct vmwire_arena_mark {
    void *block;
    size_t used;
};

/* Makes an empty arena. The caller owns it and releases it with vmwire_arena_destroy(). */
struct vmwire_arena *vmwire_arena_create(void);

/* Releases the arena and all memory allocated from it. Does nothing when `arena` is NULL. */
void vmwire_arena_destroy(struct vmwire_arena *arena);

/* Allocates `size` bytes, zeroed and aligned for any type. They are valid until the arena is
 * destroyed, or reset to a mark taken before this call. Never returns NULL. */
void *vmwire_arena_alloc(struct vmwire_arena *arena, size_t size);

/* Copies `length` bytes of `text` into the arena and adds a NUL. */
char *vmwire_arena_string(struct vmwire_arena *arena, const char *text, size_t length);

/* Makes room for one more element in an array. `count` is the number of elements in use, `*room`
 * the number that fit, `element_size` the bytes of one. Returns `array` when there is room.
 * Otherwise doubles `*room` and returns a larger copy; the old array is void then. */
void *vmwire_arena_grow(struct vmwire_arena *arena, void *array, size_t count, size_t *room,
                        size_t element_size);

/* vmwire_arena_mark() returns the current position. vmwire_arena_reset() releases everything allocated after the
 * mark was taken. A mark is no longer valid after a reset to an earlier one. */
struct vmwire_arena_mark vmwire_arena_mark(const struct vmwire_arena *arena);
void vmwire_arena_reset(struct vmwire_arena *arena, struct vmwire_arena_mark mark);

/* vmwire_arena_total() returns the bytes allocated since creation; a reset does not lower it. vmwire_arena_peak()
 * returns the largest number of bytes that were allocated at one time. Both count each allocation
 * rounded up to a multiple of 16 bytes. */
uint64_t vmwire_arena_total(const struct vmwire_arena *arena);
uint64_t vmwire_arena_peak(const struct vmwire_arena *arena);

#pragma GCC visibility pop

#endif
