/* SPDX-License-Identifier: MIT */
/*
 * Prints the tree for people: a line for each item, record, value and subsection.
 */
#ifndef VMWIRE_PROGRAM_PARSE_TEXT_TREE_H
#define VMWIRE_PROGRAM_PARSE_TEXT_TREE_H

#include "program/parse/tree.h"

void print_text_head(const struct tree *tree, const struct vmwire_cost *cost);

/* Prints an item; `context` is the struct tree, as a sink passes it. */
void print_text_item(void *context, const struct vmwire_item *item);

#endif
