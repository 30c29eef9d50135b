/* SPDX-License-Identifier: MIT */
/*
 * The stream around the cause, as lines with offsets.
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_TREE_LINES_H
#define VMWIRE_PROGRAM_EXPLAIN_TREE_LINES_H

#include "program/explain/explanation.h"

/* Makes explanation->tree. Returns false with the error reported when memory runs out. */
bool make_tree_lines(struct explanation *explanation);

/* The path of the field that has the byte of the stream that was read; NULL: none has it. */
const char *name_field_at(const struct explanation *explanation, uint64_t offset);

#endif
