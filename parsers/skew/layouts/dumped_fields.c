/* SPDX-License-Identifier: MIT */
#include "skew/layouts/dumped_fields.h"

#include <string.h>

#include "skew/layouts/element_words.h"
#include "skew/layouts/layout_difference.h"
#include "skew/layouts/on_wire.h"

bool is_dump_against_wire(const struct waiting *of)
{
    return of->writer.in_memory != of->reader.in_memory;
}

/* One side's row, and which element of the other one each is. */
struct row {
    const struct elements *elements;
    const int32_t *others;
};

static bool have_one_name(const struct element *a, const struct element *b)
{
    const size_t length = base_length(a->name);
    return base_length(b->name) == length && strncmp(a->name, b->name, length) == 0;
}

/* Whether the other side has the name on an element that both have: of several of one name a stream has those that are sent. Or
 * it declares the name and leaves it out, where a function says so. */
static bool is_known_by_name(struct row other, const struct element *element)
{
    if (element->presence != PRESENCE_ALWAYS && declares_name(other.elements, element))
        return true;
    for (size_t i = 0; i < other.elements->count; i++)
        if (other.others[i] != NO_ELEMENT && have_one_name(&other.elements->list[i], element))
            return true;
    return false;
}

/* The elements of a side that the other one does not have, in words; NULL: there are none. `first`: the first of them. */
static const char *describe_lone(const struct rows *rows, struct row row, struct row other,
                                 const struct element **first)
{
    enum { SHOWN = 4 };
    const struct skew *skew = rows->comparison->skew;
    const char *text = NULL;
    size_t count = 0;
    for (size_t i = 0; i < row.elements->count; i++) {
        const struct element *element = &row.elements->list[i];
        if (row.others[i] != NO_ELEMENT || is_absent(element) || is_known_by_name(other, element))
            continue;
        if (!count++ && !*first)
            *first = element;
        if (count <= SHOWN)
            text = vmwire_text(skew->arena, "%s%s%s", text ? text : "", text ? ", " : "",
                               describe_element(rows, element));
    }
    return count > SHOWN ? vmwire_text(skew->arena, "%s and %zu more", text, count - SHOWN) : text;
}

static void add_lone(const struct rows *rows)
{
    const struct comparison *comparison = rows->comparison;
    const struct row writer = {&rows->writer, rows->alignment.of_writer},
                     reader = {&rows->reader, rows->alignment.of_reader};
    const struct element *first = NULL;
    const char *written = describe_lone(rows, writer, reader, &first),
               *read = describe_lone(rows, reader, writer, &first);
    if (!first)
        return;
    struct vmwire_difference difference = begin_difference(comparison, rows->of, "fields-undumped");
    difference.path = path_of_element(rows, first);
    difference.writer = written;
    difference.reader = read;
    difference.message = footer_message(comparison);
    difference.offset =
        written ? offset_of_field(comparison, first->described) : difference.section_offset;
    set_when(
        &difference, VMWIRE_NOT_DECIDED, comparison->skew,
        "whether these fields are sent, have another name, or no element: a dump does not tell");
    add_difference(comparison->skew, difference);
}

/* Whether a dump has the size that such a field has on the wire: of integers, unused bytes, and buffers of one size. */
static bool has_dumped_size(const struct element *wire, const struct element *memory)
{
    static const char *const types[] = {"int8",  "int16",  "int32",  "int64",  "bool",
                                        "uint8", "uint16", "uint32", "uint64", "buffer"};
    const size_t length = strcspn(wire->type, " "); /* "int32 equal" */
    bool known = wire->filler;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        known |= strlen(types[i]) == length && strncmp(types[i], wire->type, length) == 0;
    return known && wire->width == WIDTH_FIXED && memory->width == WIDTH_IN_MEMORY && memory->each;
}

static size_t count_name(const struct elements *elements, const struct element *element)
{
    size_t count = 0;
    for (size_t i = 0; i < elements->count; i++)
        count += have_one_name(&elements->list[i], element);
    return count;
}

