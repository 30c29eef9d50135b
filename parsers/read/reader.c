/* SPDX-License-Identifier: MIT */
/*
 * Reads one stream from its beginning, and collects the items of a whole stream. It must not know what the
 * tokens mean.
 */
#include <stdlib.h>

#include "read/workspace.h"

bool vmwire_stream_read(const struct vmwire_reading *reading, struct vmwire_cost *cost,
                        struct vmwire_error *error)
{
    const size_t fixed = workspace_size(reading->option);
    struct workspace *workspace = malloc(fixed);
    if (!workspace)
        abort();
    struct vmwire_arena *items = reading->arena ? reading->arena : vmwire_arena_create();
    struct vmwire_arena *lexer_arena = vmwire_arena_create();
    uint64_t total_before = vmwire_arena_total(items);
    uint64_t live_before = arena_forget_peak(items);
    struct token token = {0};

    begin_reading(workspace, reading, items, lexer_arena, cost, error);
    while (feed_token(workspace, &token))
        ;
    end_reading(workspace);

    cost->bytes_allocated =
        fixed + vmwire_arena_total(items) - total_before + vmwire_arena_total(lexer_arena);
    cost->peak_memory =
        fixed + vmwire_arena_peak(items) - live_before + vmwire_arena_peak(lexer_arena);
    bool accepted = !workspace->reader.failed;
    if (!reading->arena)
        vmwire_arena_destroy(items);
    vmwire_arena_destroy(lexer_arena);
    free(workspace);
    return accepted;
}

/* ---- Whole streams ------------------------------------------------------------------------------- */

struct collection {
    struct vmwire_arena *arena;
    struct vmwire_stream *stream;
    size_t room;
};

static void collect(void *context, const struct vmwire_item *item)
{
    struct collection *collection = context;
    struct vmwire_stream *stream = collection->stream;
    stream->items = vmwire_arena_grow(collection->arena, stream->items, stream->item_count,
                                      &collection->room, sizeof(const struct vmwire_item *));
    stream->items[stream->item_count++] = item;
}

struct vmwire_stream *vmwire_stream_collect(struct vmwire_reading reading, struct vmwire_cost *cost,
                                            struct vmwire_error *error)
{
    struct collection collection = {
        .arena = reading.arena,
        .stream = vmwire_arena_alloc(reading.arena, sizeof(struct vmwire_stream))};
    reading.sink = (struct vmwire_sink){&collection, collect, true};
    return vmwire_stream_read(&reading, cost, error) ? collection.stream : NULL;
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
