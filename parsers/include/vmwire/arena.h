/* SPDX-License-Identifier: MIT */
/*
 * An arena: a memory allocator that releases everything at once, or everything allocated after a
 * mark. Knows nothing of the objects in it.
 *
 * When memory runs out, an allocation within an attempt (vmwire_arena_attempt) does not return: it leaves the attempt.
 * So code that allocates often need not check each allocation. Without an attempt, the allocation returns NULL.
 */
#ifndef VMWIRE_ARENA_H
#define VMWIRE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/error.h"

#pragma GCC visibility push(default)

struct vmwire_arena;

/* A position in an arena. vmwire_arena_reset() returns to it. */
struct vmwire_arena_mark {
    void *block;
    size_t used;
};

/* Makes an empty arena. The caller owns it and releases it with vmwire_arena_destroy(). Returns NULL when memory runs
 * out. */
struct vmwire_arena *vmwire_arena_create(void);

/* Makes an empty arena that `owner` owns: it is destroyed with its owner, if not before. An allocation from it fails as
 * one from its owner does, and so does this function. A reset of the owner does not touch it. */
struct vmwire_arena *vmwire_arena_create_within(struct vmwire_arena *owner);

/* Releases the arena, the arenas that it owns, and all memory allocated from them. Does nothing when `arena` is
 * NULL. */
void vmwire_arena_destroy(struct vmwire_arena *arena);

/*
 * Runs `body`, and returns what it returns. When an allocation from `arena` fails meanwhile, or one from an arena that
 * has the same outermost owner, `body` is left at once (by longjmp), and the result is false with `error` set
 * (VMWIRE_ERROR_MEMORY). So what `body` is to release otherwise than with the arena must be known outside of it, in
 * `context` for instance. What was allocated before the failure stays allocated.
 *
 * Attempts nest: a failure leaves the innermost one only. Each public function of this library that sets an error makes
 * an attempt of its own. A callback from such a function may allocate from the arena that the function was given. From an
 * arena without a common owner it may allocate only within an attempt of its own: otherwise a failure would leave the
 * function too, which could then release nothing.
 */
bool vmwire_arena_attempt(struct vmwire_arena *arena, bool (*body)(void *context), void *context,
                          struct vmwire_error *error);

/* Allocates `size` bytes, zeroed and aligned for any type. They are valid until the arena is
 * destroyed, or reset to a mark taken before this call. When memory runs out, leaves the innermost attempt; returns NULL
 * if there is none. So do the next three functions. */
void *vmwire_arena_alloc(struct vmwire_arena *arena, size_t size);

/* Copies `length` bytes of `text` into the arena and adds a NUL. */
char *vmwire_arena_string(struct vmwire_arena *arena, const char *text, size_t length);

/* Formats a text into the arena as printf does. */
char *vmwire_text(struct vmwire_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

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
