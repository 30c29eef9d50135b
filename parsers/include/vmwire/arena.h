/*
 * Memory with one owner: everything allocated from an arena is released with it, or back to a mark.
 * Where memory runs out the process is aborted: every caller's use is bounded by its input, so
 * there is nothing that a caller could do better.
 */
#ifndef VMWIRE_ARENA_H
#define VMWIRE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

struct arena;

struct arena_mark {
    void *block;
    size_t used;
};

/* The caller owns the arena and ends it with arena_destroy(). */
struct arena *arena_create(void);
void arena_destroy(struct arena *arena);

/* `size` bytes, zeroed, aligned for any type; valid until the arena is destroyed or reset before
 * them. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of `length` bytes of `text` with a NUL behind it. */
char *arena_string(struct arena *arena, const char *text, size_t length);

/* Room for one more element in an array of `count` that has room for `*room`: the array itself, or
 * a copy of twice the room. Grows only: the arrays before it stay until the arena is reset. */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t *room, size_t element_size);

/* Everything allocated after the mark was taken is released by arena_reset(). */
struct arena_mark arena_mark(const struct arena *arena);
void arena_reset(struct arena *arena, struct arena_mark mark);

/* Bytes handed out since creation (resets do not lower it), and the most that were live at one
 * time; each piece counts as rounded up to a multiple of 16. */
uint64_t arena_total(const struct arena *arena);
uint64_t arena_peak(const struct arena *arena);

#pragma GCC visibility pop

#endif
