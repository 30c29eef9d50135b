/* SPDX-License-Identifier: MIT */
/*
 * Words of a command line and lists of them. Knows no option.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_OPTION_WORDS_H
#define VMWIRE_PROGRAM_REPLAY_OPTION_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* A part of a string. */
struct word {
    const char *text;
    size_t length;
};

struct word make_word(const char *text);

bool same_word(struct word one, struct word other);

/* Takes the text up to the separator off `rest`. Returns false behind the last word. */
bool take_word(struct word *word, const char **rest, char separator);

/* A list has blanks between its words. A word of it that ends with '*' also stands for longer ones. */
bool is_listed(const char *list, struct word word);

#endif
