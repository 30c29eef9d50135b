/* SPDX-License-Identifier: MIT */
/*
 * Finds names in text.
 */
#include "program/explain/qemu_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A character that can be part of a name. A colon may follow one. */
static bool is_of_name(char character)
{
    return isalnum((unsigned char)character) || (character && strchr("_-./", character));
}

/* Where the name stands as a word of its own, from here on; NULL: nowhere. */
static const char *find_name(const char *text, const char *begin, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = begin; length && (at = strstr(at, name)); at++) {
        bool begins = at == text || (!is_of_name(at[-1]) && at[-1] != ':');
        char next = at[length];
        bool ends = !is_of_name(next) || (next == '.' && !is_of_name(at[length + 1]));
        if (begins && ends)
            return at;
    }
    return NULL;
}

bool text_names(const char *text, const char *name)
{
    return find_name(text, text, name) != NULL;
}

/* "... of device 'NAME'": where a text has that, it is the section, whatever other names a log has. */
static const char of_device[] = " of device '";

bool text_names_any_device(const char *text)
{
    const char *found = strstr(text, of_device);
    return found && strchr(found + sizeof(of_device) - 1, '\'');
}

static bool is_of_device(const char *text, const char *at)
{
    const size_t size = sizeof(of_device) - 1;
    return (size_t)(at - text) >= size && memcmp(at - size, of_device, size) == 0;
}

/* The instance id beside the name: "instance 0x1 of device 'NAME'", or "'NAME' 1". Returns false if there is none. */
static bool find_instance(const char *text, const char *at, size_t length, uint32_t *instance_id)
{
    char *end;
    if (is_of_device(text, at)) {
        const char *number = at - (sizeof(of_device) - 1);
        while (number > text && !isspace((unsigned char)number[-1]))
            number--;
        *instance_id = (uint32_t)strtoul(number, &end, 0);
        return end == at - (sizeof(of_device) - 1);
    }
    if (strncmp(at + length, "' ", 2) != 0)
        return false;
    *instance_id = (uint32_t)strtoul(at + length + 2, &end, 10);
    return end != at + length + 2;
}

bool text_names_section(const char *text, const char *idstr, uint32_t instance_id)
{
    const bool told = text_names_any_device(text);
    for (const char *at = text; (at = find_name(text, at, idstr)); at++) {
        uint32_t found;
        if (told && !is_of_device(text, at))
            continue;
        if (!find_instance(text, at, strlen(idstr), &found) || found == instance_id)
            return true;
    }
    return false;
}

/* The length of a conversion of printf; 0: there is none here. */
static size_t conversion_length(const char *message)
{
    if (*message != '%')
        return 0;
    size_t length = 1 + strspn(message + 1, "-+ #0123456789.lhzjt");
    return message[length] && strchr("diouxXscp", message[length]) ? length + 1 : 0;
}

/* Takes the literal part of the message that begins here off both. Returns false if the text does not have it here. */
static bool take_literal(const char **text, const char **message)
{
    const char *left = *text, *right = *message;
    while (*right && !conversion_length(right)) {
        if (isspace((unsigned char)*right)) {
            if (!isspace((unsigned char)*left))
                return false;
            left += strspn(left, " \t\r\n");
            right += strspn(right, " \t\r\n");
        } else if (*left++ != *right++) {
            return false;
        }
    }
    *text = left;
    *message = right;
    return true;
}

/* Pieces that are filled in from the first one on. */
struct filling {
    struct text_piece *pieces;
    size_t count, most;
};

static void fill_in(struct filling *filling, const char *begin, const char *end)
{
    if (filling->count < filling->most)
        filling->pieces[filling->count++] = (struct text_piece){begin, (size_t)(end - begin)};
}

/* Whether a number ends here, so that the message's own number is not only the first digits of another one. */
static bool ends_number(const char *text, const char *begin)
{
    return text == begin || !isdigit((unsigned char)text[-1]) || !isdigit((unsigned char)*text);
}

/* Whether the rest of the message follows, with anything before each of its literal parts. */
static bool has_rest(const char *text, const char *message, struct filling *filling)
{
    while (*message) {
        const char *begin = text;
        message += conversion_length(message);
        if (!*message) {
            fill_in(filling, begin, begin + strcspn(begin, " \t\r\n"));
            return true;
        }
        const char *end = text;
        while (*text && !take_literal(&text, &message))
            end = ++text;
        if (!*text && *message)
            return false;
        fill_in(filling, begin, end);
    }
    return true;
}

/* The word that ends here. */
static const char *begin_of_word(const char *text, const char *end)
{
    while (end > text && !isspace((unsigned char)end[-1]))
        end--;
    return end;
}

/* A message that begins with a value is found by what follows it. */
static bool find_message(const char *text, const char *message, struct filling *filling)
{
    const size_t first = conversion_length(message);
    for (const char *at = text; *at; at++) {
        const char *left = at, *right = message + first;
        filling->count = 0;
        if (first)
            fill_in(filling, begin_of_word(text, at), at);
        if (take_literal(&left, &right) && right != message + first &&
            (*right || ends_number(left, at)) && has_rest(left, right, filling))
            return true;
    }
    filling->count = 0;
    return false;
}

bool text_has_message(const char *text, const char *message)
{
    struct filling filling = {.pieces = NULL};
    return find_message(text, message, &filling);
}

void text_values(const char *text, const char *message, struct text_piece *pieces, size_t most)
{
    struct filling filling = {.pieces = pieces, .most = most};
    find_message(text, message, &filling);
    for (size_t i = filling.count; i < most; i++)
        pieces[i] = (struct text_piece){NULL, 0};
}
