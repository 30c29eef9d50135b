/*
 * The output of -dump-vmstate as a source of a schema.
 */
#ifndef VMWIRE_SCHEMA_DUMP_H
#define VMWIRE_SCHEMA_DUMP_H

#include <jansson.h>

#include "vmwire/schema.h"

/* Adds its device types; false with `error` set, and the schema as it was. */
bool load_dump(struct schema *schema, json_t *root, struct error *error);

#endif
