/*
 * The tree that `vmwire parse` prints, for people and for machines: a head, then item by item as
 * the reader hands them over. Both print to standard output.
 */
#ifndef VMWIRE_TREE_H
#define VMWIRE_TREE_H

#include "program.h"

enum { FOLD_BYTES = 32 }; /* of a value; --all shows all of it */

struct tree {
    const struct arguments *arguments;
    const char *file;
    struct bytes stream; /* offsets count from its begin */
};

static inline uint64_t tree_offset(const struct tree *tree, const uint8_t *data)
{
    return (uint64_t)(data - tree->stream.data);
}

void text_tree_begin(const struct tree *tree, const struct cost *cost);
void json_tree_begin(const struct tree *tree, const struct cost *cost);

/* For a sink, whose context is the struct tree. */
void text_tree_item(void *context, const struct item *item);
void json_tree_item(void *context, const struct item *item);

/* Bytes of each account that has any, a line each. */
void print_accounts(const struct cost *cost);

#endif
