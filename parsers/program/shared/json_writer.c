/* SPDX-License-Identifier: MIT */
/*
 * Writes JSON piece by piece. Escapes also the characters that a terminal would obey, although JSON
 * does not ask for it.
 */
#include "program/shared/json_writer.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "program/shared/terminal_text.h"

/* ---- Strings ----------------------------------------------------------------------------------- */

static void write_character(FILE *output, struct vmwire_bytes bytes, uint32_t character)
{
    static const char shorts[][2] = {{'"', '"'},  {'\\', '\\'}, {'\b', 'b'}, {'\f', 'f'},
                                     {'\n', 'n'}, {'\r', 'r'},  {'\t', 't'}};
    for (size_t i = 0; i < sizeof(shorts) / sizeof(shorts[0]); i++)
        if (character == (uint32_t)shorts[i][0]) {
            fprintf(output, "\\%c", shorts[i][1]);
            return;
        }
    if (is_control_character(character))
        fprintf(output, "\\u%04" PRIx32, character);
    else
        fwrite(bytes.data, 1, bytes.length, output);
}

/* Counts the bytes that need no escape. */
static size_t count_plain_bytes(struct vmwire_bytes bytes)
{
    size_t length = 0;
    while (length < bytes.length && bytes.data[length] >= ' ' && bytes.data[length] < 0x7f &&
           bytes.data[length] != '"' && bytes.data[length] != '\\')
        length++;
    return length;
}

/* Returns false if a byte was replaced. */
static bool write_string(FILE *output, struct vmwire_bytes bytes)
{
    bool exact = true;
    fputc('"', output);
    while (bytes.length) {
        uint32_t character;
        size_t length = count_plain_bytes(bytes);
        if (length) {
            fwrite(bytes.data, 1, length, output);
        } else if ((length = decode_character(bytes, &character))) {
            write_character(output, (struct vmwire_bytes){bytes.data, length}, character);
        } else {
            fputs("\\ufffd", output);
            exact = false;
            length = 1;
        }
        bytes.data += length;
        bytes.length -= length;
    }
    fputc('"', output);
    return exact;
}

static void write_hex(FILE *output, struct vmwire_bytes bytes)
{
    static const char digits[] = "0123456789abcdef";
    char text[512];
    size_t length = 0;
    fputc('"', output);
    for (size_t i = 0; i < bytes.length; i++) {
        text[length++] = digits[bytes.data[i] >> 4];
        text[length++] = digits[bytes.data[i] & 15];
        if (length == sizeof(text) || i + 1 == bytes.length) {
            fwrite(text, 1, length, output);
            length = 0;
        }
    }
    fputc('"', output);
}

/* ---- Structure --------------------------------------------------------------------------------- */

/* Writes the comma and the key before a value. */
static void begin_value(struct json_writer *json, const char *key)
{
    if (json->needs_comma)
        fputc(',', json->output);
    json->needs_comma = true;
    if (key) {
        write_string(json->output, vmwire_bytes_of_string(key));
        fputc(':', json->output);
    }
}

static void open_bracket(struct json_writer *json, const char *key, char bracket)
{
    begin_value(json, key);
    fputc(bracket, json->output);
    json->needs_comma = false;
}

static void close_bracket(struct json_writer *json, char bracket)
{
    fputc(bracket, json->output);
    json->needs_comma = true;
}

void open_json_object(struct json_writer *json, const char *key)
{
    open_bracket(json, key, '{');
}

void open_json_array(struct json_writer *json, const char *key)
{
    open_bracket(json, key, '[');
}

void close_json_object(struct json_writer *json)
{
    close_bracket(json, '}');
}

void close_json_array(struct json_writer *json)
{
    close_bracket(json, ']');
}

void end_json_line(struct json_writer *json)
{
    fputs("}\n", json->output);
    json->needs_comma = false;
}

/* ---- Values ------------------------------------------------------------------------------------ */

void write_json_text(struct json_writer *json, const char *key, struct vmwire_bytes text)
{
    begin_value(json, key);
    write_string(json->output, text);
}

void write_json_name(struct json_writer *json, const char *key, struct vmwire_bytes name)
{
    assert(key); /* an element of an array has no key to put the bytes under */
    begin_value(json, key);
    if (write_string(json->output, name))
        return;
    fprintf(json->output, ",\"%s_hex\":", key);
    write_hex(json->output, name);
}

void write_json_string(struct json_writer *json, const char *key, const char *name)
{
    if (name)
        write_json_name(json, key, vmwire_bytes_of_string(name));
    else
        write_json_null(json, key);
}

void write_json_unsigned(struct json_writer *json, const char *key, uint64_t number)
{
    begin_value(json, key);
    fprintf(json->output, "%" PRIu64, number);
}

void write_json_signed(struct json_writer *json, const char *key, int64_t number)
{
    begin_value(json, key);
    fprintf(json->output, "%" PRId64, number);
}

void write_json_real(struct json_writer *json, const char *key, double number)
{
    char text[32];
    begin_value(json, key);
    snprintf(text, sizeof(text), "%.17g", number);
    fputs(text, json->output);
    if (!strpbrk(text, ".e")) /* some readers tell real numbers from integers */
        fputs(".0", json->output);
}

void write_json_boolean(struct json_writer *json, const char *key, bool truth)
{
    begin_value(json, key);
    fputs(truth ? "true" : "false", json->output);
}

void write_json_null(struct json_writer *json, const char *key)
{
    begin_value(json, key);
    fputs("null", json->output);
}

void write_json_hex(struct json_writer *json, const char *key, struct vmwire_bytes bytes)
{
    begin_value(json, key);
    write_hex(json->output, bytes);
}
