/* SPDX-License-Identifier: MIT */
#include "skew/layouts/element_counts.h"

#include "skew/layouts/element_words.h"
#include "skew/layouts/layout_difference.h"
#include "skew/layouts/on_wire.h"
#include "skew/layouts/sent_values.h"

/* The number of elements, or the bytes of the only one. */
static uint64_t length_of(const struct element *element)
{
    return element->count == 1 && is_unknown_view(element->inside) ? element->bytes
                                                                   : element->count;
}

bool both_send_count(const struct rows *rows, const struct element *writer,
                     const struct element *reader)
{
    const struct compared_section *section = rows->comparison->section;
    /* A declaration tells, and one that tells a steady number says no; so do the bytes that the reader goes by. */
    const bool declared = (writer->declared && reader->declared) || reader->told,
               steady =
                   (writer->declared && !writer->counted) || (reader->declared && !reader->counted);
    return !declared && !steady && writer->described && reader->described && section->written &&
           section->own && section->written->record && section->own->record &&
           is_sent_before(section->written->record, writer->described, length_of(writer)) &&
           is_sent_before(section->own->record, reader->described, length_of(reader));
}

/* How the number of elements is known. */
enum numbering {
    NUMBER_FIXED,   /* it is always the same */
    NUMBER_SHOWN,   /* this machine's stream shows it */
    NUMBER_SENT,    /* the writer sends it, in a field before, or as a list */
    NUMBER_MACHINE, /* only the machine knows it */
    NUMBER_PRIVATE, /* the encoding has it, or sizes in memory do not tell it */
};

static enum numbering numbering_of(const struct element *element)
{
    if (element->width == WIDTH_IN_MEMORY && element->count > 1)
        return NUMBER_FIXED; /* the dump tells it */
    if (element->width == WIDTH_PRIVATE || element->width == WIDTH_IN_MEMORY)
        return NUMBER_PRIVATE;
    if (element->width == WIDTH_SENT)
        return NUMBER_SENT;
    if (element->declared && !element->counted)
        return NUMBER_FIXED; /* elements of one length or another */
    if (element->width == WIDTH_MACHINE)
        return element->here == HERE_UNKNOWN ? NUMBER_MACHINE : NUMBER_SHOWN;
    return NUMBER_FIXED;
}

bool have_other_counts(const struct element *writer, const struct element *reader)
{
    const enum numbering writes = numbering_of(writer), reads = numbering_of(reader);
    if (writes == NUMBER_FIXED && reads == NUMBER_FIXED)
        return writer->count != reader->count;
    const bool shown = (writes == NUMBER_SHOWN || writes == NUMBER_FIXED) &&
                       (reads == NUMBER_SHOWN || reads == NUMBER_FIXED || reader->told);
    if (!shown)
        return false;
    /* Structures can send subsections, or not: their bytes do not tell how many there are; nor do those of pointers. */
    const bool bytes = is_unknown_view(writer->inside) && !writer->pointers && !reader->pointers;
    return bytes ? sent_bytes(writer) != sent_bytes(reader)
                 : sent_count(writer) != sent_count(reader);
}

/* Whether streams show other numbers, and it is not known whether the reader goes by what is sent. */
static bool shows_other_count(const struct element *writer, const struct element *reader)
{
    const bool count = numbering_of(writer) != NUMBER_PRIVATE && is_unknown_view(writer->inside) &&
                       !writer->pointers && !reader->pointers;
    return count && !reader->declared && writer->here == HERE && reader->here == HERE &&
           writer->bytes != reader->bytes;
}

bool is_counted_on_one_side(const struct element *writer, const struct element *reader)
{
    const enum numbering writes = numbering_of(writer), reads = numbering_of(reader);
    return writer->declared && reader->declared &&
           ((writes == NUMBER_FIXED && (reads == NUMBER_SENT || reads == NUMBER_MACHINE)) ||
            (reads == NUMBER_FIXED && (writes == NUMBER_SENT || writes == NUMBER_MACHINE)) ||
            (writes == NUMBER_SENT && reads == NUMBER_MACHINE) ||
            (writes == NUMBER_MACHINE && reads == NUMBER_SENT));
}

