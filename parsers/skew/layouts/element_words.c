/* SPDX-License-Identifier: MIT */
#include "skew/layouts/element_words.h"

#include <inttypes.h>

#include "skew/layouts/on_wire.h"

/* A description has elements that are all alike as one field, and others as a field each. */
static size_t count_described(const struct element *element)
{
    return element->described_count == 1 && element->described ? element->described->count
           : element->pointers                                 ? element->count
                                                               : element->described_count;
}

static const char *name_width(const struct skew *skew, const struct element *element)
{
    switch (element->width) {
    case WIDTH_SENT:
        return "of a length that is sent";
    case WIDTH_MACHINE:
        return element->here != HERE ? "of a length that the machine knows"
               : count_described(element) > 1
                   ? vmwire_text(skew->arena, "%zu elements, %" PRIu64 " bytes",
                                 count_described(element), element->bytes)
                   : vmwire_text(skew->arena, "%" PRIu64 " bytes", element->bytes);
    case WIDTH_PRIVATE:
        return "of a private encoding";
    case WIDTH_IN_MEMORY:
        return vmwire_text(skew->arena, "%s%" PRIu64 " byte%s in memory",
                           element->count > 1
                               ? vmwire_text(skew->arena, "%" PRIu64 " times ", element->count)
                               : "",
                           element->each, element->each == 1 ? "" : "s");
    case WIDTH_FIXED:
        break;
    }
    if (!is_unknown_view(element->inside) && element->here == HERE && count_described(element) > 1)
        return vmwire_text(skew->arena, "%zu elements, %" PRIu64 " bytes", count_described(element),
                           element->bytes);
    if (element->count != 1 && is_unknown_view(element->inside))
        return vmwire_text(skew->arena, "%" PRIu64 " times %" PRIu64 " bytes", element->count,
                           element->each);
    return vmwire_text(skew->arena, "%" PRIu64 " byte%s", element->bytes,
                       element->bytes == 1 ? "" : "s");
}

const char *describe_element(const struct rows *rows, const struct element *element)
{
    const struct skew *skew = rows->comparison->skew;
    const char *type =
        !is_unknown_view(element->inside) ? view_name(element->inside) : element->type;
    return vmwire_text(skew->arena, "%s (%s%s%s)", element->path, type ? type : "",
                       type && type[0] ? ", " : "", name_width(skew, element));
}

enum { SHOWN = 4 };

const char *describe_run(const struct rows *rows, const struct elements *elements, size_t first,
                         size_t end)
{
    const struct skew *skew = rows->comparison->skew;
    const int32_t *others =
        elements == &rows->writer ? rows->alignment.of_writer : rows->alignment.of_reader;
    const char *text = NULL;
    size_t count = 0;
    for (size_t i = first; i < end; i++) {
        const struct element *element = &elements->list[i];
        if (!is_certain(element) || others[i] != NO_ELEMENT)
            continue;
        if (count++ < SHOWN)
            text = vmwire_text(skew->arena, "%s%s%s", text ? text : "", text ? ", " : "",
                               describe_element(rows, element));
    }
    return count > SHOWN ? vmwire_text(skew->arena, "%s and %zu more", text, count - SHOWN) : text;
}

enum { NEIGHBOURS = 3, MOST_BESIDE = 24 };

static void add_beside(const struct rows *rows, struct vmwire_beside *list, size_t *count,
                       const struct element *writer, const struct element *reader, bool differs)
{
    writer = writer && is_certain(writer) ? writer : NULL;
    reader = reader && is_certain(reader) ? reader : NULL;
    if (*count == MOST_BESIDE || (!writer && !reader))
        return;
    list[(*count)++] = (struct vmwire_beside){
        .writer = writer ? describe_element(rows, writer) : NULL,
        .reader = reader ? describe_element(rows, reader) : NULL,
        .offset =
            writer ? offset_of_field(rows->comparison, writer->described) : VMWIRE_ERROR_NO_OFFSET,
        .differs = differs,
    };
}

void set_beside(const struct rows *rows, struct vmwire_difference *difference, struct run run)
{
    struct vmwire_beside *list =
        vmwire_arena_alloc(rows->comparison->skew->arena, MOST_BESIDE * sizeof(*list));
    const int32_t *others = rows->alignment.of_writer;
    const size_t before = run.writer_first < NEIGHBOURS ? 0 : run.writer_first - NEIGHBOURS;
    for (size_t i = before; i < run.writer_first; i++)
        if (others[i] != NO_ELEMENT)
            add_beside(rows, list, &difference->beside_count, &rows->writer.list[i],
                       &rows->reader.list[others[i]], false);
    for (size_t i = run.writer_first, k = run.reader_first;
         i < run.writer_end || k < run.reader_end; i++, k++)
        add_beside(rows, list, &difference->beside_count,
                   i < run.writer_end ? &rows->writer.list[i] : NULL,
                   k < run.reader_end ? &rows->reader.list[k] : NULL, true);
    for (size_t i = run.writer_end; i < rows->writer.count && i < run.writer_end + NEIGHBOURS; i++)
        if (others[i] != NO_ELEMENT)
            add_beside(rows, list, &difference->beside_count, &rows->writer.list[i],
                       &rows->reader.list[others[i]], false);
    difference->beside = list;
}
