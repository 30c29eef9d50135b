/* SPDX-License-Identifier: MIT */
#include "schema/decoder_memory.h"

#include <capstone/capstone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The one thing that cannot be handed over: capstone's functions have no argument for it. */
static _Thread_local struct decoder_memory *in_use;

static void *allocate(size_t size)
{
    const size_t rounded = (size + 15) / 16 * 16;
    if (!in_use || size > DECODER_MEMORY || rounded > DECODER_MEMORY - in_use->used)
        return malloc(size);
    void *block = in_use->bytes + in_use->used;
    in_use->used += rounded;
    return block;
}

static void *allocate_zeros(size_t count, size_t size)
{
    if (!in_use || (size && count > DECODER_MEMORY / size))
        return calloc(count, size);
    void *block = allocate(count * size);
    if (block)
        memset(block, 0, count * size);
    return block;
}

static bool is_ours(const void *block)
{
    const uintptr_t at = (uintptr_t)block, first = in_use ? (uintptr_t)in_use->bytes : 0;
    return in_use && at >= first && at - first < DECODER_MEMORY;
}

static void release(void *block)
{
    if (!is_ours(block))
        free(block);
}

/* Capstone enlarges only lists of instructions, which are not asked for here. */
static void *reallocate(void *block, size_t size)
{
    return is_ours(block) ? NULL : realloc(block, size);
}

bool use_decoder_memory(struct decoder_memory *memory)
{
    static const cs_opt_mem functions = {allocate, allocate_zeros, reallocate, release, vsnprintf};
    in_use = memory;
    return !memory || cs_option(0, CS_OPT_MEM, (size_t)&functions) == CS_ERR_OK;
}
