/* SPDX-License-Identifier: MIT */
/*
 * Takes the place in a machine off a name, and compares names.
 */
#include "program/skew/device_name.h"

#include <ctype.h>
#include <string.h>

bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

const char *device_of_section(const char *section)
{
    const char *slash = section ? strrchr(section, '/') : NULL;
    return slash && slash[1] ? slash + 1 : section;
}

/* Whether `count` hexadecimal digits stand here. */
static bool has_digits(const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isxdigit((unsigned char)text[i]))
            return false;
    return true;
}

/* The length of ":SS.F" here; 0: there is none. */
static size_t slot_length(const char *text)
{
    return text[0] == ':' && has_digits(text + 1, 2) && text[3] == '.' && has_digits(text + 4, 1)
               ? 5
               : 0;
}

/* The length of "DDDD:BB:SS.F/" here, with a slot more for each bridge; 0: there is none. */
static size_t address_length(const char *text)
{
    if (!has_digits(text, 4) || text[4] != ':' || !has_digits(text + 5, 2))
        return 0;
    size_t slots = 0, slot;
    while ((slot = slot_length(text + 7 + slots)))
        slots += slot;
    return slots && text[7 + slots] == '/' ? 7 + slots + 1 : 0;
}

const char *without_addresses(struct vmwire_arena *arena, const char *text)
{
    if (!text)
        return NULL;
    char *copy = vmwire_arena_string(arena, text, strlen(text)), *end = copy;
    while (*text) {
        text += address_length(text);
        if (*text)
            *end++ = *text++;
    }
    *end = '\0';
    return copy;
}

/* Whether one before it is of the same section. */
static bool is_repeated(const struct vmwire_difference *const *list, size_t index)
{
    for (size_t i = index; i--;)
        if (list[i]->certainty == list[index]->certainty &&
            list[i]->instance_id == list[index]->instance_id &&
            same_text(list[i]->section, list[index]->section))
            return true;
    return false;
}

size_t count_devices(const struct vmwire_difference *const *list, size_t count,
                     enum vmwire_certainty certainty)
{
    size_t devices = 0;
    for (size_t i = 0; i < count; i++)
        devices += list[i]->certainty == certainty && !is_repeated(list, i);
    return devices;
}
