/*
 * Lists the tails of a stream by walking over its records, and compares the reader's decisions with
 * that list.
 */
#include "tails.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t find_end(const struct tails *tails, struct bytes bytes)
{
    return (uint64_t)(bytes.data - tails->bytes.data) + bytes.length;
}

/* ---- Bytes ------------------------------------------------------------------------------------- */

/* Notes the class of each byte in the record's fields. */
static void classify_bytes(struct tails *tails, const struct record *record)
{
    struct record_walk walk;
    record_walk_begin(&walk, record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;)
        if (step == RECORD_VALUE && walk.value->field->class != FIELD_LIST)
            memset(tails->classes + (walk.value->data.data - tails->bytes.data),
                   walk.value->field->class, walk.value->data.length);
}

bool can_byte_be(const struct tails *tails, uint64_t offset, uint8_t value, bool opaque)
{
    if (offset >= tails->bytes.length)
        return false;
    if (value == tails->bytes.data[offset])
        return true;
    switch (tails->classes[offset]) {
    case FIELD_FREE:
        return true;
    case FIELD_ZEROS:
        return value == 0;
    case FIELD_BOOL:
        return value <= 1;
    case FIELD_OPAQUE:
        return opaque;
    default:
        return false;
    }
}

enum tail_look find_look(const struct tails *tails, const struct structure *owner)
{
    const struct protocol_option *option = tails->option;
    bool any = false;
    for (size_t i = 0; i < owner->subsection_count; i++)
        any |= option_sends_inline(option, &owner->subsections[i]);
    if (option->look == LOOK_IF_DECLARED)
        return any ? LOOK_ALWAYS : LOOK_NEVER;
    return any || option->subsections == SUBSECTION_INLINE ? option->look : LOOK_NEVER;
}

/* ---- The list of tails ------------------------------------------------------------------------- */

static void print_step(FILE *path, const struct record_walk_frame *frame)
{
    const struct value *value = frame->as_value;
    if (!value)
        fputs(frame->as_subsection->subsection->name, path);
    else if (value->field->index >= 0)
        fprintf(path, "%s[%d]", value->field->name, value->field->index);
    else if (value->field->count > 1 || value->field->class == FIELD_LIST)
        fprintf(path, "%s[%u]", value->field->name, value->element);
    else
        fputs(value->field->name, path);
}

static const char *make_path(struct arena *arena, const struct record_walk *walk, unsigned depth)
{
    char *text = NULL;
    size_t length = 0;
    FILE *path = open_memstream(&text, &length);
    for (unsigned i = 1; path && i < depth; i++) {
        fputs(i > 1 ? "." : "", path);
        print_step(path, &walk->frames[i]);
    }
    if (!path || fclose(path) != 0)
        abort(); /* out of memory */
    const char *kept = arena_string(arena, text, length);
    free(text);
    return kept;
}

/* Adds a tail of the record at `depth` in the walk, in the order of the offsets. The walk has another
 * order where the option puts subsections behind the section. */
static void add_tail(struct tails *tails, const struct item *item, const struct record_walk *walk,
                     unsigned depth, uint64_t offset, const struct subsection_value *sent)
{
    tails->list =
        arena_grow(tails->arena, tails->list, tails->count, &tails->room, sizeof(struct tail));
    size_t place = tails->count++;
    for (; place && tails->list[place - 1].offset > offset; place--)
        tails->list[place] = tails->list[place - 1];
    const struct structure *owner = walk->frames[depth - 1].record->structure;
    const char *path = make_path(tails->arena, walk, depth);
    tails->list[place] = (struct tail){item, owner, path, offset, sent};
}

/* Adds the tails of a record whose first byte is at `offset`. A tail stands at the end of each record
 * and before each subsection. Skips the subsections that the option sends elsewhere. */
