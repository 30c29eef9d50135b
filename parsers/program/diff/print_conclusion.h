/* SPDX-License-Identifier: MIT */
/*
 * Prints in a sentence what two streams differ in, by the counts of differences. Knows nothing of a single one.
 */
#ifndef VMWIRE_PROGRAM_DIFF_PRINT_CONCLUSION_H
#define VMWIRE_PROGRAM_DIFF_PRINT_CONCLUSION_H

#include "program/diff/difference.h"

void print_conclusion(const struct differences *differences);

#endif
