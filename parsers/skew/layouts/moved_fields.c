/* SPDX-License-Identifier: MIT */
#include "skew/layouts/moved_fields.h"

#include <inttypes.h>
#include <string.h>

#include "skew/layouts/element_counts.h"
#include "skew/layouts/element_words.h"
#include "skew/layouts/layout_difference.h"
#include "skew/layouts/on_wire.h"
#include "skew/layouts/subsections.h"

/* Whether two elements, which are not in the same place, are the same one. */
static bool is_moved(const struct element *writer, const struct element *reader)
{
    const bool known = (writer->here == HERE || writer->width == WIDTH_FIXED) &&
                       (reader->here == HERE || reader->width == WIDTH_FIXED);
    const bool sizes = known ? reader->bytes == writer->bytes : reader->each == writer->each;
    return strcmp(reader->name, writer->name) == 0 && reader->filler == writer->filler &&
           (sizes || (reader->width == WIDTH_MACHINE && !is_unknown_view(reader->inside))) &&
           is_unknown_view(reader->inside) == is_unknown_view(writer->inside) &&
           (!reader->declared || !writer->declared || reader->presence == writer->presence);
}

int32_t find_moved(const struct rows *rows, const struct element *writer)
{
    for (size_t k = 0; k < rows->reader.count; k++)
        if (rows->alignment.of_reader[k] == NO_ELEMENT && !is_left_out(&rows->reader.list[k]) &&
            is_moved(writer, &rows->reader.list[k]))
            return (int32_t)k;
    return NO_ELEMENT;
}

bool stands_elsewhere(const struct rows *rows, const struct elements *elements, size_t index)
{
    if (elements == &rows->writer)
        return find_moved(rows, &elements->list[index]) != NO_ELEMENT;
    for (size_t i = 0; i < rows->writer.count; i++)
        if (rows->alignment.of_writer[i] == NO_ELEMENT && !is_left_out(&rows->writer.list[i]) &&
            is_moved(&rows->writer.list[i], &elements->list[index]))
            return true;
    return false;
}

/* The bytes of an element that stand before others; `all`: also where it need not be there. Of those that both have, the sizes are
 * the writer's: in another state they can be others. Of those that are on one side only, each side has its own. */
static int64_t bytes_of(const struct rows *rows, bool reads, size_t index, bool all)
{
    const int32_t other = reads ? rows->alignment.of_reader[index] : NO_ELEMENT;
    const struct element *own = reads ? &rows->reader.list[index] : &rows->writer.list[index],
                         *element = other == NO_ELEMENT ? own : &rows->writer.list[other];
    int64_t bytes = 0;
    if ((is_certain(own) && is_left_out(element)) || (is_certain(element) && is_left_out(own)))
        element = own;
    if (is_certain(element) || (all && !is_left_out(element)))
        bytes += (int64_t)element->bytes;
    if (element != own && have_other_counts(element, own))
        bytes += (int64_t)sent_bytes(own) - (int64_t)sent_bytes(element);
    return bytes;
}

static int64_t bytes_before(const struct rows *rows, bool reads, size_t index, bool all)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < index; i++)
        bytes += bytes_of(rows, reads, i, all);
    return bytes;
}

/* An element has another place. Subsections between the two places are not where the reader looks for them: it refuses them. */
static void add_moved(const struct rows *rows, size_t index, size_t other, const char *when)
{
    const struct comparison *comparison = rows->comparison;
    const struct skew *skew = comparison->skew;
    const struct element *writer = &rows->writer.list[index], *reader = &rows->reader.list[other];
    const int64_t from = bytes_before(rows, false, index, when),
                  to = bytes_before(rows, true, other, when);
    struct vmwire_difference difference = begin_difference(comparison, rows->of, "fields-moved");
    size_t first = index, end = index + 1;
    const int64_t behind =
        to + (int64_t)writer->bytes; /* where it moves on, it is still before that place */
    while (end < rows->writer.count && bytes_before(rows, false, end, when) < behind)
        end++;
    while (first > 0 && bytes_before(rows, false, first, when) > to)
        first--;
    difference.outcome = sends_subsections(&rows->writer, first, end) ? VMWIRE_OUTCOME_REJECT
                                                                      : VMWIRE_OUTCOME_CORRUPT;
    difference.path = path_of_element(rows, writer);
    difference.writer = vmwire_text(skew->arena, "%s, at byte %" PRIi64 " of %s",
                                    describe_element(rows, writer), from, difference.structure);
    difference.reader =
        vmwire_text(skew->arena, "%s, at byte %" PRIi64, describe_element(rows, reader), to);
    difference.offset = offset_of_field(comparison, writer->described);
    if (when)
        set_when(&difference, VMWIRE_WHEN_NEEDED, skew, when);
    add_difference(comparison->skew, difference);
}

