/* SPDX-License-Identifier: MIT */
/*
 * Prints differences for machines, in the order in which they are printed for people.
 */
#ifndef VMWIRE_PROGRAM_DIFF_PRINT_JSON_H
#define VMWIRE_PROGRAM_DIFF_PRINT_JSON_H

#include "program/diff/difference.h"

/* An object for each difference, and a summary. `all`: bytes are not folded. Returns false when memory runs out; then only some
 * are printed. */
bool print_differences_json(const struct differences *differences,
                            const char *const files[SIDE_COUNT], bool all);

/* A line for each difference, behind one with the names of the columns. */
void print_differences_csv(const struct differences *differences, bool all);

#endif
