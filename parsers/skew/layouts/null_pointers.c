/* SPDX-License-Identifier: MIT */
#include "skew/layouts/null_pointers.h"

#include <inttypes.h>

#include "skew/layouts/layout_difference.h"
#include "skew/shared/message.h"
#include "skew/shared/release.h"

/* Whether each marker is of a null pointer. Without a declaration one in front of an element can be of this, or of a null pointer
 * before it. */
static bool has_null_pointers(const struct element *element)
{
    if (element->markers != MARKERS_UNKNOWN)
        return element->markers == MARKERS_OF_NULL;
    for (size_t i = 0; i < element->described_count; i++)
        if (is_pointer_marker(&element->described[i]) &&
            strcmp(element->described[i].type, "ptr-marker") == 0)
            return false;
    return true;
}

/* Up to QEMU 9.2 the description has one field for the whole array, which tells only the first element. */
static bool tells_first_alone(const struct element *element)
{
    const char *type = element->described->type;
    return element->described_count == 1 && strcmp(type, "nullptr") != 0 &&
           strcmp(type, "ptr-marker") != 0;
}

/* A place in the described fields of an array: a field is of one element, or of several that are alike. */
struct place {
    const struct element *array;
    size_t field;
    uint64_t within;
};

static bool is_null(const struct place *place)
{
    return is_pointer_marker(&place->array->described[place->field]);
}

static bool has_element(const struct place *place)
{
    return place->field < place->array->described_count;
}

/* Goes on by so many elements, which are of one field. */
static void skip(struct place *place, uint64_t elements)
{
    place->within += elements;
    if (place->within < place->array->described[place->field].count)
        return;
    place->field++;
    place->within = 0;
}

static uint64_t left_in_field(const struct place *place)
{
    return place->array->described[place->field].count - place->within;
}

void compare_null_pointers(const struct rows *rows, const struct element *writer,
                           const struct element *reader)
{
    const struct comparison *comparison = rows->comparison;
    const struct skew *skew = comparison->skew;
    struct place theirs = {writer, 0, 0}, own = {reader, 0, 0};
    uint64_t element = 0;
    if (!skew->reader->stream || writer->here != HERE || reader->here != HERE ||
        !(writer->pointers || reader->pointers) || writer->markers == MARKERS_OF_ALL ||
        reader->markers == MARKERS_OF_ALL)
        return;
    const bool first_alone = tells_first_alone(writer) || tells_first_alone(reader);
    while (has_element(&theirs) && has_element(&own) && is_null(&theirs) == is_null(&own)) {
        if (first_alone)
            return;
        const uint64_t left = left_in_field(&theirs), others = left_in_field(&own),
                       alike = left < others ? left : others;
        element += alike;
        skip(&theirs, alike);
        skip(&own, alike);
    }
    if (!has_element(&theirs) || !has_element(&own))
        return;
    struct vmwire_difference difference = begin_difference(comparison, rows->of, "null-pointer");
    static const char *const words[] = {"an element", "a null pointer"};
    const char *unknown = "?";
    difference.path = path_of_element(rows, writer);
    difference.writer = vmwire_text(skew->arena, "%s[%" PRIu64 "]: %s", writer->name, element,
                                    words[is_null(&theirs)]);
    difference.reader = vmwire_text(skew->arena, "%s[%" PRIu64 "]: %s", reader->name, element,
                                    words[is_null(&own)]);
    difference.message =
        fill_message(skew->arena, reader_message(skew, difference.rule), &unknown, 1);
    difference.offset = offset_of_field(comparison, &writer->described[theirs.field]);
    if (!has_null_pointers(writer) || !has_null_pointers(reader))
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 "whether the reader goes by the markers that are sent, or by its own pointers; "
                 "give the programs");
    add_difference(comparison->skew, difference);
}
