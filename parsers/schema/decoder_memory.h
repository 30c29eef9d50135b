/* SPDX-License-Identifier: MIT */
/*
 * Memory for capstone, which does not look at what malloc() returns in all places: it gets its few blocks from one that was
 * allocated before. Other users of capstone in the process go on with malloc().
 */
#ifndef VMWIRE_SCHEMA_DECODER_MEMORY_H
#define VMWIRE_SCHEMA_DECODER_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that a handle of capstone 4 or 5 needs, and more. */
enum { DECODER_MEMORY = 1 << 18 };

struct decoder_memory {
    uint8_t *bytes; /* DECODER_MEMORY */
    size_t used;
};

/* Has capstone take its memory from there in this thread; NULL: from malloc() again. Returns false when capstone refuses. */
bool use_decoder_memory(struct decoder_memory *memory);

#endif
