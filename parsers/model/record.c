/* SPDX-License-Identifier: MIT */
/*
 * Walks and compares records and items. Knows the trees; knows nothing of reading and writing.
 */
#include "vmwire/record.h"

#include <string.h>

#include "vmwire/wire.h"
#include "wire_rows.h"

const char *vmwire_item_kind_name(enum vmwire_item_kind kind)
{
    static const char *const names[] = {
        [VMWIRE_ITEM_CONFIGURATION] = "configuration",
        [VMWIRE_ITEM_SECTION_START] = "start",
        [VMWIRE_ITEM_SECTION_PART] = "part",
        [VMWIRE_ITEM_SECTION_END] = "end",
        [VMWIRE_ITEM_SECTION_FULL] = "full",
        [VMWIRE_ITEM_COMMAND] = "command",
        [VMWIRE_ITEM_PACKAGE] = "package",
        [VMWIRE_ITEM_PACKAGE_END] = "package-end",
        [VMWIRE_ITEM_EOF] = "eof",
        [VMWIRE_ITEM_DESCRIPTION] = "description",
        [VMWIRE_ITEM_UNREAD] = "unread",
    };
    return names[kind];
}

size_t vmwire_item_header_length(const struct vmwire_item *item)
{
    return item->kind == VMWIRE_ITEM_CONFIGURATION ? 1 : 1 + 4 + 1 + item->idstr.length + 4 + 4;
}

const uint8_t *vmwire_value_place(const struct vmwire_value *value, struct vmwire_bytes stream)
{
    const uint8_t *data = value->data.data, *place;
    if (!data || (data >= stream.data && data <= stream.data + stream.length))
        return data;
    memcpy(&place, data - sizeof(place), sizeof(place));
    return place;
}

/* ---- Walking ---- */

void vmwire_record_walk_begin(struct vmwire_record_walk *walk, const struct vmwire_record *record)
{
    walk->depth = 0;
    walk->entering = (struct vmwire_record_walk_frame){.record = record};
    walk->begins = true;
}

static enum vmwire_record_step begin_record(struct vmwire_record_walk *walk)
{
    walk->begins = false;
    struct vmwire_record_walk_frame *frame = &walk->frames[walk->depth++];
    *frame = walk->entering;
    frame->next_value = frame->record->values;
    frame->next_subsection = frame->record->subsections;
    walk->record = frame->record;
    walk->value = frame->as_value;
    walk->subsection = frame->as_subsection;
    return VMWIRE_RECORD_BEGIN;
}

static enum vmwire_record_step end_record(struct vmwire_record_walk *walk)
{
    const struct vmwire_record_walk_frame *frame = &walk->frames[--walk->depth];
    walk->record = frame->record;
    walk->value = frame->as_value;
    walk->subsection = frame->as_subsection;
    return VMWIRE_RECORD_END;
}

enum vmwire_record_step vmwire_record_walk_next(struct vmwire_record_walk *walk)
{
    if (walk->begins)
        return begin_record(walk);
    if (!walk->depth)
        return VMWIRE_RECORD_DONE;
    struct vmwire_record_walk_frame *frame = &walk->frames[walk->depth - 1];
    walk->record = frame->record;
    if (frame->next_value) {
        const struct vmwire_value *value = frame->next_value;
        frame->next_value = value->next;
        walk->value = value;
        if (value->record) {
            walk->entering =
                (struct vmwire_record_walk_frame){.record = value->record, .as_value = value};
            walk->begins = true;
        }
        /* An element of a list has a marker byte before its record: that is a step of its own. */
        return value->record && !value->data.length ? begin_record(walk) : VMWIRE_RECORD_VALUE;
    }
    if (frame->next_subsection) {
        const struct vmwire_subsection_value *subsection = frame->next_subsection;
        frame->next_subsection = subsection->next;
        walk->subsection = subsection;
        walk->entering = (struct vmwire_record_walk_frame){.record = subsection->record,
                                                           .as_subsection = subsection};
        walk->begins = true;
        return VMWIRE_RECORD_SUBSECTION;
    }
    return end_record(walk);
}

void vmwire_record_walk_skip(struct vmwire_record_walk *walk)
{
    walk->begins = false;
}

/* ---- Comparing ---- */

static bool bytes_equal(struct vmwire_bytes a, struct vmwire_bytes b)
{
    return a.length == b.length && (!a.length || memcmp(a.data, b.data, a.length) == 0);
}

uint32_t vmwire_record_version(const struct vmwire_record *record)
{
    return record->header.length ? vmwire_be32(record->header.data)
                                 : record->structure->described_version_id;
}

