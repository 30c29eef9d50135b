/* SPDX-License-Identifier: MIT */
/*
 * Writes a stream under one option and reads it under another.
 */
#include "program/compare/crossing.h"

#include <assert.h>
#include <string.h>

static const char *const old_names[OLD_OPTIONS] = {"legacy", "guarded", "heuristic"};

const struct vmwire_option *old_option(size_t number)
{
    assert(number < OLD_OPTIONS);
    return vmwire_option_find(old_names[number]);
}

const struct vmwire_option *todays_option(void)
{
    return old_option(OLD_OPTIONS - 1);
}

/* ---- Without subsections ------------------------------------------------------------------------------ */

/* A record whose copy still points to the records of the original. */
struct pending {
    struct vmwire_record *copy;
    struct pending *next;
};

static struct vmwire_record *copy_record(const struct vmwire_record *record,
                                         struct pending **pending, struct vmwire_arena *arena)
{
    struct pending *added = vmwire_arena_alloc(arena, sizeof(*added));
    struct vmwire_record *copy = vmwire_arena_alloc(arena, sizeof(*copy));
    *copy = *record;
    copy->subsections = copy->last_subsection = copy->last_separate = NULL;
    *added = (struct pending){copy, *pending};
    *pending = added;
    return copy;
}

static void copy_values(struct vmwire_record *record, struct pending **pending,
                        struct vmwire_arena *arena)
{
    struct vmwire_value **link = &record->values;
    for (const struct vmwire_value *value = record->values; value; value = value->next) {
        struct vmwire_value *copy = vmwire_arena_alloc(arena, sizeof(*copy));
        *copy = *value;
        if (value->record)
            copy->record = copy_record(value->record, pending, arena);
        *link = copy;
        link = &copy->next;
    }
}

static struct vmwire_record *strip_record(const struct vmwire_record *record,
                                          struct vmwire_arena *arena)
{
    struct pending *pending = NULL;
    struct vmwire_record *stripped = copy_record(record, &pending, arena);
    while (pending) {
        struct vmwire_record *next = pending->copy;
        pending = pending->next;
        copy_values(next, &pending, arena);
    }
    return stripped;
}

static bool sends_subsections(const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_SUBSECTION)
            return true;
    return false;
}

const struct vmwire_stream *strip_subsections(const struct vmwire_stream *stream,
                                              struct vmwire_arena *arena)
{
    struct vmwire_stream *stripped = vmwire_arena_alloc(arena, sizeof(*stripped));
    bool sent = false;
    *stripped = (struct vmwire_stream){
        vmwire_arena_alloc(arena, stream->item_count * sizeof(*stripped->items)),
        stream->item_count};
    for (size_t i = 0; i < stream->item_count; i++) {
        stripped->items[i] = stream->items[i];
        if (stream->items[i]->kind != VMWIRE_ITEM_SECTION_FULL ||
            !sends_subsections(stream->items[i]->record))
            continue;
        struct vmwire_item *item = vmwire_arena_alloc(arena, sizeof(*item));
        *item = *stream->items[i];
        item->record = strip_record(item->record, arena);
        stripped->items[i] = item;
        sent = true;
    }
    return sent ? stripped : NULL;
}

static bool configuration_sends(const struct vmwire_stream *stream)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->kind == VMWIRE_ITEM_CONFIGURATION &&
            sends_subsections(stream->items[i]->record))
            return true;
    return false;
}

/* ---- Old and new -------------------------------------------------------------------------------------- */

/* Of a stream whose subsections are taken out, its own description tells what it no longer sends: `described` is the stream that it
 * is to tell of; NULL: it is right as it is. */
static const struct vmwire_stream *read_with_description(const struct stream_setting *setting,
                                                         const struct vmwire_option *reads,
                                                         struct vmwire_bytes bytes,
                                                         const struct vmwire_stream *described)
{
    struct vmwire_cost cost;
    struct vmwire_reading reading = {
        .option = reads, .input = bytes, .schema = setting->schema, .arena = setting->arena};
    if (described && reads->look == VMWIRE_LOOK_DESCRIBED) {
        reading.description = vmwire_describe(described, reads, setting->arena, setting->error);
        if (!reading.description)
            return NULL;
    }
    return vmwire_stream_collect(reading, &cost, setting->error);
}

static bool add_crossing(struct crossing *sum, const struct stream_setting *setting,
                         const struct vmwire_option *writes, const struct vmwire_option *reads,
                         const struct vmwire_stream *stream, bool stripped)
{
    struct vmwire_arena_mark mark = vmwire_arena_mark(setting->arena);
    struct vmwire_bytes bytes;
    const struct vmwire_stream *read = NULL;
    bool written = write_under(setting, writes, stream, &bytes);
    /* A reader refuses a stream of another version at its head. */
    if (written && writes->stream_version == reads->stream_version)
        read = read_with_description(setting, reads, bytes, stripped ? stream : NULL);
    if (written)
        sum->outcomes[vmwire_outcome_of(stream, read)]++;
    else
        sum->not_written++;
    vmwire_arena_reset(setting->arena, mark);
    return read || !is_out_of_memory(setting);
}

bool add_crossings(struct crossings *sum, const struct stream_setting *setting,
                   const struct vmwire_option *writes, const struct vmwire_option *reads,
                   const struct vmwire_stream *old, const struct vmwire_stream *new)
{
    const struct vmwire_stream *sent[CROSSING_DIRECTIONS][CROSSING_STATES] = {
        [OLD_TO_NEW] = {strip_subsections(old, setting->arena), old},
        [NEW_TO_OLD] = {strip_subsections(new, setting->arena), new}};
    for (int direction = 0; direction < CROSSING_DIRECTIONS; direction++)
        for (size_t i = 0; i < OLD_OPTIONS; i++)
            for (int state = 0; state < CROSSING_STATES; state++) {
                const struct vmwire_option *writer =
                    direction == OLD_TO_NEW ? old_option(i) : writes;
                const struct vmwire_option *reader =
                    direction == OLD_TO_NEW ? reads : old_option(i);
                const struct vmwire_stream *stream = sent[direction][WITHOUT_SUBSECTIONS]
                                                         ? sent[direction][state]
                                                         : sent[direction][WITH_SUBSECTIONS];
                /* A stream that sends none shows nothing of what becomes of one. What the configuration sends stays. */
                const bool sends =
                    sent[direction][WITHOUT_SUBSECTIONS] || configuration_sends(stream);
                if (state == WITH_SUBSECTIONS ? !sends : configuration_sends(stream))
                    continue;
                if (!add_crossing(&sum->all[direction][i][state], setting, writer, reader, stream,
                                  stream != (direction == OLD_TO_NEW ? old : new)))
                    return false;
            }
    return true;
}

void add_crossings_sum(struct crossings *sum, const struct crossings *each)
{
    const struct crossing *from = &each->all[0][0][0];
    struct crossing *to = &sum->all[0][0][0];
    for (size_t i = 0; i < sizeof(*sum) / sizeof(*to); i++) {
        for (int outcome = 0; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++)
            to[i].outcomes[outcome] += from[i].outcomes[outcome];
        to[i].not_written += from[i].not_written;
    }
}
