/*
 * Memory with one owner: everything allocated from an arena is released with it, or back to a mark.
 * Where memory runs out the process is aborted: every caller's use is bounded by its input, so
 * there is nothing that a caller could do better.
 */
#ifndef VMWIRE_ARENA_H
#define VMWIRE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONED 1
#endif
#endif
#ifdef ARENA_POISONED
#include <sanitizer/asan_interface.h>
#endif

struct arena_block;

/* Private to arena.c and to arena_alloc(): a reader makes a node for every field, so its usual case
 * is a comparison and an addition. */
struct arena {
    uint8_t *next; /* the first free byte; all bytes from here to `end` are zero */
    uint8_t *end;
    struct arena_block *block; /* that `next` points into; the blocks before it hang behind it */
    struct arena_block *spare; /* given back by resets, for the next time */
    size_t block_size;         /* of the next new block */
    uint64_t closed;           /* bytes handed out of the blocks before `block` */
    uint64_t released;         /* bytes given back by resets */
    uint64_t peak;             /* as of the last reset */
};

struct arena_mark {
    void *block;
    size_t used;
};

/* The caller owns the arena and ends it with arena_destroy(). */
struct arena *arena_create(void);
void arena_destroy(struct arena *arena);

/* `size` bytes, zeroed, aligned for any type; valid until the arena is destroyed or reset before
 * them. */
static inline void *arena_alloc(struct arena *arena, size_t size);

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

/* From here on arena_peak() tells the most since now; returns what is live now. */
uint64_t arena_forget_peak(struct arena *arena);

#define ARENA_ALIGNMENT ((size_t)16)

/* Makes a new block the one that memory is cut off. Private to arena_alloc(). */
void arena_add_block(struct arena *arena, size_t size);

static inline void *arena_alloc(struct arena *arena, size_t size)
{
    if (size == 0) /* still memory of its own */
        size = 1;
    /* What is left is a multiple of the alignment, so that what fits also fits when rounded up. */
    if (size > (size_t)(arena->end - arena->next))
        arena_add_block(arena, size);
    uint8_t *memory = arena->next;
    arena->next += (size + ARENA_ALIGNMENT - 1) & ~(ARENA_ALIGNMENT - 1);
#ifdef ARENA_POISONED
    __asan_unpoison_memory_region(memory, size);
#endif
    return memory;
}

#endif
