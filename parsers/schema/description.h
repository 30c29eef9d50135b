/* SPDX-License-Identifier: MIT */
/*
 * Loads a description, the JSON at the end of a stream since QEMU 2.3. Knows nothing of streams.
 */
#ifndef VMWIRE_SCHEMA_DESCRIPTION_H
#define VMWIRE_SCHEMA_DESCRIPTION_H

#include <jansson.h>

#include "vmwire/schema.h"

/* Adds the description's devices to the schema. `root` may be released afterwards. Returns false
 * with `error` set (VMWIRE_ERROR_SCHEMA or VMWIRE_ERROR_LIMIT); the schema then has no device of the
 * description. */
bool load_description(struct vmwire_schema *schema, json_t *root, struct vmwire_error *error);

/* Adds the structure of the configuration record to the schema and returns it. It is built in
 * (grammar/configuration.json), because most descriptions do not have it. */
struct vmwire_structure *load_configuration(struct vmwire_schema *schema);

#endif
