/* SPDX-License-Identifier: MIT */
#include "skew/layouts/element_presence.h"

#include <string.h>

#include "skew/conditions/condition_words.h"
#include "skew/conditions/machine_types.h"
#include "skew/layouts/element_words.h"
#include "skew/layouts/layout_difference.h"
#include "skew/layouts/moved_fields.h"
#include "skew/layouts/on_wire.h"

static bool have_one_release(const struct skew *skew)
{
    const char *writer = skew->writer->declared ? skew->writer->declared->releases : NULL,
               *reader = skew->reader->declared ? skew->reader->declared->releases : NULL;
    return writer && reader && strcmp(writer, reader) == 0;
}

/* Where both machines are of one type, it is no machine type that sets a property on one side only. */
static const char *name_culprit(const struct skew *skew)
{
    const char *writer = configured_machine(skew, skew->writer->stream),
               *reader = configured_machine(skew, skew->reader->stream);
    return writer && reader && strcmp(writer, reader) == 0
               ? vmwire_text(skew->arena,
                             " Both machines are %s: a command line has set it on one side "
                             "(-global, -device)%s.",
                             writer, have_one_release(skew) ? "" : ", or the releases differ")
               : "";
}

/* What decides whether the field is there: the properties, and which machine types set them. NULL: that is not known. */
static const char *advise_property(const struct skew *skew, const struct element *element)
{
    const char *asked = describe_with_machines(skew, element->asks, &element->at);
    return asked
               ? vmwire_text(skew->arena, "The field is there if %s.%s", asked, name_culprit(skew))
               : NULL;
}

/* Whether another conditional field of the structure has the same name: mostly only one of them can be there. */
static bool has_twin(const struct elements *elements, const struct element *element)
{
    const size_t length = base_length(element->name);
    for (size_t i = 0; i < elements->count; i++) {
        const struct element *each = &elements->list[i];
        if (each != element && each->owner == element->owner && each->presence != PRESENCE_ALWAYS &&
            base_length(each->name) == length && strncmp(each->name, element->name, length) == 0)
            return true;
    }
    return false;
}

void compare_presence(const struct rows *rows, const struct element *writer,
                      const struct element *reader)
{
    const struct comparison *comparison = rows->comparison;
    const struct skew *skew = comparison->skew;
    const bool writer_has = is_present(writer), reader_has = is_present(reader);
    const bool writer_known = writer_has || is_left_out(writer),
               reader_known = reader_has || is_left_out(reader);
    /* Both go by the same bytes, or by what may be the same function. */
    if (reader->presence == PRESENCE_BY_STATE ||
        (writer->presence == PRESENCE_BY_STATE && !reader->declared) ||
        (!writer_known && !reader->declared) ||
        (writer_known && reader_known && writer_has == reader_has) ||
        (!reader_known && !(skew->reader->any_machine && !has_twin(&rows->reader, reader)) &&
         (!writer_known || !writer->declared || writer->presence != PRESENCE_ALWAYS)))
        return;
    if (!writer_known && reader->presence != PRESENCE_ALWAYS && reader->declared)
        return;
    struct vmwire_difference difference = begin_difference(comparison, rows->of, "condition");
    difference.path = path_of_element(rows, writer);
    difference.writer = writer_known && !writer_has ? "not sent"
                        : writer_known              ? describe_element(rows, writer)
                                       : vmwire_text(skew->arena, "%s, if a function says so",
                                                     describe_element(rows, writer));
    difference.reader = reader_known && !reader_has ? "not read"
                        : reader_known              ? describe_element(rows, reader)
                                       : vmwire_text(skew->arena, "%s, if a function says so",
                                                     describe_element(rows, reader));
    difference.message = footer_message(comparison);
    difference.bytes = writer_has ? (int64_t)writer->bytes : -(int64_t)reader->bytes;
    difference.offset = offset_of_run(rows, (size_t)(writer - rows->writer.list));
    if (!writer_known)
        set_asked(&difference, skew, writer, false,
                  "the writer's function decides that the field is not sent");
    else if (!reader_known)
        set_asked(&difference, skew, reader, !writer_has,
                  "the reader's function decides otherwise than the writer");
    else
        difference.advice = advise_property(skew, reader->asks ? reader : writer);
    add_difference(comparison->skew, difference);
}

