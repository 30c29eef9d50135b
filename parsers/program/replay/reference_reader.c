/* SPDX-License-Identifier: MIT */
/*
 * Reads a stream under today's option and notes each decision at a tail.
 */
#include "program/replay/reference_reader.h"

#include <string.h>

/* ---- Decisions --------------------------------------------------------------------------------- */

static void note_decision(void *context, const struct vmwire_tail_event *event)
{
    struct reference *reference = context;
    struct vmwire_arena *arena = reference->stream->arena;
    reference->decisions =
        vmwire_arena_grow(arena, reference->decisions, reference->decision_count,
                          &reference->decision_room, sizeof(*reference->decisions));
    /* Where the look-ahead runs over the end, QEMU ends the record, and refuses the stream later. */
    const char *name = event->taken && event->name[0] ? event->name : NULL;
    const struct vmwire_subsection *taken =
        name ? vmwire_structure_subsection(event->owner, name) : NULL;
    reference->decisions[reference->decision_count++] =
        (struct reference_decision){event->offset, event->owner->name,
                                    name ? vmwire_arena_string(arena, name, strlen(name)) : NULL,
                                    taken && taken->source == VMWIRE_LAYOUT_ASSUMED};
}

/* ---- Private encodings that were changed, and fields that decide what follows --------------------- */

static const struct vmwire_value *find_next_private(struct vmwire_record_walk *walk)
{
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_VALUE &&
            (walk->value->field->class == VMWIRE_FIELD_OPAQUE || walk->value->field->determines))
            return walk->value;
    return NULL;
}

static bool same_private_encodings(const struct vmwire_record *a, const struct vmwire_record *b)
{
    struct vmwire_record_walk walks[2];
    vmwire_record_walk_begin(&walks[0], a);
    vmwire_record_walk_begin(&walks[1], b);
    for (;;) {
        const struct vmwire_value *one = find_next_private(&walks[0]),
                                  *other = find_next_private(&walks[1]);
        if (!one || !other)
            return !one && !other;
        if (one->data.length != other->data.length ||
            memcmp(one->data.data, other->data.data, one->data.length) != 0)
            return false;
    }
}

/* Finds the original's item by its section id and compares the private encodings. An item that the
 * original does not have counts as unchanged. */
static void note_item(void *context, const struct vmwire_item *item)
{
    struct reference *reference = context;
    const struct vmwire_stream *original = reference->stream->original;
    uint64_t begin = (uint64_t)(item->raw.data - reference->stream->bytes.data);
    reference->end = begin + item->raw.length;
    for (size_t i = 0; original && item->record && i < original->item_count; i++) {
        const struct vmwire_item *other = original->items[i];
        if (!other->record || other->kind != item->kind || other->section_id != item->section_id)
            continue;
        reference->next = i + 1;
        if (!same_private_encodings(item->record, other->record) && begin < reference->changed)
            reference->changed = begin;
    }
}

/* Whether the reader took other subsections than the original sends, in a section with a field that decides what follows: what
 * it read there is not known. */
static bool is_misled_before_told(const struct reference *reference,
                                  const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    size_t sent = 0, taken = 0;
    bool determines = false;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        sent += step == VMWIRE_RECORD_SUBSECTION;
        determines |= step == VMWIRE_RECORD_VALUE && walk.value->field->determines;
    }
    for (size_t i = 0; i < reference->decision_count; i++)
        taken += reference->decisions[i].offset >= reference->end && reference->decisions[i].name;
    return determines && sent != taken;
}

/* Compares the private encodings in the section that the reader rejected: the next one of the
 * original. */
static void note_rejected_item(struct reference *reference)
{
    const struct vmwire_stream *original = reference->stream->original;
    struct vmwire_bytes left = reference->stream->bytes;
    if (!original || reference->next >= original->item_count || reference->end > left.length ||
        !original->items[reference->next]->record)
        return;
    left.data += reference->end;
    left.length -= reference->end;
    const struct vmwire_item *item = original->items[reference->next];
    if (is_misled_before_told(reference, item->record) && reference->end < reference->changed)
        reference->changed = reference->end;
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, item->record);
    for (const struct vmwire_value *value; (value = find_next_private(&walk));) {
        size_t at = (size_t)(value->data.data - item->raw.data);
        bool same = at <= left.length && value->data.length <= left.length - at &&
                    memcmp(left.data + at, value->data.data, value->data.length) == 0;
        if (!same && reference->end < reference->changed)
            reference->changed = reference->end;
    }
}

/* ---- Reading ----------------------------------------------------------------------------------- */

bool read_reference(struct reference *reference, const struct replay_stream *stream)
{
    struct vmwire_cost cost;
    const struct vmwire_option *option = vmwire_option_find("heuristic");
    *reference = (struct reference){.stream = stream, .changed = UINT64_MAX};
    struct vmwire_reading reading = {.option = option,
                                     .input = stream->bytes,
                                     .schema = stream->loaded.schema,
                                     .arena = vmwire_arena_create_within(stream->arena),
                                     .sink = {.context = reference, .item = note_item},
                                     .observer = {reference, note_decision}};
    if (!vmwire_stream_read(&reading, &cost, &reference->error)) {
        if (reference->error.kind == VMWIRE_ERROR_MEMORY)
            return false;
        note_rejected_item(reference);
    }
    reference->read = vmwire_stream_read_whole(option, stream->bytes, stream->loaded.schema,
                                               stream->arena, &cost, &reference->error);
    return reference->error.kind != VMWIRE_ERROR_MEMORY;
}

enum qemu_verdict expect_verdict(const struct reference *reference)
{
    const struct vmwire_stream *read = reference->read, *original = reference->stream->original;
    if (!read)
        return QEMU_REJECT;
    bool truncated =
        original ? count_sections(read) < count_sections(original) : find_unread(read) != NULL;
    return truncated ? QEMU_TRUNCATED : QEMU_ACCEPT;
}
