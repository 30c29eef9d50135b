/* SPDX-License-Identifier: MIT */
/*
 * Escapes the characters of CSV and XML.
 */
#include "program/skew/quoted_text.h"

#include <string.h>

#include "program/shared/terminal_text.h"

/* What stands for a character that means something in the format, or is none of it. */
struct replacement {
    enum quoting quoting;
    const char *character, *text;
};

static const struct replacement *replacement_of(const char *text, size_t length,
                                                enum quoting quoting)
{
    static const struct replacement replacements[] = {
        {QUOTING_CSV, "\"", "\"\""},
        {QUOTING_XML, "&", "&amp;"},
        {QUOTING_XML, "<", "&lt;"},
        {QUOTING_XML, ">", "&gt;"},
        {QUOTING_XML, "\"", "&quot;"},
        /* U+FFFE and U+FFFF are no characters of XML 1.0. */
        {QUOTING_XML, "\xef\xbf\xbe", "\\xef\\xbf\\xbe"},
        {QUOTING_XML, "\xef\xbf\xbf", "\\xef\\xbf\\xbf"},
    };
    for (size_t i = 0; i < sizeof(replacements) / sizeof(replacements[0]); i++) {
        const struct replacement *each = &replacements[i];
        size_t size = strlen(each->character);
        if (each->quoting == quoting && size <= length && memcmp(text, each->character, size) == 0)
            return each;
    }
    return NULL;
}

static void print_part(FILE *output, const char *text, size_t length, enum quoting quoting)
{
    while (length) {
        const struct replacement *replacement = NULL;
        size_t plain = 0;
        while (plain < length &&
               !(replacement = replacement_of(text + plain, length - plain, quoting)))
            plain++;
        print_text(output, (struct vmwire_bytes){(const uint8_t *)text, plain});
        if (replacement) {
            fputs(replacement->text, output);
            plain += strlen(replacement->character);
        }
        text += plain;
        length -= plain;
    }
}

void print_quoted(FILE *output, const char *text, enum quoting quoting)
{
    if (text)
        print_part(output, text, strlen(text), quoting);
}

void print_message(FILE *output, const char *message, enum quoting quoting)
{
    static const char within[] = "-+ #0123456789.lhzjt";
    while (*message) {
        size_t plain = strcspn(message, "%");
        print_part(output, message, plain, quoting);
        message += plain;
        if (!*message)
            break;
        size_t length = 1 + strspn(message + 1, within);
        char conversion = message[length];
        if (!conversion || !strchr("diouxXscp", conversion)) {
            print_part(output, message, 1, quoting);
            message++;
            continue;
        }
        fputs("...", output);
        message += length + 1;
    }
}
