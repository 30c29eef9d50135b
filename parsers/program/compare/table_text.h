/* SPDX-License-Identifier: MIT */
/*
 * Prints the decision table for people.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_TABLE_TEXT_H
#define VMWIRE_PROGRAM_COMPARE_TABLE_TEXT_H

#include "program/compare/table.h"

/* Prints each option over all streams, then each stream, to standard output. */
void print_table_text(const struct table *table);

#endif
