/*
 * The arena as the library uses it: the usual case of an allocation is inlined, because a reader makes a
 * node for every field.
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

/* Private to arena.c and to arena_take(). */
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

#define ARENA_ALIGNMENT ((size_t)16)

/* Makes a new block, from which the next pieces are taken. Private to arena_take(). */
void arena_add_block(struct arena *arena, size_t size);

/* From here on arena_peak() tells the most since now; returns how many bytes are live now. */
uint64_t arena_forget_peak(struct arena *arena);

/* arena_alloc(), inlined. */
static inline void *arena_take(struct arena *arena, size_t size)
{
    if (size == 0) /* still memory of its own */
        size = 1;
    /* The rest of a block is a multiple of the alignment: a size that fits also fits when rounded up. */
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
