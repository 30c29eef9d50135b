/* SPDX-License-Identifier: MIT */
/*
 * Prints what differs for machines: an object or a row of CSV a difference.
 */
#ifndef VMWIRE_PROGRAM_SKEW_SKEW_JSON_H
#define VMWIRE_PROGRAM_SKEW_SKEW_JSON_H

#include "program/skew/crossing.h"

/* Prints the differences of all directions, then a summary of each. Returns false if memory runs out. */
bool print_skew_json(const struct crossing *crossings, size_t count);

/* Prints a heading, then the differences of all directions. */
void print_skew_csv(const struct crossing *crossings, size_t count);

#endif
