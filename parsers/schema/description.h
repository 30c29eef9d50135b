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

/* The same for one that vmwire has made: its fields can have the keys "class", "determines" and "unsteady", its
 * structures "unsteady_end" (vmwire/schema.h). */
bool load_made_description(struct vmwire_schema *schema, json_t *root, struct vmwire_error *error);

/* The structure of the configuration record is built in (grammar/configuration.json), because most descriptions do not
 * have it. parse_configuration() returns its JSON, which the caller releases; NULL with `error` set when memory runs out.
 * load_configuration() sets schema->configuration; it has no other error. */
json_t *parse_configuration(struct vmwire_error *error);
bool load_configuration(struct vmwire_schema *schema, json_t *root, struct vmwire_error *error);

#endif
