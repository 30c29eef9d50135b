/* SPDX-License-Identifier: MIT */
#include "skew/one_sided_fields.h"

#include <string.h>

#include "schema/layout.h"
#include "skew/element_counts.h"
#include "skew/element_presence.h"
#include "skew/element_words.h"
#include "skew/layout_difference.h"
#include "skew/on_wire.h"

/* Of a run of elements that the other side does not have. */
struct run_sum {
    uint64_t bytes; /* that are on the wire for certain */
    size_t certain; /* elements that are there */
    bool in_memory; /* the bytes are those in memory */
    bool open;      /* some have a length that is not known */
};

static struct run_sum sum_run(const struct elements *elements, const int32_t *others, size_t first,
                              size_t end)
{
    struct run_sum sum = {0};
    for (size_t i = first; i < end; i++) {
        const struct element *element = &elements->list[i];
        if (!is_certain(element) || others[i] != NO_ELEMENT)
            continue;
        sum.certain++;
        sum.bytes += element->bytes;
        sum.in_memory |= element->width == WIDTH_IN_MEMORY;
        /* What one state has is not what each has. */
        sum.open |= element->width == WIDTH_SENT ||
                    (element->here != HERE && element->width != WIDTH_FIXED &&
                     element->width != WIDTH_IN_MEMORY);
    }
    return sum;
}

/* Whether two elements of other names can be one: they depend on something, in the same way, or have the same structure. */
static bool can_be_renamed(const struct element *writer, const struct element *reader)
{
    const char *inside = view_name(writer->inside), *other = view_name(reader->inside);
    const bool depend = writer->presence != PRESENCE_ALWAYS || writer->may_be_empty;
    const bool counted = writer->counted && reader->counted;
    if ((writer->here == HERE && reader->here == NOT_HERE) ||
        (writer->here == NOT_HERE && reader->here == HERE))
        return false;
    if (inside && other && strcmp(inside, other) == 0)
        return (writer->counted == reader->counted || !writer->declared || !reader->declared) &&
               (writer->counted || reader->counted || writer->count == reader->count);
    return depend && writer->declared && reader->declared && reader->presence == writer->presence &&
           reader->width == writer->width &&
           (counted ? reader->each == writer->each : reader->bytes == writer->bytes);
}

/* Pairs such elements where both stand between the same neighbours. */
static void pair_renamed(const struct rows *rows, size_t writer_first, size_t writer_end,
                         size_t reader_first, size_t reader_end)
{
    const struct alignment *alignment = &rows->alignment;
    for (size_t i = writer_first, k = reader_first; i < writer_end; i++)
        for (size_t next = k; next < reader_end; next++)
            if (can_be_renamed(&rows->writer.list[i], &rows->reader.list[next])) {
                alignment->of_writer[i] = (int32_t)next;
                alignment->of_reader[next] = (int32_t)i;
                k = next + 1;
                break;
            }
}

/* Two fields of one type under different names, of lengths that are not known. */
static bool is_renamed(const struct rows *rows, size_t writer, size_t reader)
{
    const struct element *one = &rows->writer.list[writer], *other = &rows->reader.list[reader];
    return (one->width != WIDTH_FIXED || other->width != WIDTH_FIXED) && one->type[0] &&
           strcmp(one->type, other->type) == 0;
}

/* One field on both sides, whose length is sent. */
static bool is_one_buffer(const struct rows *rows, size_t writer_first, size_t writer_end,
                          size_t reader_first, size_t reader_end)
{
    if (writer_end - writer_first != 1 || reader_end - reader_first != 1)
        return false;
    const struct element *writer = &rows->writer.list[writer_first],
                         *reader = &rows->reader.list[reader_first];
    return strcmp(writer->name, reader->name) == 0 && both_send_count(rows, writer, reader);
}

/* The first element of a run that is on the wire; NULL: none is. */
static const struct element *first_certain(const struct elements *elements, const int32_t *others,
                                           size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        if (is_certain(&elements->list[i]) && others[i] == NO_ELEMENT)
            return &elements->list[i];
    return NULL;
}

/* Whether the state decides if the element is there, or how many bytes it has. What a function decides is taken as the machine's
 * choice. */
static bool is_dependent(const struct element *element, const struct vmwire_layouts *layouts)
{
    if (element->declared)
        return element->presence == PRESENCE_BY_STATE || element->counted;
    const struct layout_facts *facts = layouts && element->in && element->in->name
                                           ? layout_facts_of(layouts, element->in->name)
                                           : NULL;
    for (size_t i = 0; facts && i < facts->field_count; i++)
        if (strcmp(facts->fields[i].key, element->name) == 0 &&
            (layout_rule_asks_state(&facts->fields[i].rule) ||
             layout_rule_counts_by_state(&facts->fields[i].rule)))
            return true;
    return false;
}