/* A field that both have, of which those before have not the same bytes at the reader. */
struct shifted {
    size_t writer, reader;
    int64_t by; /* so many more bytes stand before it there */
};

/* Goes to the next field that both have, and adds the bytes between. Begins with a `writer` of SIZE_MAX; returns false at the end. */
static bool next_shared(const struct rows *rows, struct shifted *at, bool all)
{
    for (at->writer++; at->writer < rows->writer.count; at->writer++) {
        const int32_t other = rows->alignment.of_writer[at->writer];
        at->by -= at->writer ? bytes_of(rows, false, at->writer - 1, all) : 0;
        if (other == NO_ELEMENT)
            continue;
        for (; at->reader < (size_t)other; at->reader++)
            at->by += bytes_of(rows, true, at->reader, all);
        return true;
    }
    return false;
}

static bool is_in_place(const struct element *element)
{
    return !element->filler && !is_left_out(element);
}

/* Fields that both have, in the same order, of which those before have not the same bytes: the first of each row of them. */
static void compare_shifts(const struct rows *rows)
{
    struct shifted at = {.writer = SIZE_MAX};
    int64_t before = 0;
    while (next_shared(rows, &at, false)) {
        const struct element *writer = &rows->writer.list[at.writer],
                             *reader = &rows->reader.list[at.reader];
        if (!is_in_place(writer) || !is_in_place(reader))
            continue;
        const bool sent = is_certain(writer) && is_certain(reader);
        if (at.by && at.by != before)
            add_moved(rows, at.writer, at.reader, sent ? NULL : "the field is sent");
        before = sent || !at.by ? at.by : before; /* a later one can be certain */
    }
}

/* Likewise, where only fields that need not be there stand between: two programs tell them all. */
static void compare_open_shifts(const struct rows *rows)
{
    const struct view writer = rows->of->writer, reader = rows->of->reader;
    struct shifted at = {.writer = SIZE_MAX};
    if (!writer.declared || !reader.declared || writer.described || reader.described)
        return;
    while (next_shared(rows, &at, true))
        if (at.by && is_in_place(&rows->writer.list[at.writer]) &&
            is_in_place(&rows->reader.list[at.reader])) {
            add_moved(rows, at.writer, at.reader, "fields before it are sent");
            return;
        }
}

/* An element that stands elsewhere in the reader's row: also where it need not be there, or fields between the two places. */
static void compare_place(const struct rows *rows, size_t index, size_t other)
{
    const bool certain = is_certain(&rows->writer.list[index]);
    if (certain &&
        bytes_before(rows, false, index, false) != bytes_before(rows, true, other, false))
        add_moved(rows, index, other, NULL);
    else if (bytes_before(rows, false, index, true) != bytes_before(rows, true, other, true))
        add_moved(rows, index, other,
                  certain ? "fields that it has changed places with are sent"
                          : "the field is sent");
}

void compare_order(const struct rows *rows, size_t before)
{
    const size_t first = rows->comparison->skew->count;
    for (size_t i = 0; i < rows->writer.count; i++) {
        const struct element *writer = &rows->writer.list[i];
        if (rows->alignment.of_writer[i] != NO_ELEMENT || is_left_out(writer) || writer->filler)
            continue;
        const int32_t other = find_moved(rows, writer);
        if (other != NO_ELEMENT)
            compare_place(rows, i, (size_t)other);
    }
    const bool in_memory = rows->of->writer.in_memory || rows->of->reader.in_memory;
    if (rows->comparison->skew->count == first && !in_memory)
        compare_shifts(rows);
    if (rows->comparison->skew->count == before && !in_memory)
        compare_open_shifts(rows);
}
