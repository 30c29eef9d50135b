/* SPDX-License-Identifier: MIT */
/*
 * Makes texts.
 */
#include "program/shared/phrase.h"

#include <ctype.h>
#include <string.h>

const char *phrase_hex(struct vmwire_arena *arena, struct vmwire_bytes bytes, size_t most)
{
    static const char digits[] = "0123456789abcdef";
    size_t shown = bytes.length < most ? bytes.length : most;
    char *text = vmwire_arena_alloc(arena, 3 * shown + sizeof("..."));
    char *end = text;
    for (size_t i = 0; i < shown; i++) {
        if (i)
            *end++ = ' ';
        *end++ = digits[bytes.data[i] >> 4];
        *end++ = digits[bytes.data[i] & 15];
    }
    if (shown < bytes.length)
        memcpy(end, "...", sizeof("..."));
    return text;
}

const char *phrase_characters(struct vmwire_arena *arena, struct vmwire_bytes bytes)
{
    char *text = vmwire_arena_alloc(arena, bytes.length + 3);
    text[0] = '"';
    for (size_t i = 0; i < bytes.length; i++)
        text[1 + i] = (char)(bytes.data[i] >= ' ' && bytes.data[i] <= '~' ? bytes.data[i] : '.');
    text[1 + bytes.length] = '"';
    return text;
}

const char *phrase_first_sentence(struct vmwire_arena *arena, const char *text)
{
    const char *end = strstr(text, ". ");
    size_t length = end ? (size_t)(end - text) : strlen(text);
    if (length && text[length - 1] == '.')
        length--;
    char *copy = vmwire_arena_string(arena, text, length);
    /* A name of capitals stays as it is. */
    if (length > 1 && !isupper((unsigned char)copy[1]))
        copy[0] = (char)tolower((unsigned char)copy[0]);
    return copy;
}
