/* SPDX-License-Identifier: MIT */
/*
 * Compares arrays of pointers: which of them are null.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_NULL_POINTERS_H
#define VMWIRE_SKEW_LAYOUTS_NULL_POINTERS_H

#include "skew/layouts/compared_rows.h"

/* The reader goes by its own pointers, but where a marker stands before each element. */
void compare_null_pointers(const struct rows *rows, const struct element *writer,
                           const struct element *reader);

#endif
