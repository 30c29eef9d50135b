/* SPDX-License-Identifier: MIT */
/*
 * Prints names on a terminal.
 */
#include "program/shared/terminal_text.h"

#include <string.h>

size_t decode_character(struct vmwire_bytes bytes, uint32_t *character)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000}; /* by length in bytes */
    if (!bytes.length)
        return 0;
    uint8_t first = bytes.data[0];
    *character = first;
    if (first < 0x80)
        return 1;
    size_t length = first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
    if (!length || length > bytes.length)
        return 0;
    *character = first & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((bytes.data[i] & 0xc0) != 0x80)
            return 0;
        *character = *character << 6 | (bytes.data[i] & 0x3f);
    }
    bool surrogate = *character >= 0xd800 && *character < 0xe000;
    return *character < lowest[length] || *character > 0x10ffff || surrogate ? 0 : length;
}

bool is_control_character(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0) ||
           (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069);
}

void print_text(FILE *output, struct vmwire_bytes bytes)
{
    while (bytes.length) {
        uint32_t character;
        size_t length = decode_character(bytes, &character);
        size_t taken = length ? length : 1;
        if (length && !is_control_character(character))
            fwrite(bytes.data, 1, length, output);
        else
            for (size_t i = 0; i < taken; i++)
                fprintf(output, "\\x%02x", bytes.data[i]);
        bytes.data += taken;
        bytes.length -= taken;
    }
}

void print_paragraph(FILE *output, const char *text, int indent)
{
    enum { WIDTH = 120 };
    size_t column = (size_t)indent;
    while (*text) {
        const size_t word = strcspn(text, " "), blanks = strspn(text + word, " "),
                     next = strcspn(text + word + blanks, " ");
        print_text(output, (struct vmwire_bytes){(const uint8_t *)text, word});
        column += word + blanks;
        text += word + blanks;
        if (*text && column + next > WIDTH) {
            fprintf(output, "\n%*s", indent, "");
            column = (size_t)indent;
        } else if (*text) {
            fprintf(output, "%*s", (int)blanks, "");
        }
    }
    putc('\n', output);
}
