/*
 * The names that occur in a schema, each kept once: the same name is the same pointer.
 */
#ifndef VMWIRE_SCHEMA_SYMBOLS_H
#define VMWIRE_SCHEMA_SYMBOLS_H

#include "schema/loading.h"

/* The symbol of a name. */
struct symbol *intern(struct schema *schema, const char *text, size_t length);

#endif
