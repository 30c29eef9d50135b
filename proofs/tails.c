/*
 * Lists the tails of a stream by walking over its records, and reads it beside that list. Knows
 * nothing of certificates.
 */
#include "tails.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t tails_end_of(const struct tails *tails, struct bytes bytes)
{
    return (uint64_t)(bytes.data - tails->bytes.data) + bytes.length;
}

/* ---- What the bytes can be ---------------------------------------------------------------------- */

static void classify(struct tails *tails, const struct record *record)
{
    struct record_walk walk;
    record_walk_begin(&walk, record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;)
        if (step == RECORD_VALUE && walk.value->field->class != FIELD_LIST)
            memset(tails->classes + (walk.value->data.data - tails->bytes.data),
                   walk.value->field->class, walk.value->data.length);
}

bool tails_byte_can_be(const struct tails *tails, uint64_t offset, uint8_t value, bool opaque)
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

enum tail_look tails_look_at(const struct tails *tails, const struct structure *owner)
{
    const struct protocol_option *option = tails->option;
    bool any = false;
    for (size_t i = 0; i < owner->subsection_count; i++)
        any |= option_sends_inline(option, &owner->subsections[i]);
    if (option->look == LOOK_IF_DECLARED)
        return any ? LOOK_ALWAYS : LOOK_NEVER;
    return any || option->subsections == SUBSECTION_INLINE ? option->look : LOOK_NEVER;
}

/* ---- The tails ---------------------------------------------------------------------------------- */

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

static const char *path_of(struct arena *arena, const struct record_walk *walk, unsigned depth)
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

/* Of the record at `depth` in the walk. What an option has put behind a section is not there in the
 * order in which it is walked over: it takes its place by its offset. */
static void add_tail(struct tails *tails, const struct item *item, const struct record_walk *walk,
                     unsigned depth, uint64_t offset, const struct subsection_value *sent)
{
    tails->list =
        arena_grow(tails->arena, tails->list, tails->count, &tails->room, sizeof(struct tail));
    size_t place = tails->count++;
    for (; place && tails->list[place - 1].offset > offset; place--)
        tails->list[place] = tails->list[place - 1];
    const struct structure *owner = walk->frames[depth - 1].record->structure;
    const char *path = path_of(tails->arena, walk, depth);
    tails->list[place] = (struct tail){item, owner, path, offset, sent};
}

/* A record from its first byte at `offset` on: every record ends with a tail, and every subsection that
 * stands at one begins there. Subsections that the option sends elsewhere are passed over. */
static void list_record(struct tails *tails, const struct item *item, const struct record *record,
                        uint64_t offset)
{
    struct record_walk walk;
    record_walk_begin(&walk, record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;) {
        const struct subsection_value *sent = walk.subsection;
        if (step == RECORD_VALUE && walk.value->data.length) {
            offset = tails_end_of(tails, walk.value->data);
        } else if (step == RECORD_END && walk.record->structure->name) {
            add_tail(tails, item, &walk, walk.depth + 1, offset, NULL);
            offset += tails->option->sentinel && walk.value ? 1 : 0;
        } else if (step == RECORD_SUBSECTION) {
            if (!option_sends_inline(tails->option, sent->subsection)) {
                record_walk_skip(&walk);
                continue;
            }
            add_tail(tails, item, &walk, walk.depth, offset, sent);
            offset = tails_end_of(tails, sent->name) + 4; /* behind its version */
        }
    }
}

/* A section, then the subsections that the option has put behind it. */
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
        /* Behind the name come, in a section, an instance id, and a version. */
        uint64_t behind = tails->option->subsections == SUBSECTION_SECTION ? 4 + 4 : 4;
        list_record(tails, item, walk.subsection->record,
                    tails_end_of(tails, walk.subsection->name) + behind);
    }
}

/* ---- Reading ------------------------------------------------------------------------------------ */

/* The reference reader, beside the list of tails. */
struct reading_beside {
    const struct tails *tails;
    struct arena *arena;
    struct stream *stream;
    size_t room, decisions;
    bool parted;      /* a decision was not the writer's */
    size_t misled_at; /* the tail of the first one of them; SIZE_MAX: it was at none */
};

static void take_item(void *context, const struct item *item)
{
    struct reading_beside *beside = context;
    struct stream *stream = beside->stream;
    stream->items = arena_grow(beside->arena, stream->items, stream->item_count, &beside->room,
                               sizeof(const struct item *));
    stream->items[stream->item_count++] = item;
}

static void take_decision(void *context, const struct tail_event *event)
{
    struct reading_beside *beside = context;
    const struct tails *tails = beside->tails;
    size_t at = beside->decisions++;
    bool here = at < tails->count && event->offset == tails->list[at].offset &&
                event->owner == tails->list[at].owner;
    if (beside->parted || (here && event->taken == (tails->list[at].sent != NULL)))
        return;
    beside->parted = true;
    beside->misled_at = here ? at : SIZE_MAX;
}

/* NULL where the reader rejects. */
static const struct stream *read_beside(struct reading_beside *beside, struct bytes bytes)
{
    struct cost cost;
    struct error error;
    beside->stream = arena_alloc(beside->arena, sizeof(*beside->stream));
    beside->misled_at = SIZE_MAX;
    struct reading reading = {.option = beside->tails->option,
                              .input = bytes,
                              .schema = beside->tails->schema,
                              .arena = beside->arena,
                              .sink = {beside, take_item, true},
                              .observer = {beside, take_decision}};
    return stream_read(&reading, &cost, &error) ? beside->stream : NULL;
}

const char *tails_of(struct tails *tails)
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
        classify(tails, item->record);
        list_item(tails, item);
    }
    struct reading_beside beside = {.tails = tails, .arena = arena};
    read_beside(&beside, tails->bytes);
    if (beside.parted || beside.decisions != tails->count)
        return "the reader decides at other places than this program expects";
    return NULL;
}

struct misreading tails_read_changed(const struct tails *tails, const uint8_t *changed)
{
    struct reading_beside beside = {.tails = tails, .arena = arena_create()};
    const struct stream *read = read_beside(&beside, (struct bytes){changed, tails->bytes.length});
    struct misreading misreading = {outcome_of(tails->stream, read), beside.misled_at};
    arena_destroy(beside.arena);
    return misreading;
}
