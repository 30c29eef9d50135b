/* SPDX-License-Identifier: MIT */
/*
 * Sets the reader's decisions at tails against the subsections that were sent.
 */
#include "program/explain/misreading.h"

#include <string.h>

#include "program/explain/places.h"
#include "program/shared/report_error.h"

/* One reading. */
struct reading_run {
    struct misreading *misreading;
    struct vmwire_arena *arena;
    struct tails tails; /* of the subsections that were sent */
    uint64_t
        meant_length; /* the bytes of complete items: of one that is cut off, subsections are not known */
    size_t next;
    const struct vmwire_item **items;
    size_t count, room;
};

static void keep_item(void *context, const struct vmwire_item *item)
{
    struct reading_run *run = context;
    run->items =
        vmwire_arena_grow(run->arena, run->items, run->count, &run->room, sizeof(*run->items));
    run->items[run->count++] = item;
}

static void ignore_entry(void *context, const struct vmwire_item *section,
                         const struct vmwire_entry *entry)
{
    (void)context, (void)section, (void)entry;
}

static bool is_same_name(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void compare_tail(void *context, const struct vmwire_tail_event *event)
{
    struct reading_run *run = context;
    struct misreading *misreading = run->misreading;
    if (misreading->parts || event->offset >= run->meant_length)
        return;
    while (run->next < run->tails.count && run->tails.list[run->next].offset < event->offset)
        run->next++;
    const struct sent_tail *next =
        run->next < run->tails.count ? &run->tails.list[run->next] : NULL;
    /* An embedded record can end at the same byte as the one around it. */
    bool sent =
        next && next->offset == event->offset && is_same_name(next->owner, event->owner->name);
    if (sent == event->taken)
        return;
    misreading->parts = true;
    misreading->taken = event->taken;
    misreading->tail = event->offset;
    misreading->owner = event->owner->name;
    const char *name = event->taken && event->name ? event->name : "";
    misreading->name = vmwire_arena_string(run->arena, name, strlen(name));
}

/* Reads without the entries of RAM. Returns false when memory runs out. */
static bool read_once(struct reading_run *run, const struct vmwire_option *option, bool compares,
                      const struct vmwire_schema *schema, struct vmwire_error *error)
{
    struct vmwire_cost cost;
    struct vmwire_reading reading = {
        .option = option,
        .input = run->misreading->bytes,
        .schema = schema,
        .arena = run->arena,
        .sink = {run, keep_item, true},
        .entry_sink = {NULL, ignore_entry},
        .observer = {run, compares ? compare_tail : NULL},
    };
    run->items = NULL;
    run->count = run->room = 0;
    error->kind = VMWIRE_ERROR_NONE;
    return vmwire_stream_read(&reading, &cost, error) || error->kind != VMWIRE_ERROR_MEMORY;
}

static const struct vmwire_stream *take_stream(const struct reading_run *run)
{
    struct vmwire_stream *stream = vmwire_arena_alloc(run->arena, sizeof(*stream));
    *stream = (struct vmwire_stream){run->items, run->count};
    return stream;
}

/* ---- Layouts ---- */

/* The reader knows more subsections than the writer's description has: those of its program, where no program of the writer is
 * given. */
static bool load_with_reader(struct loaded_file *both, const struct misreading *misreading,
                             const struct arguments *arguments)
{
    const struct sent_stream *sent = misreading->sent;
    struct arguments layouts = layouts_of_side(sent->writer, arguments);
    if (!sent->described || sent->writer->side.declared || layouts.schema_count)
        return true;
    return load_by_reader(both, sent, misreading->option, arguments);
}

/* ---- What comes of it ---- */

bool has_read(const struct misreading *misreading, const struct vmwire_item *section)
{
    for (size_t i = 0; i < misreading->read->item_count; i++) {
        const struct vmwire_item *item = misreading->read->items[i];
        if (begins_section(item) && is_same_section(item, section))
            return true;
    }
    return false;
}

static void find_end(struct misreading *misreading)
{
    for (size_t i = 0; i < misreading->read->item_count; i++) {
        const struct vmwire_item *item = misreading->read->items[i];
        if (item->kind == VMWIRE_ITEM_EOF)
            misreading->end = (uint64_t)(item->raw.data - misreading->bytes.data);
    }
}

static void judge(struct misreading *misreading)
{
    struct vmwire_arena *arena = misreading->sent->writer->arena;
    misreading->outcome = misreading->error.kind != VMWIRE_ERROR_NONE
                              ? VMWIRE_OUTCOME_REJECT
                              : vmwire_outcome_of(misreading->meant, misreading->read);
    find_end(misreading);
    if (!misreading->parts)
        return;
    const uint8_t *tail = misreading->bytes.data + misreading->tail;
    const struct vmwire_item *item = item_at(misreading->meant, tail);
    misreading->section = item;
    if (item && item->record)
        misreading->path = path_of_tail(item, misreading->bytes, tail, misreading->owner, arena);
}

bool read_as_reader(struct misreading *misreading, const struct arguments *arguments)
{
    const struct side_files *writer = misreading->sent->writer;
    struct reading_run run = {.misreading = misreading, .arena = writer->arena};
    struct loaded_file both = {.schema = NULL};
    struct vmwire_error error = {0};
    misreading->bytes = writer->side.bytes;
    if (!load_with_reader(&both, misreading, arguments))
        return false;
    const struct vmwire_schema *schema = both.schema;
    bool in_memory = true, reads = false;
    for (size_t i = 0; schema && in_memory && !reads && option_as_sent(i); i++) {
        in_memory = read_once(&run, option_as_sent(i), false, schema, &error);
        reads = error.kind == VMWIRE_ERROR_NONE;
    }
    if (!reads &&
        in_memory) { /* there is no program of the reader, or it does not go with the description */
        schema = writer->stream.schema;
        in_memory = read_once(&run, writer->option, false, schema, &error);
    }
    misreading->meant = take_stream(&run);
    if (run.count) {
        const struct vmwire_bytes last = run.items[run.count - 1]->raw;
        run.meant_length = (uint64_t)(last.data + last.length - misreading->bytes.data);
    }
    find_tails(&run.tails, misreading->meant, misreading->bytes, run.arena);
    in_memory = in_memory && read_once(&run, misreading->option, true, schema, &misreading->error);
    misreading->read = take_stream(&run);
    if (!in_memory) {
        vmwire_error_set_memory(&error, 0);
        report_error(arguments, writer->stream_name, &error);
        return false;
    }
    judge(misreading);
    return true;
}
