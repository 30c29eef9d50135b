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

static bool same_bytes(struct vmwire_bytes a, struct vmwire_bytes b)
{
    return a.length == b.length && (!a.length || memcmp(a.data, b.data, a.length) == 0);
}

/* The next value of a private encoding, or with `deciding` also of a field that decides what follows. */
static const struct vmwire_value *find_next_private(struct vmwire_record_walk *walk, bool deciding)
{
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_VALUE && (walk->value->field->class == VMWIRE_FIELD_OPAQUE ||
                                            (deciding && walk->value->field->determines)))
            return walk->value;
    return NULL;
}

static bool is_read_as_declared(const struct reference *reference, const struct vmwire_item *item)
{
    for (size_t i = 0; i < reference->declared_count; i++) {
        const struct vmwire_item *each = reference->declared[i];
        if (each->instance_id == item->instance_id && same_bytes(each->idstr, item->idstr))
            return true;
    }
    return false;
}

/* Notes the first section that differs, and why what it holds is not known. */
static void note_doubt(struct reference *reference, const struct vmwire_item *item, uint64_t begin,
                       struct replay_doubt doubt)
{
    if (begin >= reference->changed)
        return;
    if (doubt.field) /* a field that was split goes with its item */
        doubt.field =
            vmwire_arena_string(reference->stream->arena, doubt.field, strlen(doubt.field));
    doubt.idstr = item->idstr;
    doubt.instance_id = item->instance_id;
    reference->changed = begin;
    reference->changed_item = item;
    reference->doubt = doubt;
}

/* Where the walk stands: the field, with its bytes in the original and in the stream. */
static struct replay_doubt doubt_about(const struct vmwire_record_walk *walk, uint64_t offset,
                                       struct vmwire_bytes was, struct vmwire_bytes is)
{
    const struct vmwire_structure *structure = walk->frames[walk->depth - 1].record->structure;
    const struct vmwire_field *field = walk->value->field;
    return (struct replay_doubt){
        .reason = field->determines ? "the field decides what follows, and has another value than "
                                      "in the original"
                                    : "the field has a private encoding, and other bytes than in "
                                      "the original",
        .structure = structure->name,
        .field = field->name,
        .offset = offset,
        .was = was,
        .is = is};
}

static void compare_private_encodings(struct reference *reference, const struct vmwire_item *item,
                                      const struct vmwire_item *original)
{
    struct vmwire_record_walk walks[2];
    const bool deciding = !is_read_as_declared(reference, original);
    const uint8_t *stream = reference->stream->bytes.data;
    const uint64_t begin = (uint64_t)(item->raw.data - stream);
    vmwire_record_walk_begin(&walks[0], item->record);
    vmwire_record_walk_begin(&walks[1], original->record);
    for (;;) {
        const struct vmwire_value *one = find_next_private(&walks[0], deciding),
                                  *other = find_next_private(&walks[1], deciding);
        if (!one && !other)
            return;
        if (one && other && same_bytes(one->data, other->data))
            continue;
        uint64_t offset = one ? (uint64_t)(one->data.data - stream) : begin;
        const struct vmwire_bytes none = {NULL, 0};
        note_doubt(
            reference, original, begin,
            doubt_about(&walks[!one], offset, other ? other->data : none, one ? one->data : none));
        return;
    }
}

/* Finds the original's item by its section id and compares the private encodings. An item that the
 * original does not have counts as unchanged. */