static bool step_equal(enum vmwire_record_step step, const struct vmwire_record_walk *a,
                       const struct vmwire_record_walk *b)
{
    switch (step) {
    case VMWIRE_RECORD_BEGIN:
        return a->record->structure == b->record->structure &&
               (!a->value || vmwire_record_version(a->record) == vmwire_record_version(b->record));
    case VMWIRE_RECORD_VALUE:
        return a->value->field == b->value->field && a->value->element == b->value->element &&
               bytes_equal(a->value->data, b->value->data);
    case VMWIRE_RECORD_SUBSECTION:
        return a->subsection->subsection == b->subsection->subsection &&
               a->subsection->version_id == b->subsection->version_id &&
               bytes_equal(a->subsection->name, b->subsection->name);
    default:
        return true;
    }
}

bool vmwire_record_equal(const struct vmwire_record *a, const struct vmwire_record *b)
{
    struct vmwire_record_walk walk_a, walk_b;
    vmwire_record_walk_begin(&walk_a, a);
    vmwire_record_walk_begin(&walk_b, b);
    for (;;) {
        enum vmwire_record_step step = vmwire_record_walk_next(&walk_a);
        if (step != vmwire_record_walk_next(&walk_b) || !step_equal(step, &walk_a, &walk_b))
            return false;
        if (step == VMWIRE_RECORD_DONE)
            return true;
    }
}

/* The header of a mapped-ram block has the file offsets of the bitmap and the pages. They may
 * differ, and with them the padding between bitmap and pages. So only the version, the page size
 * and the bitmap are compared. */
static bool entry_equal(const struct vmwire_entry *a, const struct vmwire_entry *b)
{
    if (a->kind != b->kind || a->value != b->value || !bytes_equal(a->name, b->name) ||
        !bytes_equal(a->data, b->data))
        return false;
    if (!a->header.length || !b->header.length)
        return a->header.length == b->header.length && bytes_equal(a->raw, b->raw);
    size_t bitmap = vmwire_mapped_bitmap_size(a);
    return memcmp(a->header.data, b->header.data, 12) == 0 &&
           a->header.length >= VMWIRE_MAPPED_RAM_HEADER_SIZE + bitmap &&
           b->header.length >= VMWIRE_MAPPED_RAM_HEADER_SIZE + bitmap &&
           memcmp(a->header.data + VMWIRE_MAPPED_RAM_HEADER_SIZE,
                  b->header.data + VMWIRE_MAPPED_RAM_HEADER_SIZE, bitmap) == 0;
}

bool vmwire_entry_is_mapped(const struct vmwire_entry *entry)
{
    return entry->header.length > VMWIRE_MAPPED_RAM_HEADER_SIZE ||
           (entry->header.length && entry->data.data);
}

size_t vmwire_mapped_bitmap_size(const struct vmwire_entry *entry)
{
    if (entry->header.length <= VMWIRE_MAPPED_RAM_HEADER_SIZE)
        return 0;
    return (size_t)((entry->value / vmwire_be64(entry->header.data + 4) + 63) / 64 * 8);
}

static bool entries_equal(const struct vmwire_entry *a, const struct vmwire_entry *b)
{
    for (; a && b; a = a->next, b = b->next)
        if (!entry_equal(a, b))
            return false;
    return !a && !b;
}

bool vmwire_item_equal(const struct vmwire_item *a, const struct vmwire_item *b)
{
    if (a->kind != b->kind || a->section_id != b->section_id || a->instance_id != b->instance_id ||
        a->version_id != b->version_id || a->footer != b->footer || a->command != b->command ||
        !bytes_equal(a->idstr, b->idstr) || !bytes_equal(a->payload, b->payload))
        return false;
    if (a->record || b->record)
        return a->record && b->record && vmwire_record_equal(a->record, b->record);
    if (a->entries || b->entries)
        return entries_equal(a->entries, b->entries);
    return bytes_equal(a->content, b->content);
}

bool vmwire_stream_equal(const struct vmwire_stream *a, const struct vmwire_stream *b)
{
    if (a->item_count != b->item_count)
        return false;
    for (size_t i = 0; i < a->item_count; i++)
        if (!vmwire_item_equal(a->items[i], b->items[i]))
            return false;
    return true;
}

struct vmwire_bytes vmwire_stream_machine(const struct vmwire_stream *stream)
{
    for (size_t i = 0; stream && i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (item->kind != VMWIRE_ITEM_CONFIGURATION || !item->record)
            continue;
        for (const struct vmwire_value *value = item->record->values; value; value = value->next)
            if (strcmp(value->field->name, "name") == 0)
                return value->data;
    }
    return (struct vmwire_bytes){NULL, 0};
}

/* ---- Names ---- */

const char *vmwire_command_name(uint16_t command)
{
    static const char *const names[] = {COMMAND_NAME_ROWS};
    return command < sizeof(names) / sizeof(names[0]) ? names[command] : NULL;
}