static void list_record(struct tails *tails, const struct item *item, const struct record *record,
                        uint64_t offset)
{
    struct record_walk walk;
    record_walk_begin(&walk, record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;) {
        const struct subsection_value *sent = walk.subsection;
        if (step == RECORD_VALUE && walk.value->data.length) {
            offset = find_end(tails, walk.value->data);
        } else if (step == RECORD_END && walk.record->structure->name) {
            add_tail(tails, item, &walk, walk.depth + 1, offset, NULL);
            offset += tails->option->sentinel && walk.value ? 1 : 0;
        } else if (step == RECORD_SUBSECTION) {
            if (!option_sends_inline(tails->option, sent->subsection)) {
                record_walk_skip(&walk);
                continue;
            }
            add_tail(tails, item, &walk, walk.depth, offset, sent);
            offset = find_end(tails, sent->name) + 4; /* the version's 4 bytes */
        }
    }
}

/* Adds the tails of a section, then those of the subsections that the option puts behind it. */
static void list_item(struct tails *tails, const struct item *item)
{
    uint64_t header = item->kind == ITEM_CONFIGURATION ? 1 : 1 + 4 + 1 + item->idstr.length + 4 + 4;
    list_record(tails, item, item->record, (uint64_t)(item->raw.data - tails->bytes.data) + header);
    struct record_walk walk;
    record_walk_begin(&walk, item->record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;) {
        if (step != RECORD_SUBSECTION ||
            option_sends_inline(tails->option, walk.subsection->subsection))
            continue;
        /* A subsection in a section of its own has an instance id and a version behind its name,
         * another one a version. */
        uint64_t behind = tails->option->subsections == SUBSECTION_SECTION ? 4 + 4 : 4;
        list_record(tails, item, walk.subsection->record,
                    find_end(tails, walk.subsection->name) + behind);
    }
}

/* ---- Reading ----------------------------------------------------------------------------------- */

/* A reading whose decisions are compared with the list of tails. */
struct compared_reading {
    const struct tails *tails;
    struct arena *arena;
    struct stream *stream;
    size_t room, decisions;
    bool differs;     /* a decision was not the writer's */
    size_t misled_at; /* index of the first such tail; SIZE_MAX: no tail of the list */
};

static void take_item(void *context, const struct item *item)
{
    struct compared_reading *compared = context;
    struct stream *stream = compared->stream;
    stream->items = arena_grow(compared->arena, stream->items, stream->item_count, &compared->room,
                               sizeof(const struct item *));
    stream->items[stream->item_count++] = item;
}

static void take_decision(void *context, const struct tail_event *event)
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

/* Returns NULL if the reader rejects. */
static const struct stream *read_and_compare(struct compared_reading *compared, struct bytes bytes)
{
    struct cost cost;
    struct error error;
    compared->stream = arena_alloc(compared->arena, sizeof(*compared->stream));
    compared->misled_at = SIZE_MAX;
    struct reading reading = {.option = compared->tails->option,
                              .input = bytes,
                              .schema = compared->tails->schema,
                              .arena = compared->arena,
                              .sink = {compared, take_item, true},
                              .observer = {compared, take_decision}};
    return stream_read(&reading, &cost, &error) ? compared->stream : NULL;
}

const char *list_tails(struct tails *tails)
{
    struct cost cost;
    struct error error;
    struct arena *arena = tails->arena;
    tails->stream =
        stream_read_whole(tails->option, tails->bytes, tails->schema, arena, &cost, &error);
    if (!tails->stream)
        return "the option's reader does not accept the stream";
    tails->classes = arena_alloc(arena, tails->bytes.length + 1);
    memset(tails->classes, BYTE_OF_FRAMING, tails->bytes.length);
    for (size_t i = 0; i < tails->stream->item_count; i++) {
        const struct item *item = tails->stream->items[i];
        if (!item->record)
            continue;
        classify_bytes(tails, item->record);
        list_item(tails, item);
    }
    struct compared_reading compared = {.tails = tails, .arena = arena};
    read_and_compare(&compared, tails->bytes);
    if (compared.differs || compared.decisions != tails->count)
        return "the reader decides at other places than this program expects";
    return NULL;
}

struct misreading read_changed(const struct tails *tails, const uint8_t *changed)
{
    struct compared_reading compared = {.tails = tails, .arena = arena_create()};
    const struct stream *read =
        read_and_compare(&compared, (struct bytes){changed, tails->bytes.length});
    struct misreading misreading = {outcome_of(tails->stream, read), compared.misled_at};
    arena_destroy(compared.arena);
    return misreading;
}
