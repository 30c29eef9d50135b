/* SPDX-License-Identifier: MIT */
/*
 * A section has the name of its structure behind the last part of the device's path.
 */
#include "skew/sections.h"

#include <string.h>

#include "skew/devices.h"
#include "skew/layouts/layouts.h"
#include "skew/layouts/private_encodings.h"
#include "skew/shared/aliases.h"
#include "skew/shared/loader_tables.h"
#include "skew/shared/message.h"
#include "skew/shared/places.h"
#include "skew/shared/release.h"
#include "skew/side_structures.h"

/* The first of this name and id. */
static const struct vmwire_item *find_section(const struct vmwire_stream *stream, const char *idstr,
                                              uint32_t instance_id)
{
    for (size_t i = 0; stream && i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (item->instance_id == instance_id && begins_section(item) &&
            idstr_is(item->idstr, idstr))
            return item;
    }
    return NULL;
}

/* The name behind the device's path. */
static const struct vmwire_field *find_field(const struct vmwire_structure *structure,
                                             const char *name)
{
    for (size_t i = 0; i < structure->field_count; i++)
        if (strcmp(structure->fields[i].name, name) == 0)
            return &structure->fields[i];
    return NULL;
}

static const char *last_part(const char *idstr, const struct vmwire_structure *structure)
{
    const size_t length = strlen(idstr),
                 own = structure && structure->name ? strlen(structure->name) : 0;
    if (own && own < length && strcmp(idstr + length - own, structure->name) == 0)
        return idstr + length - own;
    const char *slash = strrchr(idstr, '/');
    return slash ? slash + 1 : idstr;
}

/* Whether both have a place, and the same. */
static bool is_in_place(const char *idstr, const char *name, const char *other,
                        const char *other_name)
{
    const size_t length = (size_t)(name - idstr);
    return length && (size_t)(other_name - other) == length && memcmp(idstr, other, length) == 0;
}

/* A section of the reader's machine that the writer does not send: the same device in another place, or another one in its place.
 * NULL: there is none, or not among the first of them. */
static const char *find_elsewhere(const struct skew *skew, const char *idstr,
                                  const struct vmwire_structure *structure)
{
    enum { TRIED_MOST = 64 };
    const char *name = last_part(idstr, structure);
    size_t tried = 0;
    for (size_t i = 0; i < skew->reader->stream->item_count && tried < TRIED_MOST; i++) {
        const struct vmwire_item *item = skew->reader->stream->items[i];
        if (!begins_section(item) || item->idstr.length > UINT8_MAX)
            continue;
        char other[UINT8_MAX + 1] = "";
        memcpy(other, item->idstr.data, item->idstr.length);
        const struct vmwire_structure *own = item->record ? item->record->structure : NULL;
        const char *other_name = last_part(other, own);
        if (strcmp(other_name, name) != 0 && !is_in_place(idstr, name, other, other_name))
            continue;
        tried++;
        if (!find_section(skew->writer->stream, other, item->instance_id))
            return vmwire_text(skew->arena, "\"%s\" instance %u", other, item->instance_id);
    }
    return NULL;
}

/* A machine can have the section and not send it: the reader's program tells, or else the table does. */
static bool is_sent_at_need(const char *idstr, struct view writer, struct view reader)
{
    if (reader.declared && !reader.in_memory)
        return reader.declared->conditional;
    const char *name = view_name(writer) ? view_name(writer) : idstr;
    for (size_t i = 0; i < at_need_row_count; i++)
        if (strcmp(name, at_need_rows[i]) == 0 || strcmp(idstr, at_need_rows[i]) == 0)
            return true;
    return false;
}

/* A machine that did not send the section can have it: what has kept it from that can keep it from reading fields, too. */
static void add_fields_at_need(struct skew *skew, const struct compared_section *section,
                               struct view reader)
{
    const struct vmwire_record *record = section->written->record;
    const struct vmwire_structure *declared = reader.in_memory ? NULL : reader.declared;
    const char *names = NULL;
    const struct vmwire_value *first = NULL;
    for (const struct vmwire_value *value = record && declared ? record->values : NULL; value;
         value = value->next) {
        const struct vmwire_field *field = find_field(declared, value->field->name);
        if (!field || !field->dependence || !field->dependence->condition)
            continue;
        first = first ? first : value;
        names = names ? vmwire_text(skew->arena, "%s, %s", names, field->name) : field->name;
    }
    if (!first)
        return;
    struct vmwire_difference difference = section_difference(skew, "condition", section->written);
    difference.certainty = VMWIRE_NOT_DECIDED;
    difference.when = "whether the reader's machine has the section, and without these fields: its "
                      "stream tells neither";
    difference.structure = declared->name;
    difference.path = first->field->name;
    difference.writer = names;
    difference.reader = vmwire_text(skew->arena, "%s, if a function says so", names);
    difference.advice = "Give both machines the same CPU model and features, and the same "
                        "properties of -machine and of the device.";
    difference.message = vmwire_text(skew->arena, "Missing section footer for %s", section->idstr);
    difference.offset = offset_in(skew->writer, vmwire_value_place(first, skew->writer->bytes));
    add_difference(skew, difference);
}

