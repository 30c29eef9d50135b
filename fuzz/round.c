/* Rounds; see round.h. */
#include "round.h"

#include <stdio.h>
#include <string.h>

static bool has_footers(const struct stream *stream)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->footer)
            return true;
    return false;
}

static bool write_state(struct round *round, const struct subject *subject,
                        const struct stream *state)
{
    struct writing writing = {
        .option = round->option, .footers = has_footers(state), .arena = subject->arena};
    struct writer *writer = writer_create(&writing);
    bool written = true;
    for (size_t i = 0; written && i < state->item_count; i++)
        written = writer_item(writer, state->items[i], &round->error);
    round->bytes = writer_output(writer);
    writer_destroy(writer);
    return written;
}

struct round round_trip(const struct subject *subject, const struct stream *state,
                        const struct protocol_option *option)
{
    struct round round = {.option = option};
    round.written = write_state(&round, subject, state);
    if (!round.written)
        return round;
    round.read = stream_read_whole(option, round.bytes, subject->schema, subject->arena,
                                   &round.cost, &round.error);
    round.outcome = outcome_of(state, round.read);
    round.undecided = !round.read && round.error.kind == ERROR_NO_LAYOUT;
    return round;
}

/* ---- Where the reader was misled ------------------------------------------------------------------- */

struct decisions {
    struct tail_event *events;
    size_t count, room;
    struct arena *arena;
};

static void note(void *context, const struct tail_event *event)
{
    struct decisions *decisions = context;
    decisions->events = arena_grow(decisions->arena, decisions->events, decisions->count,
                                   &decisions->room, sizeof(*decisions->events));
    struct tail_event *noted = &decisions->events[decisions->count++];
    *noted = *event;
    if (event->name)
        noted->name = arena_string(decisions->arena, event->name, strlen(event->name));
}

/* The name as a C string, as readers compare it. */
static const char *c_name(struct arena *arena, struct bytes name)
{
    return arena_string(arena, (const char *)name.data, name.length);
}

/* What a reader that is not misled decides; the record is laid over the bytes at `offset`. */
static void note_record(struct decisions *decisions, const struct round *round,
                        const struct record *record, uint64_t offset)
{
    struct record_walk walk;
    record_walk_begin(&walk, record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;) {
        struct tail_event event = {offset, walk.record->structure, false, NULL};
        if (step == RECORD_VALUE) {
            offset += walk.value->data.length;
        } else if (step == RECORD_SUBSECTION) {
            event.owner = walk.frames[walk.depth - 1].record->structure;
            event.taken = true;
            event.name = c_name(decisions->arena, walk.subsection->name);
            note(decisions, &event);
            offset += 2 + walk.subsection->name.length + 4;
        } else if (step == RECORD_END) {
            if (walk.record->structure->name)
                note(decisions, &event);
            offset += round->option->sentinel && walk.value;
        }
    }
}

static bool same_decision(const struct tail_event *a, const struct tail_event *b)
{
    return a->offset == b->offset && a->owner == b->owner && a->taken == b->taken &&
           (!a->name || strcmp(a->name, b->name) == 0);
}

static enum possible ask_engine(const struct subject *subject, const struct template *laid,
                                const struct round *round, const struct misled *misled)
{
    struct question question = {.option = round->option,
                                .stream = &laid->stream,
                                .bytes = laid->bytes,
                                .reader = {round->option, subject->schema},
                                .only_at = &misled->offset};
    struct decision decision = engine_decide(&question, subject->arena);
    enum possible possible = IMPOSSIBLE;
    for (size_t i = 0; i < decision.tail_count; i++) {
        const struct tail_verdict *tail = &decision.tails[i];
        if (tail->offset != misled->offset || tail->owner != misled->owner)
            continue;
        if (tail->findings[round->outcome])
            return POSSIBLE;
        if (tail->verdict == VERDICT_UNDECIDED || tail->reason)
            possible = NOT_DECIDED;
    }
    return possible;
}

struct misled round_misled(const struct subject *subject, const struct stream *state,
                           const struct round *round, enum possible *possible)
{
    struct decisions made = {.arena = subject->arena}, meant = {.arena = subject->arena};
    struct cost cost;
    struct error error;
    struct template laid;
    struct misled misled = {0};
    struct reading reading = {.option = round->option,
                              .input = round->bytes,
                              .schema = subject->schema,
                              .observer = {&made, note}};
    if (possible)
        *possible = NOT_DECIDED;
    stream_read(&reading, &cost, &error);
    if (!template_of_state(&laid, round->option, state, subject->arena, &error))
        return misled;
    for (size_t i = 0; i < laid.stream.item_count; i++) {
        const struct item *item = laid.stream.items[i];
        uint64_t begin = (uint64_t)(item->raw.data - laid.bytes.data);
        if (item->record)
            note_record(&meant, round, item->record, begin + item_header_length(item));
    }
    size_t first = 0;
    while (first < meant.count && first < made.count &&
           same_decision(&meant.events[first], &made.events[first]))
        first++;
    if (first == meant.count)
        return misled;
    misled.owner = meant.events[first].owner;
    misled.offset = meant.events[first].offset;
    misled.taken = first < made.count && made.events[first].taken;
    misled.name = misled.taken ? made.events[first].name : "";
    if (possible)
        *possible = ask_engine(subject, &laid, round, &misled);
    return misled;
}
