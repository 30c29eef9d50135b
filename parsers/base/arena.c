/* SPDX-License-Identifier: MIT */
/*
 * Arenas: an allocation takes the first free bytes of the current block. Blocks become larger as
 * the arena grows. The free bytes of a block are always zero: a reset clears them, so that an
 * allocation need not. Arenas form trees of owners; the outermost one knows the attempts of its tree.
 * Knows nothing of the objects in the arena.
 */
#include "base/arena.h"

#include <assert.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    BLOCK_FIRST = 8 << 10, /* bytes */
    BLOCK_LIMIT = 1 << 20, /* bytes; blocks double up to this; only a larger request exceeds it */
};

#define SIZE_LIMIT (SIZE_MAX / 2) /* bytes of one allocation: no sum with a header overflows */

struct arena_block {
    struct arena_block *previous;
    size_t size; /* bytes of `data`; a multiple of ARENA_ALIGNMENT */
    size_t used; /* bytes allocated; not kept up to date for the current block */
    alignas(16) uint8_t data[];
};

/* Where to go on when an allocation fails. */
struct arena_attempt {
    jmp_buf place;
    struct arena_attempt *around;
};

static_assert(ARENA_ALIGNMENT % alignof(max_align_t) == 0, "arena memory must suit any type");

static size_t round_up_to_alignment(size_t size)
{
    return (size + ARENA_ALIGNMENT - 1) & ~(ARENA_ALIGNMENT - 1);
}

static void poison(const uint8_t *begin, const uint8_t *end)
{
#ifdef ARENA_POISONED
    __asan_poison_memory_region(begin, (size_t)(end - begin));
#else
    (void)begin;
    (void)end;
#endif
}

static void unpoison(const uint8_t *begin, const uint8_t *end)
{
#ifdef ARENA_POISONED
    __asan_unpoison_memory_region(begin, (size_t)(end - begin));
#else
    (void)begin;
    (void)end;
#endif
}

/* ---- Attempts ---- */

static struct vmwire_arena *outermost(struct vmwire_arena *arena)
{
    while (arena->owner != NULL)
        arena = arena->owner;
    return arena;
}

void arena_leave_attempt(struct vmwire_arena *arena, size_t bytes)
{
    struct vmwire_arena *outer = outermost(arena);
    assert(outer->attempt != NULL);
    outer->refused = bytes;
    longjmp(outer->attempt->place, 1);
}

/* What an allocation does when memory runs out. Returns if there is no attempt. */
static void refuse(struct vmwire_arena *arena, size_t bytes)
{
    if (outermost(arena)->attempt != NULL)
        arena_leave_attempt(arena, bytes);
}

bool vmwire_arena_attempt(struct vmwire_arena *arena, bool (*body)(void *context), void *context,
                          struct vmwire_error *error)
{
    struct vmwire_arena *outer = outermost(arena);
    struct arena_attempt attempt = {.around = outer->attempt};
    outer->attempt = &attempt;
    if (setjmp(attempt.place) != 0) {
        outer->attempt = attempt.around;
        return vmwire_error_set_memory(error, outer->refused);
    }
    bool result = body(context);
    outer->attempt = attempt.around;
    return result;
}

/* ---- Blocks ---- */

/* Returns NULL when memory runs out. */
static struct arena_block *block_create(size_t size)
{
    struct arena_block *block = calloc(1, sizeof(*block) + size);
    if (block == NULL)
        return NULL;
    block->size = size;
    poison(block->data, block->data + size);
    return block;
}

static void block_destroy(struct arena_block *block)
{
    unpoison(block->data, block->data + block->size);
    free(block);
}

/* Releases the bytes of a block from `begin` up to `end`. */
static void block_clear(struct arena_block *block, size_t begin, size_t end)
{
    assert(block != NULL);
    unpoison(block->data + begin, block->data + end);
    memset(block->data + begin, 0, end - begin);
    poison(block->data + begin, block->data + end);
}

/* A new arena has no block. */
static size_t used_in_current_block(const struct vmwire_arena *arena)
{
    return arena->block ? (size_t)(arena->next - arena->block->data) : 0;
}

static uint64_t live_bytes(const struct vmwire_arena *arena)
{
    return arena->closed + used_in_current_block(arena);
}

static void use_block(struct vmwire_arena *arena, struct arena_block *block, size_t used)
{
    arena->block = block;
    arena->next = block ? block->data + used : NULL;
    arena->end = block ? block->data + block->size : NULL;
}

/* ---- Arenas ---- */

struct vmwire_arena *vmwire_arena_create(void)
{
    struct vmwire_arena *arena = calloc(1, sizeof(*arena));
    if (arena != NULL)
        arena->block_size = BLOCK_FIRST;
    return arena;
}

struct vmwire_arena *vmwire_arena_create_within(struct vmwire_arena *owner)
{
    struct vmwire_arena *arena = vmwire_arena_create();
    if (arena == NULL) {
        refuse(owner, sizeof(*arena));
        return NULL;
    }
    arena->owner = owner;
    arena->next_owned = owner->owned;
    owner->owned = arena;
    return arena;
}

static void destroy_blocks(struct arena_block *block)
{
    while (block != NULL) {
        struct arena_block *previous = block->previous;
        block_destroy(block);
        block = previous;
    }
}

