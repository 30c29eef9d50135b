/*
 * The description at the end of a stream as a source of a schema.
 */
#ifndef VMWIRE_SCHEMA_DESCRIPTION_H
#define VMWIRE_SCHEMA_DESCRIPTION_H

#include <jansson.h>

#include "vmwire/schema.h"

/* Adds its devices; false with `error` set, and the schema as it was. */
bool load_description(struct schema *schema, json_t *root, struct error *error);

/* The layout of the configuration record, which no description tells (grammar/configuration.json). */
struct structure *load_configuration(struct schema *schema);

#endif
