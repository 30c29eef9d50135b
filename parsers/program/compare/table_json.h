/* SPDX-License-Identifier: MIT */
/*
 * Prints the decision table for machines.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_TABLE_JSON_H
#define VMWIRE_PROGRAM_COMPARE_TABLE_JSON_H

#include "program/compare/table.h"

/* Prints a JSON object a cell, then one an option, to standard output. Returns false if memory
 * ran out. */
bool print_table_json(const struct table *table);

#endif
