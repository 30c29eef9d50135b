/* SPDX-License-Identifier: MIT */
/*
 * The state of printing a tree. A tree has a head, then the items in the order in which the reader
 * hands them over.
 */
#ifndef VMWIRE_PROGRAM_PARSE_TREE_H
#define VMWIRE_PROGRAM_PARSE_TREE_H

#include "program/shared/arguments.h"

enum { FOLD_BYTES = 32 }; /* shown of a value, unless --all is given */

struct tree {
    const struct arguments *arguments;
    const char *file;
    struct vmwire_bytes stream; /* offsets count from its first byte */
    bool incomplete;            /* memory ran out, and the rest is not printed */
};

static inline uint64_t tree_offset(const struct tree *tree, const uint8_t *data)
{
    return (uint64_t)(data - tree->stream.data);
}

#endif