/* Whether a function decides on one side only whether the field is there. Of several of one name nothing tells which is which. */
static bool is_asked_on_one_side(const struct rows *rows, const struct element *writer,
                                 const struct element *reader)
{
    return writer->declared && reader->declared && writer->asked == -1 && reader->asked == -1 &&
           (writer->presence == PRESENCE_ALWAYS) != (reader->presence == PRESENCE_ALWAYS) &&
           count_name(&rows->writer, writer) == 1 && count_name(&rows->reader, reader) == 1;
}

/* Whether the number of elements is another one than the dump tells. */
static bool has_other_number(const struct element *wire, const struct element *memory)
{
    return memory->count > 1 && wire->width == WIDTH_FIXED && wire->count != memory->count &&
           (has_dumped_size(wire, memory) || !is_unknown_view(wire->inside));
}

/* Whether nothing tells how many elements a machine has, of which a stream is given: the stream does not have the structure. Old
 * dumps tell no numbers, and none tells that of structures that are counted. */
static bool has_untold_number(const struct rows *rows, const struct element *wire,
                              const struct element *memory)
{
    const struct skew *skew = rows->comparison->skew;
    const struct vmwire_side *side = rows->of->writer.in_memory ? skew->writer : skew->reader;
    return (side->stream || side->described) && memory->count <= 1 &&
           (!side->dumped->dumps_counts || !is_unknown_view(wire->inside) || wire->counted ||
            wire->count > 1);
}

/* Why an element that both have can differ; NULL: it does not. */
static const char *doubt(const struct rows *rows, const struct element *writer,
                         const struct element *reader)
{
    const struct element *wire = rows->of->writer.in_memory ? reader : writer,
                         *memory = wire == writer ? reader : writer;
    if (has_other_number(wire, memory) ||
        (has_dumped_size(wire, memory) && wire->each != memory->each))
        return "whether the field has this size on the wire: a dump has sizes in memory";
    if (has_untold_number(rows, wire, memory))
        return "how many elements the other machine has: its stream does not show it, and a dump "
               "does not tell";
    if (is_asked_on_one_side(rows, writer, reader))
        return "what a function says of one side: a dump does not tell what it asks";
    return NULL;
}

static const char *describe_presence(const struct rows *rows, const struct element *element)
{
    const char *text = describe_element(rows, element);
    return element->declared && element->presence == PRESENCE_BY_CODE
               ? vmwire_text(rows->comparison->skew->arena, "%s, if a function says so", text)
               : text;
}

static void compare_shared(const struct rows *rows, const struct element *writer,
                           const struct element *reader)
{
    const struct comparison *comparison = rows->comparison;
    const char *doubted = doubt(rows, writer, reader);
    if (!doubted)
        return;
    struct vmwire_difference difference = begin_difference(comparison, rows->of, "fields-undumped");
    difference.path = path_of_element(rows, writer);
    difference.writer = describe_presence(rows, writer);
    difference.reader = describe_presence(rows, reader);
    difference.message = footer_message(comparison);
    difference.offset = offset_of_field(comparison, writer->described);
    set_when(&difference, VMWIRE_NOT_DECIDED, comparison->skew, doubted);
    add_difference(comparison->skew, difference);
}

/* Structures of one name are one element under two names, if they stand in the same order. */
static void pair_structures(const struct rows *rows)
{
    const struct alignment *alignment = &rows->alignment;
    size_t next = 0;
    for (size_t i = 0; i < rows->writer.count; i++) {
        const char *name = view_name(rows->writer.list[i].inside);
        if (alignment->of_writer[i] != NO_ELEMENT) {
            next = (size_t)alignment->of_writer[i] + 1;
            continue;
        }
        for (size_t k = next;
             name && k < rows->reader.count && alignment->of_reader[k] == NO_ELEMENT; k++) {
            const char *other = view_name(rows->reader.list[k].inside);
            if (!other || strcmp(name, other) != 0)
                continue;
            alignment->of_writer[i] = (int32_t)k;
            alignment->of_reader[k] = (int32_t)i;
            next = k + 1;
            break;
        }
    }
}

void compare_dumped_fields(const struct rows *rows)
{
    pair_structures(rows);
    add_lone(rows);
    for (size_t i = 0; i < rows->writer.count; i++)
        if (rows->alignment.of_writer[i] != NO_ELEMENT)
            compare_shared(rows, &rows->writer.list[i],
                           &rows->reader.list[rows->alignment.of_writer[i]]);
}
