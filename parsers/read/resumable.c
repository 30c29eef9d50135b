/* SPDX-License-Identifier: MIT */
/*
 * Keeps a copy of a reader in the middle of a stream, and the bytes that have made it so. It must not know what the
 * tokens mean.
 */
#include "read/resumable.h"

#include <string.h>

#include "read/workspace.h"

/* Where a reading can go on. */
struct point {
    uint64_t
        depends; /* what the reader is here depends on the bytes before this offset; 0: there is no point */
    uint64_t length; /* of the stream that was read */
    uint8_t *bytes;  /* those before `depends` */
    uint8_t *notes;
    struct workspace *workspace;
    struct vmwire_cost cost;
    struct started_iterable *iterables;
    struct vmwire_arena_mark items, lexer_arena;
};

struct resumable {
    struct vmwire_reading reading;
    struct vmwire_cost cost;
    struct vmwire_arena *items, *lexer_arena;
    struct vmwire_arena_mark items_begin, lexer_arena_begin;
    struct workspace *workspace; /* it stays where it is: the parser points into it */
    size_t workspace_size;
    size_t notes_size;
    struct point point;
};

struct resumable *resumable_begin(const struct vmwire_option *option,
                                  const struct vmwire_schema *schema, size_t longest,
                                  size_t notes_size, struct vmwire_arena *arena)
{
    struct resumable *resumable = vmwire_arena_alloc(arena, sizeof(*resumable));
    resumable->workspace_size = workspace_size(option);
    resumable->workspace = vmwire_arena_alloc(arena, resumable->workspace_size);
    resumable->reading = (struct vmwire_reading){.option = option, .schema = schema};
    resumable->items = vmwire_arena_create_within(arena);
    resumable->lexer_arena = vmwire_arena_create_within(arena);
    resumable->items_begin = vmwire_arena_mark(resumable->items);
    resumable->lexer_arena_begin = vmwire_arena_mark(resumable->lexer_arena);
    resumable->notes_size = notes_size;
    resumable->point = (struct point){
        .bytes = vmwire_arena_alloc(arena, longest),
        .notes = vmwire_arena_alloc(arena, notes_size),
        .workspace = vmwire_arena_alloc(arena, resumable->workspace_size),
        .iterables =
            vmwire_arena_alloc(arena, LEXER_ITERABLE_LIMIT * sizeof(struct started_iterable)),
    };
    return resumable;
}

void resumable_forget(struct resumable *resumable)
{
    resumable->point.depends = 0;
}

/* The iterable sections that the reader knows stand outside of the workspace. */
static void copy_iterables(struct started_iterable *to, const struct started_iterable *from,
                           unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        to[i] = from[i];
}

/* Leaves a point here, if the reading of a stream that is the same up to `same_until` comes here too. */
static void leave_point(struct resumable *resumable, uint64_t same_until, const void *notes)
{
    const struct lexer *lexer = &resumable->workspace->reader.lexer;
    struct point *point = &resumable->point;
    uint64_t depends = lexer_offset(lexer) + resumable->cost.longest_lookahead + 1;
    if (depends < lexer->searched_to)
        depends = lexer->searched_to;
    if (!lexer->depth || lexer->package_depth || lexer->keeps_owners || depends > same_until)
        return;
    memcpy(point->bytes + point->depends, lexer->begin + point->depends, depends - point->depends);
    memcpy(point->notes, notes, resumable->notes_size);
    memcpy(point->workspace, resumable->workspace, resumable->workspace_size);
    copy_iterables(point->iterables, lexer->iterables, lexer->iterable_count);
    point->depends = depends;
    point->length = resumable->reading.input.length;
    point->cost = resumable->cost;
    point->items = vmwire_arena_mark(resumable->items);
    point->lexer_arena = vmwire_arena_mark(resumable->lexer_arena);
}

static uint64_t bytes_up_to(const struct lexer *lexer, uint64_t offset)
{
    return lexer_offset(lexer) < offset ? offset - lexer_offset(lexer) : 0;
}

/* How many records the reader could still read at the point if the stream had another length, as lexer_begin() sets it.
 * Negative: it would not have come so far. */
static int64_t records_left(const struct point *point, uint64_t length)
{
    return (int64_t)(point->workspace->reader.lexer.records_left + 2 * length - 2 * point->length);
}

/* Likewise how many pairs the counts of readings could still go over. */
static int64_t pairs_left(const struct point *point, uint64_t length)
{
    return (int64_t)(point->workspace->reader.lexer.pairs_left + READINGS_PAIRS_A_BYTE * length -
                     READINGS_PAIRS_A_BYTE * point->length);
}

static bool can_go_on(const struct point *point, const struct resumed_reading *resumed)
{
    return point->depends && point->depends <= resumed->same_until &&
           point->depends <= resumed->input.length &&
           records_left(point, resumed->input.length) >= 0 &&
           pairs_left(point, resumed->input.length) >= 0 &&
           memcmp(point->bytes, resumed->input.data, point->depends) == 0;
}

/* Sets reader and parser as they were at the point, but for what belongs to this reading. */
static void go_on(struct resumable *resumable, const struct resumed_reading *resumed,
                  struct vmwire_error *error)
{
    const struct point *point = &resumable->point;
    struct lexer *lexer = &resumable->workspace->reader.lexer;
    vmwire_arena_reset(resumable->items, point->items);
    vmwire_arena_reset(resumable->lexer_arena, point->lexer_arena);
    memcpy(resumable->workspace, point->workspace, resumable->workspace_size);
    copy_iterables(lexer->iterables, point->iterables, lexer->iterable_count);
    memcpy(resumed->notes, point->notes, resumable->notes_size);
    memset(error, 0, sizeof(*error));
    resumable->cost = point->cost;
    resumable->workspace->reader.error = lexer->error = error;
    lexer->observer = resumed->observer;
    lexer->chooser = resumed->chooser;
    lexer->limit = lexer->begin + resumed->input.length;
    lexer->records_left = (uint64_t)records_left(point, resumed->input.length);
    lexer->pairs_left = (uint64_t)pairs_left(point, resumed->input.length);
}

bool resumable_read(struct resumable *resumable, const struct resumed_reading *resumed,
                    struct vmwire_error *error)
{
    struct workspace *workspace = resumable->workspace;
    struct token token = {0};
    resumable->reading.input = resumed->input;
    resumable->reading.observer = resumed->observer;
    resumable->reading.chooser = resumed->chooser;
    resumable->reading.sink = resumed->sink;
    resumable->reading.sink.keep = true;
    if (can_go_on(&resumable->point, resumed)) {
        go_on(resumable, resumed, error);
    } else {
        resumable_forget(resumable);
        vmwire_arena_reset(resumable->items, resumable->items_begin);
        vmwire_arena_reset(resumable->lexer_arena, resumable->lexer_arena_begin);
        begin_reading(workspace, &resumable->reading, resumable->items, resumable->lexer_arena,
                      &resumable->cost, error);
    }
    /* A point costs as much as some hundred tokens. So there are few, and more the closer they are to `same_until`. */
    uint64_t last_left = bytes_up_to(&workspace->reader.lexer, resumed->same_until);
    while (feed_token(workspace, &token)) {
        uint64_t left = bytes_up_to(&workspace->reader.lexer, resumed->same_until);
        if (left > last_left / 2)
            continue;
        leave_point(resumable, resumed->same_until, resumed->notes);
        last_left = left;
    }
    end_reading(workspace);
    return !workspace->reader.failed;
}
