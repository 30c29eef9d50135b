/* SPDX-License-Identifier: MIT */
/*
 * Prints the table of variants for people.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_VARIANTS_TEXT_H
#define VMWIRE_PROGRAM_COMPARE_VARIANTS_TEXT_H

#include "program/compare/table.h"

/* Prints each variant over all streams to standard output, and what the rows are. */
void print_variants_text(const struct table *table);

#endif
