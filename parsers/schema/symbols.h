/* SPDX-License-Identifier: MIT */
/*
 * The names in a schema. Each name is stored once, so that equal names are equal pointers. Knows
 * nothing of what they name.
 */
#ifndef VMWIRE_SCHEMA_SYMBOLS_H
#define VMWIRE_SCHEMA_SYMBOLS_H

#include "schema/loading.h"

/* Returns the symbol of a name of `length` bytes without a NUL. It lives as long as the schema. */
struct symbol *intern_name(struct vmwire_schema *schema, const char *text, size_t length);

#endif