/* Whether the writer's number is known, and the reader's machine has one of its own that its stream does not show. */
static bool has_untold_count(const struct rows *rows, const struct element *writer,
                             const struct element *reader)
{
    const enum numbering writes = numbering_of(writer);
    const struct vmwire_side *side = rows->comparison->skew->reader;
    return (side->any_machine ? writer->here != HERE_UNKNOWN
                              : side->stream && writer->here == HERE) &&
           (writes == NUMBER_SHOWN || writes == NUMBER_FIXED) &&
           numbering_of(reader) == NUMBER_MACHINE;
}

/* Whether dumps tell the number of elements on one side only, although both tell all that are always the same. */
static bool is_dumped_on_one_side(const struct skew *skew, const struct element *writer,
                                  const struct element *reader)
{
    return writer->width == WIDTH_IN_MEMORY && reader->width == WIDTH_IN_MEMORY &&
           skew->writer->dumped && skew->reader->dumped && skew->writer->dumped->dumps_counts &&
           skew->reader->dumped->dumps_counts && (writer->count > 1) != (reader->count > 1);
}

static const char *describe_number(const struct rows *rows, const struct element *element)
{
    return element->here == NOT_HERE
               ? vmwire_text(rows->comparison->skew->arena, "no element of %s", element->path)
               : describe_element(rows, element);
}

void compare_counts(const struct rows *rows, const struct element *writer,
                    const struct element *reader)
{
    const struct comparison *comparison = rows->comparison;
    const struct skew *skew = comparison->skew;
    const bool one_side = is_counted_on_one_side(writer, reader),
               unlike = have_other_counts(writer, reader) || shows_other_count(writer, reader),
               untold = has_untold_count(rows, writer, reader),
               dumped = is_dumped_on_one_side(skew, writer, reader),
               another = goes_by_another_count(rows, writer, reader);
    if (!another &&
        ((!unlike && !one_side && !untold && !dumped) || both_send_count(rows, writer, reader)))
        return;
    struct vmwire_difference difference = begin_difference(comparison, rows->of, "array-length");
    difference.path = path_of_element(rows, writer);
    difference.writer = describe_number(rows, writer);
    difference.reader = describe_number(rows, reader);
    difference.message = footer_message(comparison);
    const bool fixed = numbering_of(writer) == NUMBER_FIXED && numbering_of(reader) == NUMBER_FIXED;
    if (!untold && numbering_of(writer) != NUMBER_MACHINE && numbering_of(reader) != NUMBER_MACHINE)
        difference.bytes = (int64_t)sent_bytes(writer) - (int64_t)sent_bytes(reader);
    if (fixed && writer->declared && reader->declared)
        difference.advice = "The number is fixed in both programs: what has the array cannot be "
                            "migrated this way.";
    difference.offset = offset_of_field(comparison, writer->described);
    if (untold)
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 skew->reader->stream
                     ? "how many the reader's machine has: its stream does not show it. Nothing is "
                       "wrong where both machines have the same number"
                     : "how many the reader's machine has");
    else if (dumped)
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 "whether the other side has one element, or sends how many: its dump tells no "
                 "number");
    else if (one_side && !(unlike && reader->told))
        set_when(
            &difference, VMWIRE_WHEN_NEEDED, skew,
            "the number of elements is not the same: only one side goes by what is sent, or by "
            "its machine");
    else if (!another && !is_certain(writer) && numbering_of(writer) != NUMBER_SHOWN &&
             !(is_measured(reader) &&
               writer->presence == PRESENCE_BY_CODE)) /* it fails without it, too */
        set_when(&difference, VMWIRE_WHEN_NEEDED, skew, "the field is sent");
    else if (!reader->declared)
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 "nothing tells whether the number of elements is sent; give the program of the "
                 "reader");
    add_difference(comparison->skew, difference);
}
