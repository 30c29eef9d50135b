/* SPDX-License-Identifier: MIT */
/*
 * Adds up the bytes of all fields of a structure, which can make up for one another: where the sum is 0, the reader goes on in
 * step, and fields have changed their places.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_BYTE_BALANCE_H
#define VMWIRE_SKEW_LAYOUTS_BYTE_BALANCE_H

#include "skew/layouts/compared_rows.h"

/* Says what the differences of a structure, from `first` on, lead to together. Where their bytes add up to nothing, the reader
 * goes on in step: fields have moved. Where something that is not known can make up for them, nothing is certain. */
void settle(const struct rows *rows, size_t first);

#endif
