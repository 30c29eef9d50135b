/* SPDX-License-Identifier: MIT */
/*
 * Parses JSON with jansson, and finds out whether memory has run out. Knows nothing of schemas.
 */
#include "schema/json.h"

#include <errno.h>
#include <string.h>

/* A text while jansson reads it. */
struct reading {
    struct vmwire_bytes left;
    bool out_of_memory;
};

/*
 * jansson does not say that memory has run out: it reports bad syntax, or leaves out a character of a string and goes on.
 * But malloc(3) sets errno. jansson clears errno when it converts a number. So it gets a number apart from what comes
 * before, and errno is looked at in between.
 */
static bool begins_number(uint8_t byte)
{
    return byte == '-' || (byte >= '0' && byte <= '9');
}

static size_t give_bytes(void *buffer, size_t size, void *context)
{
    struct reading *reading = context;
    reading->out_of_memory |= errno == ENOMEM;
    if (reading->out_of_memory)
        return (size_t)-1;
    if (reading->left.length == 0)
        return 0;
    size_t length = 1;
    while (length < size && length < reading->left.length &&
           !begins_number(reading->left.data[length]))
        length++;
    memcpy(buffer, reading->left.data, length);
    reading->left.data += length;
    reading->left.length -= length;
    return length;
}

/* Without JSON_ALLOW_NUL jansson refuses a NUL in a string. So all strings are C strings. */
json_t *parse_json(struct vmwire_bytes text, struct vmwire_error *error)
{
    if (text.length > VMWIRE_SCHEMA_JSON_LIMIT) {
        vmwire_error_set(error, VMWIRE_ERROR_LIMIT, VMWIRE_ERROR_NO_OFFSET,
                         "%zu bytes of JSON; a schema has at most %zu", text.length,
                         VMWIRE_SCHEMA_JSON_LIMIT);
        return NULL;
    }
    struct reading reading = {.left = text};
    json_error_t json_error;
    errno = 0;
    json_t *root = json_load_callback(give_bytes, &reading, 0, &json_error);
    if (reading.out_of_memory || errno == ENOMEM) {
        json_decref(root);
        vmwire_error_set(error, VMWIRE_ERROR_MEMORY, VMWIRE_ERROR_NO_OFFSET,
                         "out of memory: cannot parse %zu bytes of JSON", text.length);
        return NULL;
    }
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
