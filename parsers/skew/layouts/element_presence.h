/* SPDX-License-Identifier: MIT */
/*
 * Compares whether a field is there: one that a function of QEMU decides over, or the bytes before it.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_ELEMENT_PRESENCE_H
#define VMWIRE_SKEW_LAYOUTS_ELEMENT_PRESENCE_H

#include "skew/layouts/compared_rows.h"

/* Adds an element that both have, over which a function of QEMU decides on one side only, or otherwise on the other one. */
void compare_presence(const struct rows *rows, const struct element *writer,
                      const struct element *reader);

/* Adds the elements of one row that the other one does not have, and of which it is not known whether they are there. `others`: of
 * the row, as aligned. */
void compare_conditionals(const struct rows *rows, const struct elements *elements,
                          const int32_t *others);

#endif
