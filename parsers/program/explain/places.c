/* SPDX-License-Identifier: MIT */
/*
 * Walks the records of sections.
 */
#include "program/explain/places.h"

#include <string.h>

bool begins_section(const struct vmwire_item *item)
{
    return item->kind == VMWIRE_ITEM_SECTION_START || item->kind == VMWIRE_ITEM_SECTION_FULL;
}

size_t count_begun(const struct vmwire_stream *stream)
{
    size_t count = 0;
    for (size_t i = 0; i < stream->item_count; i++)
        count += begins_section(stream->items[i]);
    return count;
}

const uint8_t *end_of_items(const struct vmwire_stream *stream)
{
    const struct vmwire_bytes last = stream->items[stream->item_count - 1]->raw;
    return last.data + last.length;
}

const struct vmwire_item *item_at(const struct vmwire_stream *stream, const uint8_t *byte)
{
    for (size_t i = 0; i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (byte >= item->raw.data && byte < item->raw.data + item->raw.length)
            return item;
    }
    return NULL;
}

/* QEMU compares it as a C string. */
static size_t name_length(const struct vmwire_item *item)
{
    const uint8_t *end =
        item->idstr.length ? memchr(item->idstr.data, '\0', item->idstr.length) : NULL;
    return end ? (size_t)(end - item->idstr.data) : item->idstr.length;
}

bool is_same_section(const struct vmwire_item *a, const struct vmwire_item *b)
{
    size_t length = name_length(a);
    return a->section_id == b->section_id && a->instance_id == b->instance_id &&
           length == name_length(b) &&
           (!length || memcmp(a->idstr.data, b->idstr.data, length) == 0);
}

const char *name_section(struct vmwire_arena *arena, const struct vmwire_item *item)
{
    return vmwire_arena_string(arena, (const char *)item->idstr.data, item->idstr.length);
}

/* ---- Paths ---- */

/* A field's name, with the element of an array. */
static const char *name_value(struct vmwire_arena *arena, const struct vmwire_value *value)
{
    const struct vmwire_field *field = value->field;
    if (field->index >= 0)
        return vmwire_text(arena, "%s[%d]", field->name, field->index);
    if (value->record && (field->count > 1 || field->class == VMWIRE_FIELD_LIST))
        return vmwire_text(arena, "%s[%u]", field->name, value->element);
    return field->name;
}

/* The path of the record that is `depth` deep. `value`: a last name; NULL: there is none. */
static const char *make_path(struct vmwire_arena *arena, const struct vmwire_record_walk *walk,
                             unsigned depth, const struct vmwire_value *value)
{
    const char *path = "";
    for (unsigned i = 1; i < depth; i++) {
        const struct vmwire_record_walk_frame *frame = &walk->frames[i];
        const char *name = frame->as_subsection ? frame->as_subsection->subsection->name
                                                : name_value(arena, frame->as_value);
        path = vmwire_text(arena, "%s%s%s", path, *path ? "." : "", name);
    }
    return value ? vmwire_text(arena, "%s%s%s", path, *path ? "." : "", name_value(arena, value))
                 : path;
}

void visit_fields(const struct vmwire_item *item, struct vmwire_bytes stream,
                  struct vmwire_arena *arena, const struct field_visitor *visitor)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step != VMWIRE_RECORD_VALUE || !walk.value->data.length)
            continue;
        const uint8_t *begin = vmwire_value_place(walk.value, stream);
        if (!visitor->wants(visitor->context, begin, walk.value->data.length))
            continue;
        const struct field_place place = {make_path(arena, &walk, walk.depth, walk.value),
                                          walk.value, begin};
        visitor->field(visitor->context, &place);
    }
}

const char *path_of_tail(const struct vmwire_item *item, struct vmwire_bytes stream,
                         const uint8_t *tail, const char *owner, struct vmwire_arena *arena)
{
    struct vmwire_record_walk walk;
    const uint8_t *at = item->raw.data + vmwire_item_header_length(item);
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step == VMWIRE_RECORD_VALUE && walk.value->data.length)
            at = vmwire_value_place(walk.value, stream) + walk.value->data.length;
        if (step != VMWIRE_RECORD_END && step != VMWIRE_RECORD_SUBSECTION)
            continue;
        /* Its frame is left already where it ends. */
        unsigned depth = walk.depth + (step == VMWIRE_RECORD_END);
        const char *name = walk.frames[depth - 1].record->structure->name;
        if (at == tail && name && owner && strcmp(name, owner) == 0)
            return make_path(arena, &walk, depth, NULL);
    }
    return NULL;
}

/* ---- Subsections ---- */

struct vmwire_bytes subsection_at(const struct vmwire_item *item, const uint8_t *byte)
{
    struct vmwire_record_walk walk;
    if (!item->record)
        return (struct vmwire_bytes){NULL, 0};
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_SUBSECTION && walk.subsection->raw.data == byte)
            return walk.subsection->raw;
    return (struct vmwire_bytes){NULL, 0};
}

static void add_tails(struct tails *tails, const struct vmwire_record *record,
                      struct vmwire_bytes bytes, struct vmwire_arena *arena)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step != VMWIRE_RECORD_SUBSECTION)
            continue;
        tails->list =
            vmwire_arena_grow(arena, tails->list, tails->count, &tails->room, sizeof(*tails->list));
        const struct vmwire_record *owner = walk.frames[walk.depth - 1].record;
        tails->list[tails->count++] = (struct sent_tail){
            (uint64_t)(walk.subsection->raw.data - bytes.data), owner->structure->name};
    }
}

void find_tails(struct tails *tails, const struct vmwire_stream *stream, struct vmwire_bytes bytes,
                struct vmwire_arena *arena)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->record)
            add_tails(tails, stream->items[i]->record, bytes, arena);
}
