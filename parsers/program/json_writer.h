/*
 * JSON as it is written: nothing is kept, so an object may be larger than memory. Whoever calls
 * opens and closes in pairs. Knows nothing of what is written, nor whether it could be: that is
 * ferror() of the file.
 *
 * `key` is NULL for an element of an array and for the outermost object.
 */
#ifndef VMWIRE_JSON_WRITER_H
#define VMWIRE_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bytes.h"

struct json_writer {
    FILE *output;
    bool follows; /* something precedes in the same object or array: a comma comes first */
};

void json_writer_open_object(struct json_writer *json, const char *key);
void json_writer_open_array(struct json_writer *json, const char *key);
void json_writer_close_object(struct json_writer *json);
void json_writer_close_array(struct json_writer *json);

/* Closes the outermost object and its line. */
void json_writer_end_line(struct json_writer *json);

/* Bytes that are not UTF-8, which JSON cannot hold, become U+FFFD each. */
void json_writer_text(struct json_writer *json, const char *key, struct bytes text);

/* The same for what names something; where a byte was replaced, all of them follow as KEY_hex. */
void json_writer_name(struct json_writer *json, const char *key, struct bytes name);
void json_writer_string(struct json_writer *json, const char *key, const char *name);

void json_writer_unsigned(struct json_writer *json, const char *key, uint64_t number);
void json_writer_signed(struct json_writer *json, const char *key, int64_t number);
void json_writer_real(struct json_writer *json, const char *key, double number);
void json_writer_boolean(struct json_writer *json, const char *key, bool truth);
void json_writer_null(struct json_writer *json, const char *key);
void json_writer_hex(struct json_writer *json, const char *key, struct bytes bytes);

#endif
