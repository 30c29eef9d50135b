/*
 * JSON as it is written. What a terminal would act on is escaped also where JSON need not.
 */
#include "json_writer.h"

#include <inttypes.h>
#include <string.h>

#include "text.h"

/* ---- Strings -----------------------------------------------------------------------------------
 */

static void put_character(FILE *output, struct bytes bytes, uint32_t character)
{
    static const char shorts[][2] = {{'"', '"'},  {'\\', '\\'}, {'\b', 'b'}, {'\f', 'f'},
                                     {'\n', 'n'}, {'\r', 'r'},  {'\t', 't'}};
    for (size_t i = 0; i < sizeof(shorts) / sizeof(shorts[0]); i++)
        if (character == (uint32_t)shorts[i][0]) {
            fprintf(output, "\\%c", shorts[i][1]);
            return;
        }
    if (text_is_control(character))
        fprintf(output, "\\u%04" PRIx32, character);
    else
        fwrite(bytes.data, 1, bytes.length, output);
}

/* How many bytes stand for themselves. */
static size_t plain_length(struct bytes bytes)
{
    size_t length = 0;
    while (length < bytes.length && bytes.data[length] >= ' ' && bytes.data[length] < 0x7f &&
           bytes.data[length] != '"' && bytes.data[length] != '\\')
        length++;
    return length;
}

/* False when a byte had to be replaced. */
static bool put_string(FILE *output, struct bytes bytes)
{
    bool exact = true;
    fputc('"', output);
    while (bytes.length) {
        uint32_t character;
        size_t length = plain_length(bytes);
        if (length) {
            fwrite(bytes.data, 1, length, output);
        } else if ((length = text_character(bytes, &character))) {
            put_character(output, (struct bytes){bytes.data, length}, character);
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

static void put_hex(FILE *output, struct bytes bytes)
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

/* ---- Structure ---------------------------------------------------------------------------------
 */

/* What precedes a value: the comma and the key. */
static void begin(struct json_writer *json, const char *key)
{
    if (json->follows)
        fputc(',', json->output);
    json->follows = true;
    if (key) {
        put_string(json->output, bytes_of_string(key));
        fputc(':', json->output);
    }
}

static void open(struct json_writer *json, const char *key, char bracket)
{
    begin(json, key);
    fputc(bracket, json->output);
    json->follows = false;
}

static void close(struct json_writer *json, char bracket)
{
    fputc(bracket, json->output);
    json->follows = true;
}

void json_writer_open_object(struct json_writer *json, const char *key)
{
    open(json, key, '{');
}

void json_writer_open_array(struct json_writer *json, const char *key)
{
    open(json, key, '[');
}

void json_writer_close_object(struct json_writer *json)
{
    close(json, '}');
}

void json_writer_close_array(struct json_writer *json)
{
    close(json, ']');
}

void json_writer_end_line(struct json_writer *json)
{
    fputs("}\n", json->output);
    json->follows = false;
}

/* ---- Values ------------------------------------------------------------------------------------
 */

void json_writer_text(struct json_writer *json, const char *key, struct bytes text)
{
    begin(json, key);
    put_string(json->output, text);
}

void json_writer_name(struct json_writer *json, const char *key, struct bytes name)
{
    begin(json, key);
    if (put_string(json->output, name))
        return;
    fprintf(json->output, ",\"%s_hex\":", key);
    put_hex(json->output, name);
}

void json_writer_string(struct json_writer *json, const char *key, const char *name)
{
    json_writer_name(json, key, bytes_of_string(name));
}

void json_writer_unsigned(struct json_writer *json, const char *key, uint64_t number)
{
    begin(json, key);
    fprintf(json->output, "%" PRIu64, number);
}

void json_writer_signed(struct json_writer *json, const char *key, int64_t number)
{
    begin(json, key);
    fprintf(json->output, "%" PRId64, number);
}

void json_writer_real(struct json_writer *json, const char *key, double number)
{
    char text[32];
    begin(json, key);
    snprintf(text, sizeof(text), "%.17g", number);
    fputs(text, json->output);
    if (!strpbrk(text, ".e")) /* stays a real number for readers that tell them apart */
        fputs(".0", json->output);
}

void json_writer_boolean(struct json_writer *json, const char *key, bool truth)
{
    begin(json, key);
    fputs(truth ? "true" : "false", json->output);
}

void json_writer_null(struct json_writer *json, const char *key)
{
    begin(json, key);
    fputs("null", json->output);
}

void json_writer_hex(struct json_writer *json, const char *key, struct bytes bytes)
{
    begin(json, key);
    put_hex(json->output, bytes);
}
