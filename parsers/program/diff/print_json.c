/* SPDX-License-Identifier: MIT */
/*
 * Prints differences as JSON or CSV.
 */
#include "program/diff/print_json.h"

#include <inttypes.h>
#include <stdio.h>

#include "program/shared/json_line.h"
#include "program/shared/terminal_text.h"

enum { BYTES_SHOWN = 32, WHOLE_MOST = 8 };

/* What is shown of the bytes of both sides. */
struct shown_bytes {
    size_t offset, length;
    struct byte_span span;
    bool located; /* the offset and the number of differing bytes are told */
    bool folded;
};

static struct shown_bytes choose_bytes(const struct difference *difference, bool all)
{
    struct shown_bytes shown = {.span = find_differing_bytes(difference)};
    size_t length = difference->side[SIDE_A].bytes.length;
    size_t other = difference->side[SIDE_B].bytes.length;
    bool has_bytes = difference->side[SIDE_A].form == SIDE_HAS_BYTES ||
                     difference->side[SIDE_B].form == SIDE_HAS_BYTES;
    shown.located = difference->kind == DIFFERENCE_VALUE &&
                    difference->side[SIDE_A].form == SIDE_HAS_BYTES && length > WHOLE_MOST &&
                    length == other;
    shown.offset = shown.located ? shown.span.begin : 0;
    size_t longer = length > other ? length : other;
    shown.length = shown.located ? shown.span.end - shown.span.begin : longer;
    shown.folded = !all && shown.length > BYTES_SHOWN && has_bytes;
    shown.length = shown.folded ? BYTES_SHOWN : shown.length;
    return shown;
}

static struct vmwire_bytes cut(struct vmwire_bytes bytes, const struct shown_bytes *shown)
{
    if (shown->offset >= bytes.length)
        return (struct vmwire_bytes){NULL, 0};
    size_t left = bytes.length - shown->offset;
    return (struct vmwire_bytes){bytes.data + shown->offset,
                                 left < shown->length ? left : shown->length};
}

/* ---- JSON -------------------------------------------------------------------------------------- */

static void put_side(json_t **object, const char *key, const struct side_value *side,
                     const struct shown_bytes *shown)
{
    switch (side->form) {
    case SIDE_HAS_NOTHING:
        put_json_null(object, key);
        break;
    case SIDE_HAS_BYTES:
        put_json_hex(object, key, cut(side->bytes, shown));
        break;
    case SIDE_HAS_NUMBER:
        put_json_unsigned(object, key, side->number);
        break;
    case SIDE_HAS_WORDS:
        put_json_text(object, key, side->bytes);
        break;
    }
}

static void put_counts(json_t **object, const struct entry_counts *counts)
{
    put_json_unsigned(object, "differing", counts->differing);
    put_json_unsigned(object, "only_a", counts->only[SIDE_A]);
    put_json_unsigned(object, "only_b", counts->only[SIDE_B]);
    put_json_unsigned(object, "not_compared", counts->not_compared);
}

static json_t *make_difference(const struct compared_section *section,
                               const struct difference *difference, bool all)
{
    const struct shown_bytes shown = choose_bytes(difference, all);
    json_t *made = json_object();
    if (section)
        put_json_name(&made, "section", section->idstr);
    else
        put_json_null(&made, "section");
    if (section && section->has_instance)
        put_json_unsigned(&made, "instance", section->instance_id);
    else
        put_json_null(&made, "instance");
    put_json_name(&made, "path", difference->path);
    put_json_string(&made, "subject", difference_subject_name(difference->subject));
    put_json_string(&made, "kind", difference_kind_name(difference->kind));
    put_side(&made, "a", &difference->side[SIDE_A], &shown);
    put_side(&made, "b", &difference->side[SIDE_B], &shown);
    if (shown.located) {
        put_json_unsigned(&made, "offset", shown.offset);
        put_json_unsigned(&made, "differing", shown.span.differing);
    }
    if (shown.folded)
        put_json_boolean(&made, "folded", true);
    if (difference->kind == DIFFERENCE_PAGES)
        put_counts(&made, &difference->counts);
    return made;
}

static bool print_list(const struct compared_section *section, const struct difference_list *list,
                       bool all)
{
    for (const struct difference *each = list->first; each; each = each->next)
        if (!print_json_line(stdout, make_difference(section, each, all)))
            return false;
    return true;
}

