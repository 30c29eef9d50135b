/*
 * JSON texts: parsed by jansson within a limit, errors with their offset.
 */
#ifndef VMWIRE_SCHEMA_JSON_H
#define VMWIRE_SCHEMA_JSON_H

#include <jansson.h>

#include "vmwire/schema.h"

/* The JSON value of a text, for json_decref(); NULL with `error` set. */
json_t *parse_json(struct bytes text, struct error *error);

/* The type of a value, in words. */
const char *json_type_name(const json_t *json);

#endif
