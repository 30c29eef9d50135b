/* SPDX-License-Identifier: MIT */
/*
 * Reads one stream from its beginning, and collects the items of a whole stream. It must not know what the
 * tokens mean.
 */
#include <stdlib.h>
#include <string.h>

#include "read/workspace.h"

/* What a reading uses beside its caller's arena. */
struct one_reading {
    const struct vmwire_reading *reading;
    struct vmwire_cost *cost;
    struct vmwire_error *error;
    size_t workspace_size;
    struct workspace *workspace; /* NULL: memory has run out; so may the next one be */
    struct vmwire_arena *items;
    struct vmwire_arena *lexer_arena; /* NULL: not made yet */
};

static bool read_tokens(void *context)
{
    struct one_reading *one = context;
    struct token token = {0};
    one->lexer_arena = vmwire_arena_create_within(one->items);
    begin_reading(one->workspace, one->reading, one->items, one->lexer_arena, one->cost,
                  one->error);
    while (feed_token(one->workspace, &token))
        ;
    end_reading(one->workspace);
    return !one->workspace->reader.failed;
}

/* Reads within an attempt, and counts the memory. */
static bool read_and_measure(struct one_reading *one)
{
    uint64_t total_before = vmwire_arena_total(one->items);
    uint64_t live_before = arena_forget_peak(one->items);
    bool accepted = vmwire_arena_attempt(one->items, read_tokens, one, one->error);
    one->cost->bytes_allocated =
        one->workspace_size + vmwire_arena_total(one->items) - total_before;
    one->cost->peak_memory = one->workspace_size + vmwire_arena_peak(one->items) - live_before;
    if (one->lexer_arena) {
        one->cost->bytes_allocated += vmwire_arena_total(one->lexer_arena);
        one->cost->peak_memory += vmwire_arena_peak(one->lexer_arena);
        one->cost->bytes_allocated += one->workspace->reader.lexer.readings_allocated;
        one->cost->peak_memory += one->workspace->reader.lexer.readings_peak;
    }
    return accepted;
}

bool vmwire_stream_read(const struct vmwire_reading *reading, struct vmwire_cost *cost,
                        struct vmwire_error *error)
{
    const size_t size = workspace_size(reading->option);
    struct one_reading one = {
        .reading = reading,
        .cost = cost,
        .error = error,
        .workspace_size = size,
        .workspace = malloc(size),
        .items = reading->arena ? reading->arena : vmwire_arena_create(),
    };
    memset(cost, 0, sizeof(*cost));
    bool accepted =
        one.workspace && one.items ? read_and_measure(&one) : vmwire_error_set_memory(error, size);
    vmwire_arena_destroy(one.lexer_arena);
    if (!reading->arena)
        vmwire_arena_destroy(one.items);
    free(one.workspace);
    return accepted;
}

/* ---- Whole streams ------------------------------------------------------------------------------- */

struct collection {
    struct vmwire_reading reading;
    struct vmwire_cost *cost;
    struct vmwire_error *error;
    struct vmwire_stream *stream;
    size_t room;
};

static void collect(void *context, const struct vmwire_item *item)
{
    struct collection *collection = context;
    struct vmwire_stream *stream = collection->stream;
    stream->items = vmwire_arena_grow(collection->reading.arena, stream->items, stream->item_count,
                                      &collection->room, sizeof(const struct vmwire_item *));
    stream->items[stream->item_count++] = item;
}

static bool read_collection(void *context)
{
    struct collection *collection = context;
    collection->stream =
        vmwire_arena_alloc(collection->reading.arena, sizeof(struct vmwire_stream));
    return vmwire_stream_read(&collection->reading, collection->cost, collection->error);
}

struct vmwire_stream *vmwire_stream_collect(struct vmwire_reading reading, struct vmwire_cost *cost,
                                            struct vmwire_error *error)
{
    struct collection collection = {.reading = reading, .cost = cost, .error = error};
    collection.reading.sink = (struct vmwire_sink){&collection, collect, true};
    memset(cost, 0, sizeof(*cost));
    bool accepted = vmwire_arena_attempt(reading.arena, read_collection, &collection, error);
    return accepted ? collection.stream : NULL;
}

struct vmwire_stream *vmwire_stream_read_whole(const struct vmwire_option *option,
                                               struct vmwire_bytes input,
                                               const struct vmwire_schema *schema,
                                               struct vmwire_arena *arena, struct vmwire_cost *cost,
                                               struct vmwire_error *error)
{
    struct vmwire_reading reading = {
        .option = option, .input = input, .schema = schema, .arena = arena};
    return vmwire_stream_collect(reading, cost, error);
}
