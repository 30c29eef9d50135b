/* SPDX-License-Identifier: MIT */
/*
 * Prints differences for people: the conclusion, then by section a line for each, the values side by side.
 */
#ifndef VMWIRE_PROGRAM_DIFF_PRINT_TEXT_H
#define VMWIRE_PROGRAM_DIFF_PRINT_TEXT_H

#include "program/diff/difference.h"

/* `all`: nothing is folded. Needs no memory. */
void print_differences_text(const struct differences *differences,
                            const char *const files[SIDE_COUNT], bool all);

#endif
