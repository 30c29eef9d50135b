/* Rounds; see round.h. */
#include "round.h"

#include "decisions.h"
#include "findings.h"

static bool has_footers(const struct stream *stream)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->footer)
            return true;
    return false;
}

bool write_state(const struct subject *subject, const struct stream *state,
                 const struct protocol_option *option, struct bytes *bytes, struct error *error)
{
    struct writing writing = {
        .option = option, .footers = has_footers(state), .arena = subject->arena};
    struct writer *writer = writer_create(&writing);
    bool written = true;
    for (size_t i = 0; written && i < state->item_count; i++)
        written = writer_item(writer, state->items[i], error);
    *bytes = writer_output(writer);
    writer_destroy(writer);
    return written;
}

bool looks_for_footer(const struct item *item)
{
    struct record_walk walk;
    if (!item->record)
        return false;
    record_walk_begin(&walk, item->record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;)
        if (step == RECORD_VALUE && walk.value->field->length == LENGTH_POINTERS)
            return true;
    return false;
}

static bool any_looks_for_footer(const struct stream *state)
{
    for (size_t i = 0; i < state->item_count; i++)
        if (looks_for_footer(state->items[i]))
            return true;
    return false;
}

struct round round_trip(const struct subject *subject, const struct stream *state,
                        const struct protocol_option *option)
{
    struct round round = {.option = option};
    round.written = write_state(subject, state, option, &round.bytes, &round.error);
    if (!round.written)
        return round;
    round.read = stream_read_whole(option, round.bytes, subject->schema, subject->arena,
                                   &round.cost, &round.error);
    round.outcome = outcome_of(state, round.read);
    /* All that is in the state has a layout: a reader that is not misled comes to nothing else. */
    round.undecided = !round.read && round.error.kind == ERROR_NO_LAYOUT &&
                      (!subject_claims(subject, option) || any_looks_for_footer(state));
    return round;
}

/* ---- Where the reader was misled ------------------------------------------------------------------- */

/* The bytes that the engine names do to the reader what it says. Where they mislead it before that tail, or
 * into what has no layout, nothing is said; one that is in step again may be misled by other bytes of the
 * state. `first`: of the decisions, the one at that tail. */
static void require_witness(const struct subject *subject, const struct question *question,
                            const struct finding *finding, const struct decisions *meant,
                            size_t first)
{
    struct decisions made = {.arena = subject->arena};
    struct cost cost;
    struct error error;
    struct reading reading = {.option = question->reader.option,
                              .input = engine_witness(question, finding, subject->arena),
                              .schema = subject->schema,
                              .arena = subject->arena,
                              .observer = decisions_observer(&made)};
    const struct stream *read = stream_collect(reading, &cost, &error);
    size_t part = decisions_part(meant, &made, false);
    if (part < first || (!read && error.kind == ERROR_NO_LAYOUT))
        return;
    enum outcome outcome = !read                                  ? OUTCOME_REJECT
                           : is_truncated(question->stream, read) ? OUTCOME_TRUNCATED
                           : part == meant->count                 ? OUTCOME_EXACT
                                                                  : OUTCOME_CORRUPT;
    bool in_step_again = finding->outcome == OUTCOME_CORRUPT && outcome != OUTCOME_EXACT;
    fuzz_require(outcome == finding->outcome || in_step_again,
                 "%s: the witness for %s at the tail of %s under %s: %s", subject->name,
                 outcome_name(finding->outcome), finding->owner->name, reading.option->name,
                 outcome_name(outcome));
}

static enum possible ask_engine(const struct subject *subject, const struct template *laid,
                                const struct round *round, const struct misled *misled,
                                const struct decisions *meant, size_t first)
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
        for (int outcome = OUTCOME_REJECT; outcome <= OUTCOME_CORRUPT; outcome++)
            if (tail->findings[outcome])
                require_witness(subject, &question, tail->findings[outcome], meant, first);
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
                              .observer = decisions_observer(&made)};
    if (possible)
        *possible = NOT_DECIDED;
    stream_read(&reading, &cost, &error);
    if (!template_of_state(&laid, round->option, state, subject->arena, &error))
        return misled;
    decisions_meant(&meant, round->option, &laid);
    struct part part = decisions_last_part(&meant, &made, cost.footers > 0);
    if (round->outcome == OUTCOME_CORRUPT)
        part.meant = part.made = decisions_part(&meant, &made, false);
    if (part.meant == meant.count)
        return misled;
    misled.owner = meant.events[part.meant].owner;
    misled.offset = meant.events[part.meant].offset;
    misled.taken = part.made < made.count && made.events[part.made].taken;
    misled.name = misled.taken ? made.events[part.made].name : "";
    if (possible)
        *possible = ask_engine(subject, &laid, round, &misled, &meant, part.meant);
    return misled;
}
