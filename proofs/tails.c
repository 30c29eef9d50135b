/* SPDX-License-Identifier: MIT */
/*
 * Lists the tails of a stream by walking over its records, and compares the reader's decisions with
 * that list.
 */
#include "tails.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

uint64_t find_end(const struct tails *tails, struct vmwire_bytes bytes)
{
    return (uint64_t)(bytes.data - tails->bytes.data) + bytes.length;
}

/* ---- Bytes ------------------------------------------------------------------------------------- */

/* Notes the class of each byte in the record's fields. */
static uint8_t class_of(const struct vmwire_field *field)
{
    bool moves = field->determines && field->class == VMWIRE_FIELD_CHECKED;
    return moves ? BYTE_THAT_MOVES : (uint8_t)field->class;
}

static void classify_bytes(struct tails *tails, const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_VALUE && walk.value->field->class != VMWIRE_FIELD_LIST)
            memset(tails->classes + (walk.value->data.data - tails->bytes.data),
                   class_of(walk.value->field), walk.value->data.length);
}

static void note_others(struct tails *tails, uint64_t at, unsigned depth, bool unsteady)
{
    static_assert(VMWIRE_SCHEMA_NESTING_LIMIT < NO_OTHERS, "a depth is no NO_OTHERS");
    if (!unsteady)
        return;
    if (depth < tails->others[at])
        tails->others[at] = (uint8_t)depth;
    tails->steady_from = UINT64_MAX; /* known when the item ends */
}

/* Notes where other bytes can stand, in front of fields and where the fields of a record end. */
static void note_all_others(struct tails *tails, const struct vmwire_record *record)
{
    const struct vmwire_option *option = tails->option;
    struct vmwire_record_walk walk;
    uint64_t at = 0, fields_end[VMWIRE_SCHEMA_NESTING_LIMIT + 1] = {0};
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        const struct vmwire_subsection_value *sent = walk.subsection;
        if (step == VMWIRE_RECORD_VALUE) {
            at = (uint64_t)(walk.value->data.data - tails->bytes.data);
            note_others(tails, at, walk.depth, walk.value->field->unsteady);
            at += walk.value->data.length;
        } else if (step == VMWIRE_RECORD_BEGIN) {
            note_others(tails, at, walk.depth - 1, walk.value && walk.value->field->unsteady);
            at = walk.record->header.length ? find_end(tails, walk.record->header) : at;
        } else if (step == VMWIRE_RECORD_SUBSECTION) {
            const struct vmwire_record *owner = walk.frames[walk.depth - 1].record;
            fields_end[walk.depth] = at;
            note_others(tails, at, walk.depth,
                        owner->subsections == sent && owner->structure->unsteady_end);
            at = find_end(tails, sent->name) + (option->framed ? 0 : 4);
        } else if (step == VMWIRE_RECORD_END) {
            bool elsewhere = sent && !vmwire_option_sends_inline(option, sent->subsection);
            note_others(tails, at, walk.depth + 1,
                        !walk.record->subsections && walk.record->structure->unsteady_end);
            at = elsewhere ? fields_end[walk.depth]
                           : at + (option->sentinel && (walk.value || sent || option->framed));
        }
    }
}

bool can_others_stand(const struct tails *tails, const struct tail *tail, uint64_t at)
{
    bool can = tails->others[tail->offset] < tail->depth;
    for (uint64_t i = tail->offset + 1; !can && i <= at && i < tails->bytes.length; i++)
        can = tails->others[i] != NO_OTHERS;
    return can;
}

bool can_byte_be(const struct tails *tails, uint64_t offset, uint8_t value, bool opaque)
{
    if (offset >= tails->bytes.length)
        return false;
    if (value == tails->bytes.data[offset])
        return true;
    switch (tails->classes[offset]) {
    case VMWIRE_FIELD_FREE:
        return true;
    case VMWIRE_FIELD_ZEROS:
        return value == 0;
    case VMWIRE_FIELD_BOOL:
        return value <= 1;
    case VMWIRE_FIELD_OPAQUE:
    case VMWIRE_FIELD_CHECKED:
    case BYTE_THAT_MOVES:
        return opaque;
    default:
        return false;
    }
}