/* The reader's machine does not have the section, or its program knows no such device. `when`: that
 * is not sure, but so. */
static void add_unknown_section(struct skew *skew, const struct compared_section *section,
                                struct view writer, struct view reader, const char *when)
{
    const bool machine = skew->reader->stream || skew->reader->described;
    const struct vmwire_structure *structure =
        writer.described ? writer.described : writer.declared;
    struct vmwire_difference difference = section_difference(
        skew, machine ? "section-unknown" : "device-undeclared", section->written);
    difference.structure = structure ? structure->name : NULL;
    difference.writer =
        structure && structure->name
            ? vmwire_text(skew->arena, "%s, version %u", structure->name, writer.version_id)
            : "sent";
    const char *const named[] = {section->idstr,
                                 vmwire_text(skew->arena, "%u", section->instance_id)};
    difference.message = fill_message(skew->arena, reader_message(skew, difference.rule), named, 2);
    difference.offset = difference.section_offset;
    if (skew->reader->stream)
        difference.reader = find_elsewhere(skew, section->idstr, structure);
    if (machine && is_sent_at_need(section->idstr, writer, reader)) {
        if (section->written->kind == VMWIRE_ITEM_SECTION_START)
            return;
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = "the reader sends such a section only when it is needed, so its stream "
                          "does not tell whether its machine has it";
        add_fields_at_need(skew, section, reader);
    }
    if (when) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = when;
    }
    /* Some structures get their name only when QEMU runs. */
    if (!machine && skew->writer->declared && !writer.declared) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when =
            "the declarations of the writer do not have it either: QEMU names it when "
            "it runs";
    }
    add_difference(skew, difference);
}

/* No program declares an iterable section: a table tells which releases have it. */
static void check_removed(struct skew *skew, const struct compared_section *section)
{
    const struct release_range releases = reader_releases(skew);
    const struct removed_row *row = removed_rows;
    while (row < removed_rows + removed_row_count && strcmp(row->idstr, section->idstr) != 0)
        row++;
    if (row == removed_rows + removed_row_count || section->own || releases.last < row->until)
        return;
    struct vmwire_difference difference =
        section_difference(skew, "section-unknown", section->written);
    const char *const named[] = {section->idstr, "0"};
    difference.writer = "sent";
    difference.offset = difference.section_offset;
    difference.message = fill_message(skew->arena, reader_message(skew, difference.rule), named, 2);
    difference.advice = row->advice;
    if (releases.first < row->until) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = vmwire_text(skew->arena, "the reader is QEMU %u.%u or newer",
                                      row->until / 100, row->until % 100);
    }
    add_difference(skew, difference);
}

/* The layout that the section was sent with; NULL: it was read by what a program declares, which has what can be there, not what
 * is. */
static const struct vmwire_structure *sent_layout(const struct vmwire_item *section)
{
    const struct vmwire_structure *structure =
        section && section->record ? section->record->structure : NULL;
    return structure && !structure->declared ? structure : NULL;
}

static void compare_section(struct skew *skew, const struct vmwire_item *item)
{
    const struct vmwire_side *reader = skew->reader;
    struct compared_section section = {
        .idstr = text_of_bytes(skew, item->idstr),
        .instance_id = item->instance_id,
        .written = item,
    };
    const char *when;
    section.own = find_taker(skew, item, &when);
    const struct vmwire_structure *structure = item->record ? item->record->structure : NULL;
    const struct vmwire_device *device =
        !reader->stream && reader->described
            ? vmwire_schema_device(reader->described, section.idstr, item->instance_id)
            : NULL;
    struct view writes = view_of_section(skew->writer, section.idstr, sent_layout(item), structure);
    writes.version_id = item->version_id;
    struct view reads = view_of_section(
        reader, section.idstr, device ? device->structure : sent_layout(section.own), structure);
    if (item->kind == VMWIRE_ITEM_SECTION_START) {
        check_removed(skew, &section);
        if (reader->stream && !section.own)
            add_unknown_section(skew, &section, writes, reads, when);
        return;
    }
    bool machine = reader->stream || reader->described;
    bool has = machine ? section.own || device : !is_unknown_view(reads);
    if (!has && tells_devices(reader))
        add_unknown_section(skew, &section, writes, reads, when);
    else if (!has && structure && structure->name)
        add_undumped_section(skew, &section, true);
    if (!has || !structure || !structure->name)
        return;
    const size_t first = skew->count;
    compare_layouts(skew, &section, writes, reads);
    compare_private_encodings(skew, &section, first);
}

void compare_sections(struct skew *skew)
{
    const struct vmwire_stream *stream = skew->writer->stream;
    for (size_t i = 0; i < stream->item_count; i++)
        if (begins_section(stream->items[i]))
            compare_section(skew, stream->items[i]);
}