/* What grammar/layouts tells of structures; NULL when memory runs out. */
static const struct vmwire_layouts *layouts_of(struct skew *skew)
{
    struct vmwire_error error;
    if (skew->layouts)
        return skew->layouts;
    struct vmwire_schema *schema = vmwire_schema_create(skew->arena, &error);
    if (schema && vmwire_schema_add_layouts(schema, &error))
        skew->layouts = schema->layouts;
    return skew->layouts;
}

/* Whether both streams have the buffer, with other lengths: nothing tells whether the length is sent. */
static bool has_other_length(const struct elements *elements, size_t first, size_t end,
                             const struct element *writer)
{
    for (size_t k = first; k < end; k++) {
        const struct element *reader = &elements->list[k];
        const bool steady = (writer->declared && !writer->counted) ||
                            (reader->declared && !reader->counted) ||
                            (writer->declared && reader->declared);
        if (!steady && strcmp(reader->name, writer->name) == 0 &&
            strcmp(writer->type, "buffer") == 0 && strcmp(reader->type, "buffer") == 0)
            return true;
    }
    return false;
}

/* Whether elements that only one side has can be there, or not, on both: the other side's program is not known. */
static bool can_depend(const struct rows *rows, size_t writer_first, size_t writer_end,
                       size_t reader_first, size_t reader_end)
{
    const struct vmwire_layouts *layouts = layouts_of(rows->comparison->skew);
    bool depends = false;
    for (size_t i = writer_first; i < writer_end; i++) {
        const struct element *writer = &rows->writer.list[i];
        depends |= is_certain(writer) &&
                   ((!rows->of->reader.declared && is_dependent(writer, layouts)) ||
                    has_other_length(&rows->reader, reader_first, reader_end, writer));
    }
    for (size_t k = reader_first; k < reader_end && !rows->of->writer.declared; k++)
        depends |=
            is_certain(&rows->reader.list[k]) && is_dependent(&rows->reader.list[k], layouts);
    return depends;
}

/* Compares what stands between two elements that both have. */
static void compare_run(const struct rows *rows, size_t writer_first, size_t writer_end,
                        size_t reader_first, size_t reader_end)
{
    const struct comparison *comparison = rows->comparison;
    const struct skew *skew = comparison->skew;
    pair_renamed(rows, writer_first, writer_end, reader_first, reader_end);
    struct run_sum writer =
        sum_run(&rows->writer, rows->alignment.of_writer, writer_first, writer_end);
    struct run_sum reader =
        sum_run(&rows->reader, rows->alignment.of_reader, reader_first, reader_end);
    const bool both = writer.certain && reader.certain;
    const bool open = writer.open || reader.open;
    if ((writer.bytes == reader.bytes && !open) ||
        is_one_buffer(rows, writer_first, writer_end, reader_first, reader_end) ||
        (writer.in_memory != reader.in_memory && both) ||
        (writer_end - writer_first == 1 && reader_end - reader_first == 1 &&
         is_renamed(rows, writer_first, reader_first)))
        return;
    struct vmwire_difference difference = begin_difference(comparison, rows->of, "fields");
    const struct element *first =
        first_certain(&rows->writer, rows->alignment.of_writer, writer_first, writer_end);
    first = first
                ? first
                : first_certain(&rows->reader, rows->alignment.of_reader, reader_first, reader_end);
    difference.path = path_of_element(rows, first);
    difference.writer = describe_run(rows, &rows->writer, writer_first, writer_end);
    difference.reader = describe_run(rows, &rows->reader, reader_first, reader_end);
    if (!writer.in_memory && !reader.in_memory)
        difference.bytes = (int64_t)writer.bytes - (int64_t)reader.bytes;
    difference.message = footer_message(comparison);
    difference.offset = offset_of_run(rows, writer_first);
    set_beside(rows, &difference, writer_first, writer_end, reader_first, reader_end);
    if (open && both)
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 "the lengths of these fields are not known to be the same");
    else if (can_depend(rows, writer_first, writer_end, reader_first, reader_end))
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 "what is sent of these fields can depend on the state; give the programs of both "
                 "sides");
    add_difference(comparison->skew, difference);
}

void compare_others(const struct rows *rows)
{
    const struct alignment *alignment = &rows->alignment;
    size_t i = 0, k = 0;
    for (size_t next = 0; next <= rows->writer.count; next++) {
        bool end = next == rows->writer.count;
        if (!end && alignment->of_writer[next] == NO_ELEMENT)
            continue;
        size_t other = end ? rows->reader.count : (size_t)alignment->of_writer[next];
        if (next > i || other > k)
            compare_run(rows, i, next, k, other);
        i = next + 1;
        k = other + 1;
    }
    compare_conditionals(rows, &rows->writer, alignment->of_writer);
    compare_conditionals(rows, &rows->reader, alignment->of_reader);
}
