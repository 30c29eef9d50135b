/* SPDX-License-Identifier: MIT */
/*
 * The arena inside the library: vmwire_arena_alloc() as an inline function, because a reader allocates a
 * node for every field. Knows nothing of the objects in the arena.
 */
#ifndef VMWIRE_BASE_ARENA_H
#define VMWIRE_BASE_ARENA_H

#include "vmwire/arena.h"

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

/* The members are private to arena.c and arena_take(). */
struct vmwire_arena {
    uint8_t *next; /* the first free byte; all bytes from here up to `end` are zero */
    uint8_t *end;
    struct arena_block *block;  /* the block of `next`; it links to the blocks before it */
    struct arena_block *spare;  /* blocks that a reset released, kept for reuse */
    size_t block_size;          /* bytes of the next new block */
    uint64_t closed;            /* bytes allocated in the blocks before `block` */
    uint64_t released;          /* bytes released by resets */
    uint64_t peak;              /* bytes allocated at one time, at most, up to the last reset */
    struct vmwire_arena *owner; /* NULL: the arena is an outermost one, and has the next members */
    struct arena_attempt *attempt; /* the innermost one; NULL: none */
    size_t refused;                /* bytes of the last allocation that failed */
    struct vmwire_arena *owned; /* the arenas that this one owns; they are linked by `next_owned` */
    struct vmwire_arena *next_owned;
};

#define ARENA_ALIGNMENT ((size_t)16) /* bytes */

/* Makes a block with `size` free bytes the current one. Returns false when memory runs out and there is no attempt to
 * leave. Private to arena_take(). */
bool arena_add_block(struct vmwire_arena *arena, size_t size);

/* Leaves the innermost attempt, as an allocation of so many bytes does when memory runs out. There must be an attempt. */
_Noreturn void arena_leave_attempt(struct vmwire_arena *arena, size_t bytes);

/* Restarts vmwire_arena_peak() from now on. Returns the bytes that are allocated now. */
uint64_t arena_forget_peak(struct vmwire_arena *arena);

/* vmwire_arena_alloc() as an inline function. */
static inline void *arena_take(struct vmwire_arena *arena, size_t size)
{
    if (size == 0) /* each allocation has its own address */
        size = 1;
    /* The rest of a block is a multiple of the alignment. So a size that fits also fits after
     * rounding up. */
    if (size > (size_t)(arena->end - arena->next) && !arena_add_block(arena, size))
        return NULL;
    uint8_t *memory = arena->next;
    arena->next += (size + ARENA_ALIGNMENT - 1) & ~(ARENA_ALIGNMENT - 1);
#ifdef ARENA_POISONED
    __asan_unpoison_memory_region(memory, size);
#endif
    return memory;
}

#endif
