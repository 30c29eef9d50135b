/* SPDX-License-Identifier: MIT */
/*
 * Sources of schemas as JSON that was parsed, so that several schemas can have one without parsing it again. vmwire.h does not
 * include this header, because it needs that of jansson.
 */
#ifndef VMWIRE_PARSED_SCHEMA_H
#define VMWIRE_PARSED_SCHEMA_H

#include <jansson.h>

#include "vmwire/schema.h"

#pragma GCC visibility push(default)

/* Parses a source that is no program and no stream. The caller releases the value with json_decref(). Returns NULL with `error`
 * set when the text is not JSON or too long (VMWIRE_ERROR_SCHEMA, VMWIRE_ERROR_LIMIT), or memory runs out. */
json_t *vmwire_schema_parse(struct vmwire_bytes json, struct vmwire_error *error);

/* Adds a source that was parsed: a description, a dump or declarations (vmwire_schema_add()), and leaves it to the caller. */
bool vmwire_schema_add_json(struct vmwire_schema *schema, json_t *root, struct vmwire_error *error);

/* The same for a made description (vmwire_schema_add_made_description()). */
bool vmwire_schema_add_made_json(struct vmwire_schema *schema, json_t *root,
                                 struct vmwire_error *error);

#pragma GCC visibility pop

#endif
