/* SPDX-License-Identifier: MIT */
/*
 * Makes JSON values with jansson and prints them. Escapes also the characters that a terminal would obey,
 * although JSON does not ask for it: jansson escapes those that are not ASCII, DEL is escaped here.
 */
#include "program/shared/json_line.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "program/shared/terminal_text.h"

/* ---- Values ------------------------------------------------------------------------------------ */

static void give_up(json_t **container)
{
    json_decref(*container);
    *container = NULL;
}

void put_json(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value) != 0)
        give_up(object);
}

void append_json(json_t **array, json_t *value)
{
    if (json_array_append_new(*array, value) != 0)
        give_up(array);
}

/* Replaces each byte that is not UTF-8. */
static json_t *make_repaired_text(struct vmwire_bytes bytes)
{
    static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
    uint32_t character;
    size_t length = 0;
    char *text = malloc(bytes.length * (sizeof(replacement) - 1));
    for (size_t taken; text && bytes.length; bytes.data += taken, bytes.length -= taken) {
        taken = decode_character(bytes, &character);
        size_t written = taken ? taken : sizeof(replacement) - 1;
        memcpy(text + length, taken ? (const char *)bytes.data : replacement, written);
        length += written;
        taken += !taken;
    }
    json_t *value = text ? json_stringn(text, length) : NULL;
    free(text);
    return value;
}

static bool is_utf8(struct vmwire_bytes bytes)
{
    uint32_t character;
    for (size_t taken; bytes.length; bytes.data += taken, bytes.length -= taken)
        if (!(taken = decode_character(bytes, &character)))
            return false;
    return true;
}

static json_t *make_text(struct vmwire_bytes bytes)
{
    if (!bytes.length)
        return json_string("");
    return is_utf8(bytes) ? json_stringn((const char *)bytes.data, bytes.length)
                          : make_repaired_text(bytes);
}

void put_json_text(json_t **object, const char *key, struct vmwire_bytes text)
{
    put_json(object, key, make_text(text));
}

void put_json_name(json_t **object, const char *key, struct vmwire_bytes name)
{
    char hex_key[64];
    put_json_text(object, key, name);
    if (is_utf8(name))
        return;
    snprintf(hex_key, sizeof(hex_key), "%s_hex", key);
    put_json_hex(object, hex_key, name);
}

void put_json_string(json_t **object, const char *key, const char *name)
{
    if (name)
        put_json_name(object, key, vmwire_bytes_of_string(name));
    else
        put_json_null(object, key);
}

void put_json_unsigned(json_t **object, const char *key, uint64_t number)
{
    char text[32];
    snprintf(text, sizeof(text), "0x%" PRIx64, number);
    put_json(object, key,
             number > INT64_MAX ? json_string(text) : json_integer((json_int_t)number));
}

void put_json_signed(json_t **object, const char *key, int64_t number)
{
    put_json(object, key, json_integer(number));
}

void put_json_real(json_t **object, const char *key, double number)
{
    put_json(object, key, isfinite(number) ? json_real(number) : json_null());
}

void put_json_boolean(json_t **object, const char *key, bool truth)
{
    put_json(object, key, json_boolean(truth));
}

void put_json_null(json_t **object, const char *key)
{
    put_json(object, key, json_null());
}

void put_json_hex(json_t **object, const char *key, struct vmwire_bytes bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * bytes.length + 1);
    for (size_t i = 0; text && i < bytes.length; i++) {
        text[2 * i] = digits[bytes.data[i] >> 4];
        text[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    put_json(object, key, text ? json_stringn_nocheck(text, 2 * bytes.length) : NULL);
    free(text);
}

/* ---- Printing ---------------------------------------------------------------------------------- */

enum { DEL = 0x7f };

/* DEL stands in strings only. */
static void print_escaped(FILE *output, const char *text, size_t length)
{
    while (length) {
        const char *found = memchr(text, DEL, length);
        size_t plain = found ? (size_t)(found - text) : length;
        fwrite(text, 1, plain, output);
        if (found)
            fputs("\\u007f", output);
        plain += found != NULL;
        text += plain;
        length -= plain;
    }
}

/* Writes the text into `small`, or into memory of its own, which the caller frees. NULL: memory ran out. */
static char *dump(const json_t *value, size_t flags, char *small, size_t size, size_t *length)
{
    flags |= JSON_COMPACT | JSON_ENSURE_ASCII;
    bool empty = json_is_object(value) && !json_object_size(value) && flags & JSON_EMBED;
    *length = empty ? 0 : json_dumpb(value, small, size, flags);
    if (*length <= size)
        return *length || empty ? small : NULL;
    char *large = malloc(*length);
    if (large && json_dumpb(value, large, *length, flags) == *length)
        return large;
    free(large);
    return NULL;
}

bool print_json(FILE *output, json_t *value, size_t flags)
{
    char small[4096];
    size_t length;
    char *text = value ? dump(value, flags, small, sizeof(small), &length) : NULL;
    json_decref(value);
    if (text)
        print_escaped(output, text, length);
    if (text != small)
        free(text);
    return text != NULL;
}

bool print_json_line(FILE *output, json_t *line)
{
    bool printed = print_json(output, line, 0);
    if (printed)
        fputc('\n', output);
    return printed;
}