static void note_item(void *context, const struct vmwire_item *item)
{
    struct reference *reference = context;
    const struct vmwire_stream *original = reference->original;
    uint64_t begin = (uint64_t)(item->raw.data - reference->stream->bytes.data);
    reference->end = begin + item->raw.length;
    for (size_t i = 0; original && item->record && i < original->item_count; i++) {
        const struct vmwire_item *other = original->items[i];
        if (!other->record || other->kind != item->kind || other->section_id != item->section_id)
            continue;
        reference->next = i + 1;
        compare_private_encodings(reference, item, other);
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

static const char misled_reason[] =
    "the section has fields that decide what follows, and the reader took other subsections in it "
    "than the original has";

/* The bytes at a place of the section, as many of them as the stream has. */
static struct vmwire_bytes bytes_within(struct vmwire_bytes section, size_t at, size_t length)
{
    if (at > section.length)
        at = section.length;
    if (length > section.length - at)
        length = section.length - at;
    return (struct vmwire_bytes){section.data + at, length};
}

/* Compares the private encodings in the section that the reader rejected: the next one of the
 * original. */
static void note_rejected_item(struct reference *reference)
{
    const struct vmwire_stream *original = reference->original;
    struct vmwire_bytes left = reference->stream->bytes;
    if (!original || reference->next >= original->item_count || reference->end > left.length ||
        !original->items[reference->next]->record)
        return;
    left.data += reference->end;
    left.length -= reference->end;
    const struct vmwire_item *item = original->items[reference->next];
    const bool deciding = !is_read_as_declared(reference, item);
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, item->record);
    for (const struct vmwire_value *value; (value = find_next_private(&walk, deciding));) {
        size_t at = (size_t)(value->data.data - item->raw.data);
        struct vmwire_bytes is = bytes_within(left, at, value->data.length);
        if (!same_bytes(is, value->data))
            note_doubt(reference, item, reference->end,
                       doubt_about(&walk, reference->end + at, value->data, is));
    }
    if (deciding && is_misled_before_told(reference, item->record))
        note_doubt(reference, item, reference->end,
                   (struct replay_doubt){.reason = misled_reason, .offset = reference->end});
}

/* ---- Reading ----------------------------------------------------------------------------------- */

static bool has_declared_section(void *context, const char *idstr, uint32_t instance_id)
{
    const struct vmwire_item asked = {.idstr = vmwire_bytes_of_string(idstr),
                                      .instance_id = instance_id};
    return is_read_as_declared(context, &asked);
}

/* The machine is that of the original. */
static bool knows_choice(void *context, struct vmwire_machine_choice *choice)
{
    const struct reference *reference = context;
    for (size_t i = 0; i < reference->choice_count; i++) {
        const struct vmwire_machine_choice *each = &reference->choices[i];
        if (each->choice == choice->choice && each->instance_id == choice->instance_id &&
            strcmp(each->idstr, choice->idstr) == 0) {
            choice->answer = each->answer;
            return true;
        }
    }
    return false;
}

static void note_choice(void *context, const struct vmwire_machine_choice *choice)
{
    struct reference *reference = context;
    struct vmwire_arena *arena = reference->stream->arena;
    reference->choices = vmwire_arena_grow(arena, reference->choices, reference->choice_count,
                                           &reference->choice_room, sizeof(*reference->choices));
    reference->choices[reference->choice_count] = *choice;
    reference->choices[reference->choice_count++].idstr =
        vmwire_arena_string(arena, choice->idstr, strlen(choice->idstr));
}

/* Reads the original's declared sections so as well. Its bytes tell what the machine decides in them. Returns false when memory
 * runs out. */
static bool read_original_as_declared(struct reference *reference)
{
    struct vmwire_cost cost;
    struct vmwire_error *error = &reference->error;
    const struct replay_stream *stream = reference->stream;
    struct vmwire_reading reading = {
        .option = stream->entry->writer,
        .input = stream->loaded.input.bytes,
        .schema = stream->loaded.schema,
        .arena = stream->arena,
        .declared_sections = {reference, has_declared_section, NULL, note_choice}};
    reference->choice_count = 0;
    reference->original = vmwire_stream_collect(reading, &cost, error);
    return reference->original || error->kind != VMWIRE_ERROR_MEMORY;
}

static bool read_once(struct reference *reference)
{
    struct vmwire_cost cost;
    const struct replay_stream *stream = reference->stream;
    const struct vmwire_option *option = vmwire_option_find("heuristic");
    struct vmwire_reading reading = {
        .option = option,
        .input = stream->bytes,
        .schema = stream->loaded.schema,
        .arena = vmwire_arena_create_within(stream->arena),
        .sink = {.context = reference, .item = note_item},
        .observer = {reference, note_decision},
        .declared_sections = {reference, has_declared_section, knows_choice, NULL}};
    reference->decision_count = 0;
    reference->changed = UINT64_MAX;
    reference->changed_item = NULL;
    reference->doubt = (struct replay_doubt){0};
    reference->end = 0;
    reference->next = 0;
    reference->error = (struct vmwire_error){0};
    if (!vmwire_stream_read(&reading, &cost, &reference->error)) {
        if (reference->error.kind == VMWIRE_ERROR_MEMORY)
            return false;
        note_rejected_item(reference);
    }
    reading.arena = stream->arena;
    reading.observer.tail = NULL;
    reference->read = vmwire_stream_collect(reading, &cost, &reference->error);
    return reference->error.kind != VMWIRE_ERROR_MEMORY;
}

bool read_reference(struct reference *reference, const struct replay_stream *stream)
{
    *reference = (struct reference){.stream = stream, .original = stream->original};
    return read_once(reference);
}

bool read_as_declared(struct reference *reference)
{
    if (!reference->changed_item || !reference->stream->loaded.schema->declared_count)
        return false;
    while (reference->changed_item && reference->declared_count < DECLARED_SECTIONS_LIMIT &&
           !is_read_as_declared(reference, reference->changed_item)) {
        reference->doubts[reference->declared_count] = reference->doubt;
        reference->doubts[reference->declared_count].as_declared = true;
        reference->declared[reference->declared_count++] = reference->changed_item;
        if (!read_original_as_declared(reference) || !reference->original || !read_once(reference))
            return false;
    }
    return true;
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
