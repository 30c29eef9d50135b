/* SPDX-License-Identifier: MIT */
/*
 * Compares the numbers of elements of an array, or the length of a buffer, that both sides have.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_ELEMENT_COUNTS_H
#define VMWIRE_SKEW_LAYOUTS_ELEMENT_COUNTS_H

#include "skew/layouts/compared_rows.h"

/* Whether both streams have sent the number of elements: then the reader goes by it. */
bool both_send_count(const struct rows *rows, const struct element *writer,
                     const struct element *reader);

/* Whether the numbers of elements, or their bytes in these streams, are known not to be the same. */
bool have_other_counts(const struct element *writer, const struct element *reader);

/* Whether one side has always as many elements, and the other as many as something tells. */
bool is_counted_on_one_side(const struct element *writer, const struct element *reader);

/* Adds the difference of an element that both have, if there is one. */
void compare_counts(const struct rows *rows, const struct element *writer,
                    const struct element *reader);

#endif
