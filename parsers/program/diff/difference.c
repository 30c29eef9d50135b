/* SPDX-License-Identifier: MIT */
/*
 * The list of differences.
 */
#include "program/diff/difference.h"

#include <stdarg.h>
#include <stdio.h>

static void append(struct difference_list *list, struct difference *difference)
{
    if (list->last)
        list->last->next = difference;
    else
        list->first = difference;
    list->last = difference;
}

struct difference *add_difference(struct differences *differences, enum difference_kind kind,
                                  enum difference_subject subject, struct compared_section *section,
                                  struct vmwire_bytes path)
{
    struct difference *made = vmwire_arena_alloc(differences->arena, sizeof(*made));
    *made = (struct difference){.kind = kind, .subject = subject, .path = path};
    append(section ? &section->list : &differences->of_stream, made);
    differences->count++;
    differences->by_kind[subject][kind]++;
    bool other_value =
        subject == SUBJECT_FIELD && (kind == DIFFERENCE_VALUE || kind == DIFFERENCE_TYPE);
    if (section && other_value && !section->has_other_values) {
        section->has_other_values = true;
        differences->sections_with_other_values++;
    }
    return made;
}

struct vmwire_bytes make_text(struct vmwire_arena *arena, const char *format, ...)
{
    char text[512];
    va_list words;
    va_start(words, format);
    vsnprintf(text, sizeof(text), format, words);
    va_end(words);
    return vmwire_bytes_of_string(vmwire_arena_string(arena, text, strlen(text)));
}

struct side_value side_words(struct vmwire_bytes words)
{
    return (struct side_value){.form = SIDE_HAS_WORDS, .bytes = words};
}

struct side_value side_number(uint64_t number)
{
    return (struct side_value){.form = SIDE_HAS_NUMBER, .number = number};
}

struct side_value side_bytes(struct vmwire_bytes bytes, size_t unit)
{
    return (struct side_value){.form = SIDE_HAS_BYTES, .bytes = bytes, .unit = unit};
}

enum difference_kind only_side(int side)
{
    return side == SIDE_A ? DIFFERENCE_ONLY_A : DIFFERENCE_ONLY_B;
}

struct byte_span find_differing_bytes(const struct difference *difference)
{
    struct vmwire_bytes a = difference->side[SIDE_A].bytes, b = difference->side[SIDE_B].bytes;
    size_t longer = a.length > b.length ? a.length : b.length;
    struct byte_span span = {longer, 0, 0};
    if (a.length != b.length)
        return (struct byte_span){0, longer, longer};
    for (size_t i = 0; i < longer; i++) {
        if (a.data[i] == b.data[i])
            continue;
        span.begin = span.differing ? span.begin : i;
        span.end = i + 1;
        span.differing++;
    }
    return span;
}

const char *difference_kind_name(enum difference_kind kind)
{
    static const char *const names[] = {"value",   "only-a", "only-b", "type",
                                        "version", "order",  "pages"};
    return names[kind];
}

const char *difference_subject_name(enum difference_subject subject)
{
    static const char *const names[] = {"stream", "command", "section", "subsection",
                                        "field",  "block",   "entry",   "pages"};
    return names[subject];
}
