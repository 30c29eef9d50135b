/* SPDX-License-Identifier: MIT */
/*
 * Walks the records of sections.
 */
#include "program/explain/places.h"

#include <string.h>

#include "program/explain/phrase.h"

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

/* What leads from the section's root to where a walk is. */
struct steps {
    const struct vmwire_value *values[VMWIRE_SCHEMA_NESTING_LIMIT];
    const struct vmwire_subsection_value *subsections[VMWIRE_SCHEMA_NESTING_LIMIT];
    unsigned depth;
};

static void enter(struct steps *steps, const struct vmwire_record_walk *walk)
{
    steps->depth = walk->depth;
    steps->values[walk->depth - 1] = walk->value;
    steps->subsections[walk->depth - 1] = walk->subsection;
}

/* A field's name, with the element of an array. */
static const char *name_value(struct vmwire_arena *arena, const struct vmwire_value *value)
{
    const struct vmwire_field *field = value->field;
    if (field->index >= 0)
        return phrase(arena, "%s[%d]", field->name, field->index);
    if (value->record && (field->count > 1 || field->class == VMWIRE_FIELD_LIST))
        return phrase(arena, "%s[%u]", field->name, value->element);
    return field->name;
}

/* `value`: the last name; NULL: there is none. */
static const char *make_path(struct vmwire_arena *arena, const struct steps *steps,
                             const struct vmwire_value *value)
{
    const char *path = "";
    for (unsigned i = 1; i < steps->depth; i++) {
        const char *name = steps->subsections[i] ? steps->subsections[i]->subsection->name
                                                 : name_value(arena, steps->values[i]);
        path = phrase(arena, "%s%s%s", path, *path ? "." : "", name);
    }
    return value ? phrase(arena, "%s%s%s", path, *path ? "." : "", name_value(arena, value)) : path;
}

void visit_fields(const struct vmwire_item *item, struct vmwire_bytes stream,
                  struct vmwire_arena *arena, const struct field_visitor *visitor)
{
    struct vmwire_record_walk walk;
    struct steps steps;
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step == VMWIRE_RECORD_BEGIN)
            enter(&steps, &walk);
        if (step == VMWIRE_RECORD_END)
            steps.depth = walk.depth - 1;
        if (step != VMWIRE_RECORD_VALUE || !walk.value->data.length)
            continue;
        const uint8_t *begin = vmwire_value_place(walk.value, stream);
        if (!visitor->wants(visitor->context, begin, walk.value->data.length))
            continue;
        steps.depth = walk.depth;
        const struct field_place place = {make_path(arena, &steps, walk.value), walk.value, begin};
        visitor->field(visitor->context, &place);
    }
}

const char *path_of_tail(const struct vmwire_item *item, struct vmwire_bytes stream,
                         const uint8_t *tail, const char *owner, struct vmwire_arena *arena)
{
    struct vmwire_record_walk walk;
    struct steps steps = {.depth = 0};
    const uint8_t *at = item->raw.data + vmwire_item_header_length(item);
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step == VMWIRE_RECORD_BEGIN)
            enter(&steps, &walk);
        if (step == VMWIRE_RECORD_VALUE && walk.value->data.length)
            at = vmwire_value_place(walk.value, stream) + walk.value->data.length;
        if (step != VMWIRE_RECORD_END)
            continue;
        const char *name = walk.record->structure->name;
        steps.depth = walk.depth;
        if (at == tail && name && owner && strcmp(name, owner) == 0)
            return make_path(arena, &steps, NULL);
        steps.depth = walk.depth - 1;
    }
    return NULL;
}

/* ---- Subsections ---- */

static void add_tails(struct tails *tails, const struct vmwire_record *record,
                      struct vmwire_bytes bytes, struct vmwire_arena *arena)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step != VMWIRE_RECORD_SUBSECTION)
            continue;
        tails->list = vmwire_arena_grow(arena, tails->list, tails->count, &tails->room,
                                        sizeof(*tails->list));
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