enum vmwire_tail_look find_look(const struct tails *tails, const struct vmwire_structure *owner)
{
    const struct vmwire_option *option = tails->option;
    bool any = false;
    for (size_t i = 0; i < owner->subsection_count; i++)
        any |= vmwire_option_sends_inline(option, &owner->subsections[i]);
    if (option->look == VMWIRE_LOOK_IF_DECLARED)
        return any ? VMWIRE_LOOK_ALWAYS : VMWIRE_LOOK_NEVER;
    if (option->look == VMWIRE_LOOK_IF_ONLY_READING)
        return any ? option->look : VMWIRE_LOOK_NEVER;
    if (option->look == VMWIRE_LOOK_DESCRIBED)
        return option->look;
    if (option->look == VMWIRE_LOOK_IF_DECLARED_AND_PLAUSIBLE)
        return any ? VMWIRE_LOOK_IF_PLAUSIBLE : VMWIRE_LOOK_NEVER;
    return any || option->subsections == VMWIRE_SUBSECTION_INLINE ? option->look
                                                                  : VMWIRE_LOOK_NEVER;
}

/* ---- The list of tails ------------------------------------------------------------------------- */

/* A text under construction. Without `text` it is only measured. */
struct path_text {
    char *text;
    size_t size, length;
};

__attribute__((format(printf, 2, 3))) static void append(struct path_text *path, const char *format,
                                                         ...)
{
    va_list arguments;
    va_start(arguments, format);
    int added = vsnprintf(path->text ? path->text + path->length : NULL,
                          path->text ? path->size - path->length : 0, format, arguments);
    va_end(arguments);
    path->length += added > 0 ? (size_t)added : 0;
}

static void append_step(struct path_text *path, const struct vmwire_record_walk_frame *frame)
{
    const struct vmwire_value *value = frame->as_value;
    if (path->length)
        append(path, ".");
    append(path, "%s", value ? value->field->name : frame->as_subsection->subsection->name);
    if (value && value->field->index >= 0)
        append(path, "[%d]", value->field->index);
    else if (value && (value->field->count > 1 || value->field->class == VMWIRE_FIELD_LIST))
        append(path, "[%u]", value->element);
}

static void append_path(struct path_text *path, const char *before,
                        const struct vmwire_record_walk *walk, unsigned depth)
{
    append(path, "%s", before);
    for (unsigned i = 1; i < depth; i++)
        append_step(path, &walk->frames[i]);
}

/* The path of the record at `depth` in the walk. `before`: of the record where the walk began. */
static const char *make_path(struct vmwire_arena *arena, const char *before,
                             const struct vmwire_record_walk *walk, unsigned depth)
{
    struct path_text measured = {0};
    append_path(&measured, before, walk, depth);
    struct path_text path = {.size = measured.length + 1};
    path.text = vmwire_arena_alloc(arena, path.size);
    append_path(&path, before, walk, depth);
    return path.text;
}

/* Adds a tail of the record at `depth` in the walk, in the order of the offsets within the item. The walk has
 * another order where the option puts subsections behind the section. */
static void add_tail(struct tails *tails, const struct vmwire_item *item, const char *before,
                     const struct vmwire_record_walk *walk, unsigned depth, uint64_t offset,
                     const struct vmwire_subsection_value *sent)
{
    tails->list = vmwire_arena_grow(tails->arena, tails->list, tails->count, &tails->room,
                                    sizeof(struct tail));
    size_t place = tails->count++;
    for (; place && tails->list[place - 1].item == item && tails->list[place - 1].offset > offset;
         place--)
        tails->list[place] = tails->list[place - 1];
    const struct vmwire_structure *owner = walk->frames[depth - 1].record->structure;
    const char *path = make_path(tails->arena, before, walk, depth);
    tails->list[place] = (struct tail){item, owner, path, offset, sent, depth, tails->limit};
}

/* In DER the reader alone tells where a tail is, because a value is not where its field's bytes are. */
static uint64_t next_decision(const struct tails *tails)
{
    return tails->count < tails->decision_count ? tails->decisions[tails->count] : 0;
}

/* Adds the tails of a record in DER, in the order in which the reader comes to them. */
static void list_tagged_record(struct tails *tails, const struct vmwire_item *item)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step == VMWIRE_RECORD_SUBSECTION)
            add_tail(tails, item, "", &walk, walk.depth, next_decision(tails), walk.subsection);
        else if (step == VMWIRE_RECORD_END && walk.record->structure->name)
            add_tail(tails, item, "", &walk, walk.depth + 1, next_decision(tails), NULL);
    }
}

/* Adds the tails of a record whose first byte is at `offset`. A tail stands at the end of each record
 * and before each subsection. Skips the subsections that the option sends elsewhere. `before`: the path of the
 * record. */