static void put_kinds(json_t **object, const char *key, const struct differences *differences,
                      enum difference_kind kind)
{
    json_t *counts = json_object();
    for (int subject = 0; subject < SUBJECT_KINDS; subject++) {
        uint64_t count = differences->by_kind[subject][kind];
        if (count)
            put_json_unsigned(&counts, difference_subject_name((enum difference_subject)subject),
                              count);
    }
    put_json(object, key, counts);
}

static json_t *make_summary(const struct differences *differences,
                            const char *const files[SIDE_COUNT])
{
    json_t *made = json_object(), *compared = json_object();
    put_json_string(&made, "summary", differences->count ? "differ" : "same");
    put_json_string(&made, "a", files[SIDE_A]);
    put_json_string(&made, "b", files[SIDE_B]);
    put_json_unsigned(&made, "differences", differences->count);
    put_json_unsigned(&made, "sections_with_other_values", differences->sections_with_other_values);
    for (int kind = 0; kind < DIFFERENCE_KINDS; kind++)
        put_kinds(&made, difference_kind_name((enum difference_kind)kind), differences,
                  (enum difference_kind)kind);
    put_json_unsigned(&made, "pages_differing", differences->page_differences);
    put_json_unsigned(&made, "pages_not_compared", differences->pages_not_compared);
    put_json_unsigned(&compared, "sections", differences->sections);
    put_json_unsigned(&compared, "values", differences->values);
    put_json_unsigned(&compared, "pages", differences->pages);
    put_json_unsigned(&compared, "entries", differences->entries);
    put_json(&made, "compared", compared);
    return made;
}

bool print_differences_json(const struct differences *differences,
                            const char *const files[SIDE_COUNT], bool all)
{
    bool printed = print_list(NULL, &differences->of_stream, all);
    for (const struct compared_section *section = differences->first_section; printed && section;
         section = section->next)
        printed = print_list(section, &section->list, all);
    return printed && print_json_line(stdout, make_summary(differences, files));
}

/* ---- CSV --------------------------------------------------------------------------------------- */

/* All values stand in quotes. */
static void print_quoted(struct vmwire_bytes text)
{
    putchar('"');
    for (size_t i = 0, begin = 0; i <= text.length; i++) {
        bool quote = i < text.length && text.data[i] == '"';
        if (!quote && i < text.length)
            continue;
        print_text(stdout, (struct vmwire_bytes){text.data + begin, i - begin});
        if (quote)
            fputs("\"\"", stdout);
        begin = i + 1;
    }
    putchar('"');
}

static void print_csv_side(const struct side_value *side, const struct shown_bytes *shown)
{
    struct vmwire_bytes bytes = cut(side->bytes, shown);
    switch (side->form) {
    case SIDE_HAS_NOTHING:
        fputs("\"\"", stdout);
        break;
    case SIDE_HAS_BYTES:
        putchar('"');
        for (size_t i = 0; i < bytes.length; i++)
            printf("%02x", bytes.data[i]);
        putchar('"');
        break;
    case SIDE_HAS_NUMBER:
        printf("\"%" PRIu64 "\"", side->number);
        break;
    case SIDE_HAS_WORDS:
        print_quoted(side->bytes);
        break;
    }
}

static void print_csv_list(const struct compared_section *section,
                           const struct difference_list *list, bool all)
{
    for (const struct difference *each = list->first; each; each = each->next) {
        const struct shown_bytes shown = choose_bytes(each, all);
        print_quoted(section ? section->idstr : vmwire_bytes_of_string(""));
        if (section && section->has_instance)
            printf(",\"%" PRIu32 "\",", section->instance_id);
        else
            fputs(",\"\",", stdout);
        print_quoted(each->path);
        printf(",\"%s\",\"%s\",", difference_subject_name(each->subject),
               difference_kind_name(each->kind));
        if (shown.located)
            printf("\"%zu\",", shown.offset);
        else
            fputs("\"\",", stdout);
        print_csv_side(&each->side[SIDE_A], &shown);
        putchar(',');
        print_csv_side(&each->side[SIDE_B], &shown);
        fputs("\r\n", stdout);
    }
}

void print_differences_csv(const struct differences *differences, bool all)
{
    fputs("\"section\",\"instance\",\"path\",\"subject\",\"kind\",\"offset\",\"a\",\"b\"\r\n",
          stdout);
    print_csv_list(NULL, &differences->of_stream, all);
    for (const struct compared_section *section = differences->first_section; section;
         section = section->next)
        print_csv_list(section, &section->list, all);
}
