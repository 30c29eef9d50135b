/* SPDX-License-Identifier: MIT */
/*
 * The structures that are to be compared wait in a list, so nothing recurses.
 */
#include "skew/layouts/layouts.h"

#include <string.h>

#include "skew/conditions/conditions.h"
#include "skew/conditions/machine_types.h"
#include "skew/layouts/byte_balance.h"
#include "skew/layouts/dumped_fields.h"
#include "skew/layouts/element_counts.h"
#include "skew/layouts/element_presence.h"
#include "skew/layouts/null_pointers.h"
#include "skew/layouts/one_sided_fields.h"
#include "skew/layouts/sent_values.h"
#include "skew/layouts/subsections.h"
#include "skew/layouts/versions.h"

/* Parts of a private encoding that are structures of their own: those that the writer's stream has in it. */
static void wait_for_parts(const struct rows *rows, const struct element *writer,
                           const struct element *reader)
{
    const struct vmwire_schema *writers = rows->comparison->skew->writer->declared;
    const struct vmwire_schema *readers = rows->comparison->skew->reader->declared;
    for (size_t i = 0; i < writer->described_count; i++) {
        const struct vmwire_field *field = &writer->described[i];
        struct view own = {.described = field->structure}, other = {.declared = NULL};
        if (field->class != VMWIRE_FIELD_RECORD || !field->structure || !field->structure->name)
            continue;
        own.version_id = field->structure->described_version_id;
        for (size_t k = 0; k < reader->described_count && !other.described; k++)
            if (strcmp(reader->described[k].name, field->name) == 0)
                other.described = reader->described[k].structure;
        own.declared = writers ? vmwire_schema_declared(writers, field->structure->name, 0) : NULL;
        other.declared =
            readers ? vmwire_schema_declared(readers, field->structure->name, 0) : NULL;
        other.version_id = other.declared    ? other.declared->version_id
                           : other.described ? other.described->described_version_id
                                             : 0;
        const struct skew *skew = rows->comparison->skew;
        compare_later(rows->comparison,
                      (struct waiting){own, other,
                                       join_path(skew->arena, rows->of->path, field->name),
                                       rows->of->when, false});
    }
}

/* The structures of an element that both have are compared later. */
static void wait_for_inside(const struct rows *rows, const struct element *writer,
                            const struct element *reader)
{
    const struct skew *skew = rows->comparison->skew;
    const char *when = rows->of->when;
    if (writer->width == WIDTH_PRIVATE) {
        wait_for_parts(rows, writer, reader);
        return;
    }
    if (is_unknown_view(writer->inside))
        return;
    const bool shown = writer->here == HERE && (!writer->described || writer->inside.described);
    bool may_be_empty = !shown && (writer->width == WIDTH_SENT || writer->may_be_empty ||
                                   writer->presence != PRESENCE_ALWAYS);
    if (may_be_empty && !when)
        when = vmwire_text(skew->arena, "%s is sent", path_of_element(rows, writer));
    compare_later(rows->comparison, (struct waiting){writer->inside, reader->inside,
                                                     path_of_element(rows, writer), when, false});
}

static void compare_same(const struct rows *rows, const struct element *writer,
                         const struct element *reader)
{
    compare_presence(rows, writer, reader);
    compare_null_pointers(rows, writer, reader);
    if (writer->width != WIDTH_PRIVATE)
        compare_counts(rows, writer, reader);
}

/* Does so with each element that both have. */
static void for_shared(const struct rows *rows,
                       void (*what)(const struct rows *rows, const struct element *writer,
                                    const struct element *reader))
{
    for (size_t i = 0; i < rows->writer.count; i++)
        if (rows->alignment.of_writer[i] != NO_ELEMENT)
            what(rows, &rows->writer.list[i], &rows->reader.list[rows->alignment.of_writer[i]]);
}

/* Whether a stream shows a field, or none, where its program says otherwise for the machine type: then a command line has set
 * the property, and that of the reader can have done so, too. */
static bool is_set_by_hand(const struct elements *elements)
{
    for (size_t i = 0; i < elements->count; i++) {
        const struct element *element = &elements->list[i];
        if ((element->asked == 1 && element->here == NOT_HERE) ||
            (element->asked == 0 && element->here == HERE))
            return true;
    }
    return false;
}

static void compare_structures(struct comparison *comparison, struct waiting of)
{
    struct vmwire_arena *arena = comparison->skew->arena;
    const bool taken = compare_versions(comparison, &of);
    if (!taken && comparison->section->written)
        return;
    /* The version is that of the writer, also where the reader has a later one. */
    if (of.path[0] == '\0')
        of.reader.version_id = of.writer.version_id;
    struct rows rows = {.comparison = comparison, .of = &of};
    list_rows(&rows);
    const bool reader = of.reader.at.machine && is_set_by_hand(&rows.writer),
               writer = of.writer.at.machine && is_set_by_hand(&rows.reader);
    if (reader)
        of.reader.at.machine = NULL;
    if (writer)
        of.writer.at.machine = NULL;
    if (reader || writer)
        list_rows(&rows);
    follow_writer(&rows);
    rows.alignment = align_elements(arena, &rows.writer, &rows.reader);
    follow_counts(&rows);
    const size_t first = comparison->skew->count;
    if (taken && is_dump_against_wire(&of))
        compare_dumped_fields(&rows);
    else if (taken) { /* otherwise other fields are no wonder */
        compare_others(&rows);
        for_shared(&rows, compare_same);
        settle(&rows, first);
    }
    for_shared(&rows, wait_for_inside);
    compare_parts(&rows);
}

void compare_layouts(struct skew *skew, const struct compared_section *section, struct view writer,
                     struct view reader)
{
    struct comparison comparison = {.skew = skew, .section = section};
    if (!writer.in_memory)
        writer.at = place_of_device(writer.declared, machine_of_side(skew, skew->writer));
    if (!reader.in_memory)
        reader.at = place_of_device(reader.declared, machine_of_side(skew, skew->reader));
    /* Nothing tells then what a command line has set. */
    if ((writer.described && !writer.declared) || skew->reader->any_machine)
        reader.at.machine = NULL;
    if (reader.described && !reader.declared)
        writer.at.machine = NULL;
    compare_later(&comparison, (struct waiting){writer, reader, "", NULL, true});
    for (size_t i = 0; i < comparison.count; i++)
        compare_structures(&comparison, comparison.list[i]);
}
