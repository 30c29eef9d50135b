/* SPDX-License-Identifier: MIT */
/*
 * Elements in words: name, type and size, for people. Decides nothing.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_ELEMENT_WORDS_H
#define VMWIRE_SKEW_LAYOUTS_ELEMENT_WORDS_H

#include "skew/layouts/compared_rows.h"

/* "name (type, size)". */
const char *describe_element(const struct rows *rows, const struct element *element);

/* The elements from `first` up to `end` that are on the wire, in words; NULL: there are none. */
const char *describe_run(const struct rows *rows, const struct elements *elements, size_t first,
                         size_t end);

/* Sets the fields of a run, between some that both sides have. */
void set_beside(const struct rows *rows, struct vmwire_difference *difference, struct run run);

#endif