static void list_record(struct tails *tails, const struct vmwire_item *item, const char *before,
                        const struct vmwire_record *record, uint64_t offset)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        const struct vmwire_subsection_value *sent = walk.subsection;
        if (step == VMWIRE_RECORD_BEGIN && tails->option->framed) {
            /* The version of a section's record was counted with the section's header. */
            bool counted = walk.depth == 1 && item->kind != VMWIRE_ITEM_CONFIGURATION;
            offset += counted ? 4 : 4 + 4;
        } else if (step == VMWIRE_RECORD_VALUE && walk.value->data.length) {
            offset = find_end(tails, walk.value->data);
        } else if (step == VMWIRE_RECORD_END && walk.record->structure->name) {
            add_tail(tails, item, before, &walk, walk.depth + 1, offset, NULL);
            offset +=
                tails->option->sentinel && (walk.value || sent || tails->option->framed) ? 1 : 0;
        } else if (step == VMWIRE_RECORD_SUBSECTION) {
            if (!vmwire_option_sends_inline(tails->option, sent->subsection)) {
                vmwire_record_walk_skip(&walk);
                continue;
            }
            add_tail(tails, item, before, &walk, walk.depth, offset, sent);
            offset = find_end(tails, sent->name);
            offset += tails->option->framed ? 0 : 4; /* the version's 4 bytes */
        }
    }
}

/* Adds the tails of a section, then those of the subsections that the option puts behind it. */
static void list_item(struct tails *tails, const struct vmwire_item *item)
{
    uint64_t header =
        item->kind == VMWIRE_ITEM_CONFIGURATION ? 1 : 1 + 4 + 1 + item->idstr.length + 4 + 4;
    list_record(tails, item, "", item->record,
                (uint64_t)(item->raw.data - tails->bytes.data) + header);
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step != VMWIRE_RECORD_SUBSECTION ||
            vmwire_option_sends_inline(tails->option, walk.subsection->subsection))
            continue;
        /* A subsection in a section of its own has an instance id and a version behind its name,
         * another one a version. */
        uint64_t behind = tails->option->subsections == VMWIRE_SUBSECTION_SECTION ? 4 + 4 : 4;
        const char *owner = make_path(tails->arena, "", &walk, walk.depth);
        const char *name = walk.subsection->subsection->name;
        size_t size = strlen(owner) + strlen(name) + 2;
        char *path = vmwire_arena_alloc(tails->arena, size);
        snprintf(path, size, "%s%s%s", owner, owner[0] ? "." : "", name);
        list_record(tails, item, path, walk.subsection->record,
                    find_end(tails, walk.subsection->name) + behind);
    }
}

/* ---- Reading ----------------------------------------------------------------------------------- */

/* A reading whose decisions are compared with the list of tails. */
struct compared_reading {
    const struct tails *tails;
    struct vmwire_arena *arena;
    struct vmwire_stream *stream;
    size_t room, decisions;
    bool differs;     /* a decision was not the writer's */
    size_t misled_at; /* index of the first such tail; SIZE_MAX: no tail of the list */
    bool out_of_memory;
};

static void take_item(void *context, const struct vmwire_item *item)
{
    struct compared_reading *compared = context;
    struct vmwire_stream *stream = compared->stream;
    stream->items = vmwire_arena_grow(compared->arena, stream->items, stream->item_count,
                                      &compared->room, sizeof(const struct vmwire_item *));
    stream->items[stream->item_count++] = item;
}

static void take_decision(void *context, const struct vmwire_tail_event *event)
{
    struct compared_reading *reading = context;
    const struct tails *tails = reading->tails;
    size_t index = reading->decisions++;
    const struct tail *tail = index < tails->count ? &tails->list[index] : NULL;
    bool listed = tail && event->offset == tail->offset && event->owner == tail->owner;
    if (reading->differs || (listed && event->taken == (tail->sent != NULL)))
        return;
    reading->differs = true;
    reading->misled_at = listed ? index : SIZE_MAX;
}

/* A reader that counts readings refuses a section where two of them part, without a decision there. */
static void note_parting(struct compared_reading *compared, const struct vmwire_error *error)
{
    const struct tails *tails = compared->tails;
    if (error && error->kind == VMWIRE_ERROR_TWO_READINGS && !compared->differs &&
        compared->decisions < tails->count &&
        error->offset == tails->list[compared->decisions].offset)
        compared->misled_at = compared->decisions;
}

