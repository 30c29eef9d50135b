/* SPDX-License-Identifier: MIT */
/*
 * Parses JSON up to a limit of size. Knows nothing of schemas.
 */
#include "schema/json.h"

#include "vmwire/json.h"

/* Without JSON_ALLOW_NUL jansson refuses a NUL in a string. So all strings are C strings. */
json_t *parse_json(struct vmwire_bytes text, struct vmwire_error *error)
{
    if (text.length <= VMWIRE_SCHEMA_JSON_LIMIT)
        return vmwire_json_parse(text, 0, error);
    vmwire_error_set(error, VMWIRE_ERROR_LIMIT, VMWIRE_ERROR_NO_OFFSET,
                     "%zu bytes of JSON; a schema has at most %zu", text.length,
                     VMWIRE_SCHEMA_JSON_LIMIT);
    return NULL;
}

const char *json_type_name(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a real number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    case JSON_NULL:
        return "null";
    }
    return "something else";
}
