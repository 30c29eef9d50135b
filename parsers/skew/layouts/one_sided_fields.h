/* SPDX-License-Identifier: MIT */
/*
 * Compares runs of fields that only one side has: whether they are as many bytes as those of the other side in the same
 * place. Whether other runs make up for it is asked later (byte_balance.h).
 */
#ifndef VMWIRE_SKEW_LAYOUTS_ONE_SIDED_FIELDS_H
#define VMWIRE_SKEW_LAYOUTS_ONE_SIDED_FIELDS_H

#include "skew/layouts/compared_rows.h"

/* Adds what only one side has. */
void compare_others(const struct rows *rows);

#endif