/* Returns NULL if the reader rejects. */
static const struct vmwire_stream *read_and_compare(struct compared_reading *compared,
                                                    struct vmwire_bytes bytes)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    compared->stream = vmwire_arena_alloc(compared->arena, sizeof(*compared->stream));
    compared->misled_at = SIZE_MAX;
    struct vmwire_reading reading = {.option = compared->tails->option,
                                     .input = bytes,
                                     .schema = compared->tails->schema,
                                     .arena = compared->arena,
                                     .sink = {compared, take_item, true},
                                     .observer = {compared, take_decision}};
    bool accepted = vmwire_stream_read(&reading, &cost, &error);
    compared->out_of_memory = !accepted && error.kind == VMWIRE_ERROR_MEMORY;
    note_parting(compared, accepted ? NULL : &error);
    return accepted ? compared->stream : NULL;
}

/* Follows the packages around the items, to know where each item's bytes end. */
struct open_packages {
    uint64_t limits[VMWIRE_PACKAGE_NESTING_LIMIT + 1]; /* first that of the stream */
    unsigned depth;
};

static void enter_or_leave_package(struct open_packages *open, const struct tails *tails,
                                   const struct vmwire_item *item)
{
    if (item->kind == VMWIRE_ITEM_PACKAGE)
        open->limits[++open->depth] = find_end(tails, item->package);
    else if (item->kind == VMWIRE_ITEM_PACKAGE_END)
        open->depth--;
}

static void note_decision(void *context, const struct vmwire_tail_event *event)
{
    struct tails *tails = context;
    tails->decisions = vmwire_arena_grow(tails->arena, tails->decisions, tails->decision_count,
                                         &tails->decision_room, sizeof(*tails->decisions));
    tails->decisions[tails->decision_count++] = event->offset;
}

static void list_record_of(struct tails *tails, const struct vmwire_item *item)
{
    if (!item->record)
        return;
    if (tails->option->encoding == VMWIRE_ENCODING_DER) {
        list_tagged_record(tails, item);
        return;
    }
    classify_bytes(tails, item->record);
    note_all_others(tails, item->record);
    if (tails->steady_from == UINT64_MAX)
        tails->steady_from = find_end(tails, item->raw);
    list_item(tails, item);
}

/* Reads the stream, and notes where the reader decides. */
static bool read_stream(struct tails *tails)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_reading reading = {.option = tails->option,
                                     .input = tails->bytes,
                                     .schema = tails->schema,
                                     .arena = tails->arena,
                                     .observer = {tails, note_decision}};
    tails->stream = vmwire_stream_collect(reading, &cost, &error);
    tails->out_of_memory = !tails->stream && error.kind == VMWIRE_ERROR_MEMORY;
    return tails->stream;
}

const char *list_tails(struct tails *tails)
{
    struct vmwire_arena *arena = tails->arena;
    if (!read_stream(tails))
        return "the option's reader does not accept the stream";
    tails->classes = vmwire_arena_alloc(arena, tails->bytes.length + 1);
    memset(tails->classes, BYTE_OF_FRAMING, tails->bytes.length);
    tails->others = vmwire_arena_alloc(arena, tails->bytes.length + 1);
    memset(tails->others, NO_OTHERS, tails->bytes.length + 1);
    struct open_packages open = {{tails->bytes.length}, 0};
    for (size_t i = 0; i < tails->stream->item_count; i++) {
        const struct vmwire_item *item = tails->stream->items[i];
        enter_or_leave_package(&open, tails, item);
        tails->limit = open.limits[open.depth];
        list_record_of(tails, item);
    }
    struct compared_reading compared = {.tails = tails, .arena = arena};
    read_and_compare(&compared, tails->bytes);
    tails->out_of_memory = compared.out_of_memory;
    if (compared.differs || compared.decisions != tails->count)
        return "the reader decides at other places than this program expects";
    return NULL;
}

struct misreading read_changed(const struct tails *tails, const uint8_t *changed)
{
    struct compared_reading compared = {.tails = tails,
                                        .arena = vmwire_arena_create_within(tails->arena)};
    const struct vmwire_stream *read =
        read_and_compare(&compared, (struct vmwire_bytes){changed, tails->bytes.length});
    struct misreading misreading = {vmwire_outcome_of(tails->stream, read), compared.misled_at,
                                    compared.out_of_memory};
    vmwire_arena_destroy(compared.arena);
    return misreading;
}
