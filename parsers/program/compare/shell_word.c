/* SPDX-License-Identifier: MIT */
/*
 * Between single quotes, only a single quote is special.
 */
#include "program/compare/shell_word.h"

#include <string.h>

const char *quote_word(struct vmwire_arena *arena, const char *word)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./+=:,@%";
    if (*word && !word[strspn(word, plain)])
        return word;
    char *quoted = vmwire_arena_alloc(arena, 4 * strlen(word) + 3), *end = quoted;
    *end++ = '\'';
    for (; *word; word++) {
        if (*word == '\'') { /* ends the quotes, and begins them anew */
            *end++ = '\'';
            *end++ = '\\';
            *end++ = '\'';
        }
        *end++ = *word;
    }
    *end++ = '\'';
    *end = '\0';
    return quoted;
}
