/* SPDX-License-Identifier: MIT */
/*
 * Makes JSON values with jansson and prints them, one object a line. Knows nothing of the values' meaning.
 *
 * Where memory runs out, a value is NULL, and so is the object or the array that it was put into. So only
 * whoever prints the line has to look: print_json_line() then returns false.
 */
#ifndef VMWIRE_PROGRAM_SHARED_JSON_LINE_H
#define VMWIRE_PROGRAM_SHARED_JSON_LINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "vmwire/bytes.h"

/* Puts a value into an object, behind those that are there, and takes it over. The key is UTF-8. */
void put_json(json_t **object, const char *key, json_t *value);

/* Appends a value to an array and takes it over. */
void append_json(json_t **array, json_t *value);

/* Puts a text. JSON holds UTF-8 only, so each other byte becomes U+FFFD. */
void put_json_text(json_t **object, const char *key, struct vmwire_bytes text);

/* Puts a name: a text; if a byte was replaced, all bytes follow in hex under KEY_hex. */
void put_json_name(json_t **object, const char *key, struct vmwire_bytes name);
void put_json_string(json_t **object, const char *key, const char *name); /* NULL: null */

/* Puts a number. JSON has no limit, but many readers stop at 2^63 - 1: a larger number is a string, "0x" and
 * its hexadecimal digits. */
void put_json_unsigned(json_t **object, const char *key, uint64_t number);
void put_json_signed(json_t **object, const char *key, int64_t number);
void put_json_real(json_t **object, const char *key, double number); /* infinite: null */
void put_json_boolean(json_t **object, const char *key, bool truth);
void put_json_null(json_t **object, const char *key);
void put_json_hex(json_t **object, const char *key, struct vmwire_bytes bytes);

/* Prints the object on a line of its own and gives it up. Returns false if memory ran out: nothing is printed then. The
 * caller checks ferror() of the output. */
bool print_json_line(FILE *output, json_t *line);

/* Prints a value and gives it up; `flags` are jansson's. Prints ASCII only, without any character that moves
 * the cursor of a terminal. Returns false if memory ran out: nothing is printed then. */
bool print_json(FILE *output, json_t *value, size_t flags);

#endif
