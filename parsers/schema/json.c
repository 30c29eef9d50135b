/* SPDX-License-Identifier: MIT */
/*
 * Parses JSON with jansson. Knows nothing of schemas.
 */
#include "schema/json.h"

/* Without JSON_ALLOW_NUL jansson refuses a NUL in a string. So all strings are C strings. */
json_t *parse_json(struct vmwire_bytes text, struct vmwire_error *error)
{
    if (text.length > VMWIRE_SCHEMA_JSON_LIMIT) {
        vmwire_error_set(error, VMWIRE_ERROR_LIMIT, VMWIRE_ERROR_NO_OFFSET,
                         "%zu bytes of JSON; a schema has at most %zu", text.length,
                         VMWIRE_SCHEMA_JSON_LIMIT);
        return NULL;
    }
    json_error_t json_error;
    json_t *root = json_loadb((const char *)text.data, text.length, 0, &json_error);
    if (root == NULL) {
        uint64_t offset =
            json_error.position < 0 ? VMWIRE_ERROR_NO_OFFSET : (uint64_t)json_error.position;
        vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, offset, "not JSON: %s", json_error.text);
        return NULL;
    }
    return root;
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
