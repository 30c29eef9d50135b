/*
 * Loads a dump, the output of `-dump-vmstate`. Knows nothing of descriptions and streams.
 */
#ifndef VMWIRE_SCHEMA_DUMP_H
#define VMWIRE_SCHEMA_DUMP_H

#include <jansson.h>

#include "vmwire/schema.h"

/* Adds the dump's device types to the schema. `root` may be released afterwards. Returns false with
 * `error` set (ERROR_SCHEMA or ERROR_LIMIT); the schema then has no device type of the dump. */
bool load_dump(struct schema *schema, json_t *root, struct error *error);

#endif
