/*
 * Walks and compares records and items. Knows the trees; knows nothing of reading and writing.
 */
#include "vmwire/record.h"

#include <string.h>

#include "vmwire/wire.h"

const char *item_kind_name(enum item_kind kind)
{
    static const char *const names[] = {
        [ITEM_CONFIGURATION] = "configuration",
        [ITEM_SECTION_START] = "start",
        [ITEM_SECTION_PART] = "part",
        [ITEM_SECTION_END] = "end",
        [ITEM_SECTION_FULL] = "full",
        [ITEM_COMMAND] = "command",
        [ITEM_PACKAGE] = "package",
        [ITEM_PACKAGE_END] = "package-end",
        [ITEM_EOF] = "eof",
        [ITEM_DESCRIPTION] = "description",
        [ITEM_UNREAD] = "unread",
    };
    return names[kind];
}

size_t item_header_length(const struct item *item)
{
    return item->kind == ITEM_CONFIGURATION ? 1 : 1 + 4 + 1 + item->idstr.length + 4 + 4;
}

/* ---- Walking ---- */

void record_walk_begin(struct record_walk *walk, const struct record *record)
{
    walk->depth = 0;
    walk->entering = (struct record_walk_frame){.record = record};
    walk->begins = true;
}

static enum record_step begin_record(struct record_walk *walk)
{
    walk->begins = false;
    struct record_walk_frame *frame = &walk->frames[walk->depth++];
    *frame = walk->entering;
    frame->next_value = frame->record->values;
    frame->next_subsection = frame->record->subsections;
    walk->record = frame->record;
    walk->value = frame->as_value;
    walk->subsection = frame->as_subsection;
    return RECORD_BEGIN;
}

static enum record_step end_record(struct record_walk *walk)
{
    const struct record_walk_frame *frame = &walk->frames[--walk->depth];
    walk->record = frame->record;
    walk->value = frame->as_value;
    walk->subsection = frame->as_subsection;
    return RECORD_END;
}

enum record_step record_walk_next(struct record_walk *walk)
{
    if (walk->begins)
        return begin_record(walk);
    if (!walk->depth)
        return RECORD_DONE;
    struct record_walk_frame *frame = &walk->frames[walk->depth - 1];
    if (frame->next_value) {
        const struct value *value = frame->next_value;
        frame->next_value = value->next;
        walk->value = value;
        if (value->record) {
            walk->entering = (struct record_walk_frame){.record = value->record, .as_value = value};
            walk->begins = true;
        }
        /* An element of a list has a marker byte before its record: that is a step of its own. */
        return value->record && !value->data.length ? begin_record(walk) : RECORD_VALUE;
    }
    if (frame->next_subsection) {
        const struct subsection_value *subsection = frame->next_subsection;
        frame->next_subsection = subsection->next;
        walk->subsection = subsection;
        walk->entering =
            (struct record_walk_frame){.record = subsection->record, .as_subsection = subsection};
        walk->begins = true;
        return RECORD_SUBSECTION;
    }
    return end_record(walk);
}

void record_walk_skip(struct record_walk *walk)
{
    walk->begins = false;
}

/* ---- Comparing ---- */

static bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.length == b.length && (!a.length || memcmp(a.data, b.data, a.length) == 0);
}

static bool step_equal(enum record_step step, const struct record_walk *a,
                       const struct record_walk *b)
{
    switch (step) {
    case RECORD_BEGIN:
        return a->record->structure == b->record->structure;
    case RECORD_VALUE:
        return a->value->field == b->value->field && a->value->element == b->value->element &&
               bytes_equal(a->value->data, b->value->data);
    case RECORD_SUBSECTION:
        return a->subsection->subsection == b->subsection->subsection &&
               a->subsection->version_id == b->subsection->version_id &&
               bytes_equal(a->subsection->name, b->subsection->name);
    default:
        return true;
    }
}

