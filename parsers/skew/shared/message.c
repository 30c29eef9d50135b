/* SPDX-License-Identifier: MIT */
#include "skew/shared/message.h"

#include <string.h>

/* The bytes of a conversion that begins with '%': flags and lengths, and the letter. */
static size_t conversion_length(const char *conversion)
{
    size_t length = 1 + strspn(conversion + 1, "0123456789.lzh");
    return conversion[length] ? length + 1 : length;
}

/* Walks through the message, and writes it with the values into `text`, unless that is NULL. Returns the length. */
static size_t put_values(const char *message, const char *const *values, size_t count, char *text)
{
    size_t length = 0, used = 0;
    while (*message) {
        bool place = *message == '%' && used < count;
        const char *piece = place ? values[used++] : message;
        size_t piece_length = place ? strlen(piece) : 1;
        for (size_t i = 0; text && i < piece_length; i++)
            text[length + i] = piece[i];
        length += piece_length;
        message += place ? conversion_length(message) : 1;
    }
    return length;
}

const char *fill_message(struct vmwire_arena *arena, const char *message, const char *const *values,
                         size_t count)
{
    if (!message)
        return NULL;
    char *text = vmwire_arena_alloc(arena, put_values(message, values, count, NULL) + 1);
    put_values(message, values, count, text);
    return text;
}
