/* SPDX-License-Identifier: MIT */
/*
 * Takes strings apart into words, and finds words in lists.
 */
#include "program/replay/option_words.h"

#include <string.h>

struct word make_word(const char *text)
{
    return (struct word){text, strlen(text)};
}

bool same_word(struct word one, struct word other)
{
    return one.length == other.length && memcmp(one.text, other.text, one.length) == 0;
}

bool take_word(struct word *word, const char **rest, char separator)
{
    if (!*rest)
        return false;
    const char *end = strchr(*rest, separator);
    *word = (struct word){*rest, end ? (size_t)(end - *rest) : strlen(*rest)};
    *rest = end ? end + 1 : NULL;
    return true;
}

static bool matches(struct word word, struct word pattern)
{
    size_t fixed = pattern.length - 1;
    if (pattern.text[fixed] != '*')
        return same_word(word, pattern);
    return word.length > fixed && memcmp(word.text, pattern.text, fixed) == 0;
}

bool is_listed(const char *list, struct word word)
{
    struct word each;
    while (take_word(&each, &list, ' '))
        if (each.length && matches(word, each))
            return true;
    return false;
}
