/* SPDX-License-Identifier: MIT */
/*
 * Writes JSON piece by piece. Keeps nothing, so an object may be larger than memory. The caller
 * closes whatever it opens, and checks ferror() of the output. Knows nothing of the values' meaning.
 *
 * `key` is NULL for an element of an array and for the outermost object.
 */
#ifndef VMWIRE_PROGRAM_SHARED_JSON_WRITER_H
#define VMWIRE_PROGRAM_SHARED_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "vmwire/bytes.h"

struct json_writer {
    FILE *output;
    bool needs_comma; /* the object or array has a value already */
};

void open_json_object(struct json_writer *json, const char *key);
void open_json_array(struct json_writer *json, const char *key);
void close_json_object(struct json_writer *json);
void close_json_array(struct json_writer *json);

/* Closes the outermost object and ends the line. */
void end_json_line(struct json_writer *json);

/* Writes a text. JSON holds UTF-8 only, so each other byte becomes U+FFFD. */
void write_json_text(struct json_writer *json, const char *key, struct vmwire_bytes text);

/* Writes a name: a text; if a byte was replaced, all bytes follow in hex under KEY_hex. So a name stands in
 * an object: `key` is not NULL. */
void write_json_name(struct json_writer *json, const char *key, struct vmwire_bytes name);
void write_json_string(struct json_writer *json, const char *key,
                       const char *name); /* NULL: null */

void write_json_unsigned(struct json_writer *json, const char *key, uint64_t number);
void write_json_signed(struct json_writer *json, const char *key, int64_t number);
void write_json_real(struct json_writer *json, const char *key, double number);
void write_json_boolean(struct json_writer *json, const char *key, bool truth);
void write_json_null(struct json_writer *json, const char *key);
void write_json_hex(struct json_writer *json, const char *key, struct vmwire_bytes bytes);

#endif
