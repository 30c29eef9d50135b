/*
 * Loads a description, the JSON at the end of a stream since QEMU 2.3. Knows nothing of streams.
 */
#ifndef VMWIRE_SCHEMA_DESCRIPTION_H
#define VMWIRE_SCHEMA_DESCRIPTION_H

#include <jansson.h>

#include "vmwire/schema.h"

/* Adds the description's devices to the schema. `root` may be released afterwards. Returns false
 * with `error` set (ERROR_SCHEMA or ERROR_LIMIT); the schema then has no device of the
 * description. */
bool load_description(struct schema *schema, json_t *root, struct error *error);

/* Adds the structure of the configuration record to the schema and returns it. It is built in
 * (grammar/configuration.json), because most descriptions do not have it. */
struct structure *load_configuration(struct schema *schema);

#endif