bool record_equal(const struct record *a, const struct record *b)
{
    struct record_walk walk_a, walk_b;
    record_walk_begin(&walk_a, a);
    record_walk_begin(&walk_b, b);
    for (;;) {
        enum record_step step = record_walk_next(&walk_a);
        if (step != record_walk_next(&walk_b) || !step_equal(step, &walk_a, &walk_b))
            return false;
        if (step == RECORD_DONE)
            return true;
    }
}

/* The header of a mapped-ram block has the file offsets of the bitmap and the pages. They may
 * differ, and with them the padding between bitmap and pages. So only the version, the page size
 * and the bitmap are compared. */
static bool entry_equal(const struct entry *a, const struct entry *b)
{
    if (a->kind != b->kind || a->value != b->value || !bytes_equal(a->name, b->name) ||
        !bytes_equal(a->data, b->data))
        return false;
    if (!a->header.length || !b->header.length)
        return a->header.length == b->header.length && bytes_equal(a->raw, b->raw);
    size_t bitmap = mapped_bitmap_size(a);
    return memcmp(a->header.data, b->header.data, 12) == 0 &&
           a->header.length >= MAPPED_RAM_HEADER_SIZE + bitmap &&
           b->header.length >= MAPPED_RAM_HEADER_SIZE + bitmap &&
           memcmp(a->header.data + MAPPED_RAM_HEADER_SIZE, b->header.data + MAPPED_RAM_HEADER_SIZE,
                  bitmap) == 0;
}

size_t mapped_bitmap_size(const struct entry *entry)
{
    if (entry->header.length <= MAPPED_RAM_HEADER_SIZE)
        return 0;
    return (size_t)((entry->value / be64(entry->header.data + 4) + 63) / 64 * 8);
}

static bool entries_equal(const struct entry *a, const struct entry *b)
{
    for (; a && b; a = a->next, b = b->next)
        if (!entry_equal(a, b))
            return false;
    return !a && !b;
}

bool item_equal(const struct item *a, const struct item *b)
{
    if (a->kind != b->kind || a->section_id != b->section_id || a->instance_id != b->instance_id ||
        a->version_id != b->version_id || a->footer != b->footer || a->command != b->command ||
        !bytes_equal(a->idstr, b->idstr) || !bytes_equal(a->payload, b->payload))
        return false;
    if (a->record || b->record)
        return a->record && b->record && record_equal(a->record, b->record);
    if (a->entries || b->entries)
        return entries_equal(a->entries, b->entries);
    return bytes_equal(a->content, b->content);
}

bool stream_equal(const struct stream *a, const struct stream *b)
{
    if (a->item_count != b->item_count)
        return false;
    for (size_t i = 0; i < a->item_count; i++)
        if (!item_equal(a->items[i], b->items[i]))
            return false;
    return true;
}

/* ---- Names ---- */

const char *command_name(uint16_t command)
{
    static const char *const names[] = {
        [MIG_CMD_OPEN_RETURN_PATH] = "open-return-path",
        [MIG_CMD_PING] = "ping",
        [MIG_CMD_POSTCOPY_ADVISE] = "postcopy-advise",
        [MIG_CMD_POSTCOPY_LISTEN] = "postcopy-listen",
        [MIG_CMD_POSTCOPY_RUN] = "postcopy-run",
        [MIG_CMD_POSTCOPY_RAM_DISCARD] = "postcopy-ram-discard",
        [MIG_CMD_PACKAGED] = "packaged",
        [MIG_CMD_ENABLE_COLO] = "enable-colo",
        [MIG_CMD_POSTCOPY_RESUME] = "postcopy-resume",
        [MIG_CMD_RECV_BITMAP] = "recv-bitmap",
        [MIG_CMD_SWITCHOVER_START] = "switchover-start",
    };
    return command < sizeof(names) / sizeof(names[0]) ? names[command] : NULL;
}
