/* SPDX-License-Identifier: MIT */
/*
 * Prints the table of variants for machines.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_VARIANTS_JSON_H
#define VMWIRE_PROGRAM_COMPARE_VARIANTS_JSON_H

#include "program/compare/table.h"

/* Prints a line for each stream and variant, then one for each variant over all streams. Returns false when memory runs
 * out. */
bool print_variants_json(const struct table *table);

#endif
