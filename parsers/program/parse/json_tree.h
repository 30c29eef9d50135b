/* SPDX-License-Identifier: MIT */
/*
 * Prints the tree for machines: a JSON object an item.
 */
#ifndef VMWIRE_PROGRAM_PARSE_JSON_TREE_H
#define VMWIRE_PROGRAM_PARSE_JSON_TREE_H

#include "program/parse/tree.h"

/* Both set `incomplete` and print no more if memory runs out. */
void print_json_head(struct tree *tree, const struct vmwire_cost *cost);

/* Prints an item; `context` is the struct tree, as a sink passes it. */
void print_json_item(void *context, const struct vmwire_item *item);

#endif