/* An element that only one side has, and of which it is not known whether it is on the wire. */
static bool is_open_condition(const struct elements *elements, const int32_t *others, size_t index)
{
    const struct element *element = &elements->list[index];
    const bool counted_by_state = element->may_be_empty && element->width == WIDTH_SENT;
    return others[index] == NO_ELEMENT && !is_certain(element) &&
           (!is_absent(element) || counted_by_state) &&
           (element->presence == PRESENCE_ALWAYS || !has_twin(elements, element));
}

/* Says when an element is there that the other side does not have. `writer_lacks`: bytes before it ask for it, and the writer's
 * program has no such field: without a stream, only its code knows whether it ever sends such bytes. */
static void set_condition(const struct rows *rows, struct vmwire_difference *difference,
                          const struct element *element, bool reads, bool writer_lacks)
{
    const struct skew *skew = rows->comparison->skew;
    const struct view other = reads ? rows->of->writer : rows->of->reader;
    const bool by_state = element->presence == PRESENCE_BY_STATE,
               counted = element->presence == PRESENCE_ALWAYS;
    const bool declares = other.declared && !other.in_memory;
    const bool same_version = rows->of->writer.version_id == rows->of->reader.version_id;
    const bool decided =
        declares && !writer_lacks && (by_state || counted || !reads || same_version);
    if (!by_state && describe_condition(skew, element->asks, &element->at, true)) {
        set_asked(difference, skew, element, true, "");
        return;
    }
    set_when(difference, decided ? VMWIRE_WHEN_NEEDED : VMWIRE_NOT_DECIDED, skew,
             writer_lacks ? "fields that are sent before say that it is there; nothing tells "
                            "whether a writer that does not have it ever sends them so"
             : by_state   ? "fields that are sent before say that it is there"
             : counted    ? "there is at least one element of it"
             : reads ? "a function of the reader says that it is there (it asks a property of the "
                       "machine, the state, or the version)"
                     : "a function of the writer says that it is sent");
}

/* A conditional element of the reader that the writer does not have, or the reverse. */
static void compare_conditional(const struct rows *rows, const struct elements *elements,
                                size_t index)
{
    const struct comparison *comparison = rows->comparison;
    const bool reads = elements == &rows->reader;
    const struct element *element = &elements->list[index];
    const struct view other = reads ? rows->of->writer : rows->of->reader;
    const bool by_state = element->presence == PRESENCE_BY_STATE,
               counted = element->presence == PRESENCE_ALWAYS;
    /* What the stream's own bytes tell is the same for both; another layout would have the field. */
    if ((by_state || (counted && element->width == WIDTH_SENT)) && !other.declared)
        return;
    /* How many the machine has is not asked where nothing is known of the machine. */
    if (counted && element->width != WIDTH_SENT && reads && comparison->section->written &&
        !comparison->skew->reader->stream && !comparison->skew->reader->any_machine &&
        (!other.declared || declares_name(&rows->writer, element)))
        return;
    struct vmwire_difference difference = begin_difference(comparison, rows->of, "condition");
    const char *text = describe_element(rows, element);
    difference.path = path_of_element(rows, element);
    difference.writer = reads ? NULL : text;
    difference.reader = reads ? text : NULL;
    difference.message = footer_message(comparison);
    difference.bytes = reads ? -(int64_t)element->bytes : (int64_t)element->bytes;
    difference.offset = difference.section_offset;
    set_condition(rows, &difference, element, reads,
                  reads && by_state && !comparison->section->written &&
                      !declares_name(&rows->writer, element));
    add_difference(comparison->skew, difference);
}

void compare_conditionals(const struct rows *rows, const struct elements *elements,
                          const int32_t *others)
{
    for (size_t i = 0; i < elements->count; i++)
        if (is_open_condition(elements, others, i) && !stands_elsewhere(rows, elements, i))
            compare_conditional(rows, elements, i);
}