static void leave_owner(struct vmwire_arena *arena)
{
    struct vmwire_arena **link = &arena->owner->owned;
    while (*link != arena)
        link = &(*link)->next_owned;
    *link = arena->next_owned;
}

void vmwire_arena_destroy(struct vmwire_arena *arena)
{
    if (arena == NULL)
        return;
    while (arena->owned !=
           NULL) { /* the number of owners is that of functions that call each other */
        struct vmwire_arena *owned = arena->owned;
        arena->owned = owned->next_owned;
        owned->owner = NULL;
        vmwire_arena_destroy(owned);
    }
    if (arena->owner != NULL)
        leave_owner(arena);
    destroy_blocks(arena->block);
    destroy_blocks(arena->spare);
    free(arena);
}

/* Returns a block with `size` free bytes: a spare one, or a new one; NULL when memory runs out. */
static struct arena_block *take_free_block(struct vmwire_arena *arena, size_t size)
{
    if (arena->spare != NULL && size <= arena->spare->size) {
        struct arena_block *block = arena->spare;
        arena->spare = block->previous;
        return block;
    }
    if (size > arena->block_size)
        return block_create(round_up_to_alignment(size));
    struct arena_block *block = block_create(arena->block_size);
    if (block != NULL && arena->block_size < BLOCK_LIMIT)
        arena->block_size *= 2;
    return block;
}

bool arena_add_block(struct vmwire_arena *arena, size_t size)
{
    struct arena_block *block = size <= SIZE_LIMIT ? take_free_block(arena, size) : NULL;
    if (block == NULL) {
        refuse(arena, size);
        return false;
    }
    if (arena->block) {
        arena->block->used = used_in_current_block(arena);
        arena->closed += arena->block->used;
    }
    block->previous = arena->block;
    use_block(arena, block, 0);
    return true;
}

/* Gives the memory of a large array back to the kernel at once, and keeps its addresses. It holds zeros then. */
static void forget_pages(uint8_t *array, size_t size)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *first = array + (page - (uintptr_t)array % page) % page;
    if (size > BLOCK_LIMIT)
        madvise(first, (size_t)(array + size - first) / page * page, MADV_DONTNEED);
}

void *vmwire_arena_grow(struct vmwire_arena *arena, void *array, size_t count, size_t *room,
                        size_t element_size)
{
    if (count < *room)
        return array;
    size_t size = *room > 0 ? 2 * *room : 64;
    /* A size that overflows is refused as one that is too large. */
    bool fits = *room <= SIZE_LIMIT / 2 && size <= SIZE_LIMIT / element_size;
    void *grown = vmwire_arena_alloc(arena, fits ? size * element_size : SIZE_MAX);
    if (grown == NULL)
        return NULL;
    if (count > 0) {
        memcpy(grown, array, count * element_size);
        forget_pages(array, count * element_size);
    }
    *room = size;
    return grown;
}

void *vmwire_arena_alloc(struct vmwire_arena *arena, size_t size)
{
    return arena_take(arena, size);
}

char *vmwire_arena_string(struct vmwire_arena *arena, const char *text, size_t length)
{
    char *copy = vmwire_arena_alloc(arena, length < SIZE_MAX ? length + 1 : length);
    if (copy != NULL)
        memcpy(copy, text, length);
    return copy;
}

char *vmwire_text(struct vmwire_arena *arena, const char *format, ...)
{
    va_list values, again;
    va_start(values, format);
    va_copy(again, values);
    const size_t size = (size_t)vsnprintf(NULL, 0, format, values) + 1;
    va_end(values);
    /* Within an attempt this does not return when memory runs out; `again` has nothing to release. */
    char *text = vmwire_arena_alloc(arena, size);
    if (text != NULL)
        vsnprintf(text, size, format, again);
    va_end(again);
    return text;
}

struct vmwire_arena_mark vmwire_arena_mark(const struct vmwire_arena *arena)
{
    return (struct vmwire_arena_mark){.block = arena->block, .used = used_in_current_block(arena)};
}

void vmwire_arena_reset(struct vmwire_arena *arena, struct vmwire_arena_mark mark)
{
    uint64_t before = live_bytes(arena);
    if (before > arena->peak)
        arena->peak = before;

    while (arena->block != mark.block) {
        struct arena_block *block = arena->block;
        assert(block != NULL && "the mark is of another arena, or was reset before");
        size_t cleared = used_in_current_block(arena);
        size_t used = block->previous != NULL ? block->previous->used : 0;
        use_block(arena, block->previous, used);
        arena->closed -= used;
        if (block->size > BLOCK_LIMIT) {
            block_destroy(block);
        } else {
            block_clear(block, 0, cleared);
            block->previous = arena->spare;
            arena->spare = block;
        }
    }
    assert(mark.used <= used_in_current_block(arena));
    if (arena->block)
        block_clear(arena->block, mark.used, used_in_current_block(arena));
    use_block(arena, arena->block, mark.used);
    arena->released += before - live_bytes(arena);
}

uint64_t vmwire_arena_total(const struct vmwire_arena *arena)
{
    return arena->released + live_bytes(arena);
}

uint64_t arena_forget_peak(struct vmwire_arena *arena)
{
    arena->peak = live_bytes(arena);
    return arena->peak;
}

uint64_t vmwire_arena_peak(const struct vmwire_arena *arena)
{
    uint64_t now = live_bytes(arena);
    return now > arena->peak ? now : arena->peak;
}
