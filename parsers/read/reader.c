/* SPDX-License-Identifier: MIT */
/*
 * Feeds the lexer's tokens to the parser, and collects the items of a whole stream. It must not know what
 * the tokens mean.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "read/lexer_rules.h"
#include "read/page_size.h"
#include "read/parsers.h"

/* ---- The loop ------------------------------------------------------------------------------------ */

/* Behind these tokens the item before is complete, and nothing of the next one is built yet. So the memory
 * of the item before can be freed here. */
static bool ends_item(int kind)
{
    return kind == TOKEN_IDSTR || kind == TOKEN_SECTION_PART || kind == TOKEN_SECTION_END ||
           kind == TOKEN_COMMAND || kind == TOKEN_PACKAGE_END || kind == 0;
}

/* Behind these tokens the content of an iterable section can begin. */
static bool begins_iterable(int kind)
{
    return kind == TOKEN_VERSION_ID || kind == TOKEN_SECTION_ID;
}

static void feed_tokens(struct reader *reader, const struct grammar *grammar, void *parser)
{
    struct token token = {0};
    int kind;
    do {
        kind = lexer_token(&reader->lexer, &token);
        if (kind == LEXER_AGAIN)
            continue;
        if (kind == LEXER_ERROR) {
            lexer_locate(&reader->lexer, reader->error);
            reader->failed = true;
            return;
        }
        token.kind = kind;
        grammar->feed(parser, kind, token);
        if (ends_item(kind))
            reader_deliver_pending(reader);
        if (reader->lexer.condition == yycram && begins_iterable(kind))
            find_page_size(&reader->lexer);
    } while (kind && !reader->failed);
}

/* A reader and its parser, in one allocation. */
struct workspace {
    struct reader reader;
    max_align_t parser[]; /* not zeroed: lemon's ParseInit sets what it needs */
};

static struct workspace *workspace_create(const struct vmwire_reading *reading,
                                          struct vmwire_cost *cost, struct vmwire_error *error)
{
    const struct parser *parser = parser_of(reading->option);
    struct workspace *workspace = malloc(sizeof(*workspace) + parser->grammar->size);
    if (!workspace)
        abort();
    memset(&workspace->reader, 0, sizeof(workspace->reader));
    memset(cost, 0, sizeof(*cost));
    memset(error, 0, sizeof(*error));
    struct reader *reader = &workspace->reader;
    reader->reading = reading;
    reader->cost = cost;
    reader->error = error;
    reader->items = reading->arena ? reading->arena : vmwire_arena_create();
    reader->mark = vmwire_arena_mark(reader->items);
    reader->lexer.option = reading->option;
    reader->lexer.schema = reading->schema;
    reader->lexer.observer = reading->observer;
    reader->lexer.chooser = reading->chooser;
    reader->lexer.cost = cost;
    reader->lexer.error = error;
    reader->lexer.arena = vmwire_arena_create();
    reader->lexer.owners.arena = reader->lexer.arena;
    reader->lexer.keeps_owners = reading->option->subsections != VMWIRE_SUBSECTION_INLINE;
    reader->lexer.begin = reading->input.data;
    reader->lexer.limit = reading->input.data + reading->input.length;
    reader->lexer.tail = reading->chooser.takes ? yyctail_chosen : parser->tail;
    lexer_begin(&reader->lexer);
    return workspace;
}

static void workspace_destroy(struct workspace *workspace)
{
    if (!workspace->reader.reading->arena)
        vmwire_arena_destroy(workspace->reader.items);
    vmwire_arena_destroy(workspace->reader.lexer.arena);
    free(workspace);
}

bool vmwire_stream_read(const struct vmwire_reading *reading, struct vmwire_cost *cost,
                        struct vmwire_error *error)
{
    const struct grammar *grammar = parser_of(reading->option)->grammar;
    struct workspace *workspace = workspace_create(reading, cost, error);
    struct reader *reader = &workspace->reader;
    uint64_t total_before = vmwire_arena_total(reader->items);
    uint64_t live_before = arena_forget_peak(reader->items);

    grammar->begin(workspace->parser, reader);
    feed_tokens(reader, grammar, workspace->parser);
    grammar->end(workspace->parser);

    uint64_t fixed = sizeof(*workspace) + grammar->size;
    cost->bytes_allocated = fixed + vmwire_arena_total(reader->items) - total_before +
                            vmwire_arena_total(reader->lexer.arena);
    cost->peak_memory = fixed + vmwire_arena_peak(reader->items) - live_before +
                        vmwire_arena_peak(reader->lexer.arena);
    bool accepted = !reader->failed;
    workspace_destroy(workspace);
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
