/* SPDX-License-Identifier: MIT */
/*
 * Compares fields where one side is known from a dump alone, and the other one from its stream or its program. A dump has sizes
 * in memory, and tells neither how many elements a field has nor what its functions ask, so nothing of it is certain: a field
 * can be an array without an element, unused bytes that have made room for a new field, or two fields of one name of which one
 * is there.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_DUMPED_FIELDS_H
#define VMWIRE_SKEW_LAYOUTS_DUMPED_FIELDS_H

#include "skew/layouts/compared_rows.h"

/* Whether only one side of two is known from a dump alone. */
bool is_dump_against_wire(const struct waiting *of);

/* Adds what the fields of such sides differ in, as not decided. Pairs structures that have got another name. */
void compare_dumped_fields(const struct rows *rows);

#endif
