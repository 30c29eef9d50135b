/* SPDX-License-Identifier: MIT */
/*
 * Finds fields that both sides have in other places: what is read there is taken for something else.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_MOVED_FIELDS_H
#define VMWIRE_SKEW_LAYOUTS_MOVED_FIELDS_H

#include "skew/layouts/compared_rows.h"

/* The element of the reader's row that it is, which is none of the writer's in this place; NO_ELEMENT: there is none. */
int32_t find_moved(const struct rows *rows, const struct element *writer);

/* Whether the other row has the element, too, in another place. */
bool stands_elsewhere(const struct rows *rows, const struct elements *elements, size_t index);

/* Adds the fields that both have, in another order. `before`: how many differences there were before this structure. */
void compare_order(const struct rows *rows, size_t before);

#endif
