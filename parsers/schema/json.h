/* SPDX-License-Identifier: MIT */
/*
 * Parses JSON with jansson, up to a limit of size. Knows nothing of schemas.
 */
#ifndef VMWIRE_SCHEMA_JSON_H
#define VMWIRE_SCHEMA_JSON_H

#include <jansson.h>

#include "vmwire/schema.h"

/* Parses a text. The caller releases the value with json_decref(). Returns NULL with `error` set:
 * VMWIRE_ERROR_LIMIT beyond VMWIRE_SCHEMA_JSON_LIMIT, VMWIRE_ERROR_SCHEMA when the text is not JSON (the offset is in
 * bytes of the text), VMWIRE_ERROR_MEMORY when memory runs out. */
json_t *parse_json(struct vmwire_bytes text, struct vmwire_error *error);

/* The type of a value with its article, for instance "an object". The string is constant. */
const char *json_type_name(const json_t *json);

#endif
