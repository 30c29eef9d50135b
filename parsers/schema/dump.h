/* SPDX-License-Identifier: MIT */
/*
 * Loads a dump, the output of `-dump-vmstate`. Knows nothing of descriptions and streams.
 */
#ifndef VMWIRE_SCHEMA_DUMP_H
#define VMWIRE_SCHEMA_DUMP_H

#include <jansson.h>

#include "vmwire/schema.h"

/* Adds the dump's device types to the schema. `root` may be released afterwards. Returns false with
 * `error` set (VMWIRE_ERROR_SCHEMA or VMWIRE_ERROR_LIMIT); the schema then has no device type of the dump. */
bool load_dump(struct vmwire_schema *schema, json_t *root, struct vmwire_error *error);

#endif
