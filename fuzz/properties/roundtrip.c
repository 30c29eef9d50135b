/* SPDX-License-Identifier: MIT */
/* Writes, reads and compares; see roundtrip.h. */
#include "properties/roundtrip.h"

#include "inputs/must.h"
#include "properties/ambiguous_readings.h"
#include "properties/findings.h"
#include "properties/tail_decisions.h"

static bool has_footers(const struct vmwire_stream *stream)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->footer)
            return true;
    return false;
}

bool write_state(const struct test_case *test_case, const struct vmwire_stream *state,
                 const struct vmwire_option *option, struct vmwire_bytes *bytes,
                 struct vmwire_error *error)
{
    struct vmwire_writing writing = {
        .option = option, .footers = has_footers(state), .arena = test_case->arena};
    struct vmwire_writer *writer = must_create_writer(&writing);
    bool written = true;
    for (size_t i = 0; written && i < state->item_count; i++)
        written = vmwire_writer_item(writer, state->items[i], error);
    *bytes = vmwire_writer_output(writer);
    vmwire_writer_destroy(writer);
    return written;
}

bool length_depends_on_footer(const struct vmwire_item *item)
{
    struct vmwire_record_walk walk;
    if (!item->record)
        return false;
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_VALUE && walk.value->field->length == VMWIRE_LENGTH_POINTERS)
            return true;
    return false;
}

static bool any_looks_for_footer(const struct vmwire_stream *state)
{
    for (size_t i = 0; i < state->item_count; i++)
        if (length_depends_on_footer(state->items[i]))
            return true;
    return false;
}

bool counts_in_unsent(const struct roundtrip *roundtrip, const struct vmwire_stream *state)
{
    return roundtrip->option->look == VMWIRE_LOOK_IF_ONLY_READING && !could_be_sent(state);
}

const struct vmwire_schema *description_of(const struct test_case *test_case,
                                           const struct vmwire_stream *state,
                                           const struct vmwire_option *writer,
                                           const struct vmwire_option *reader)
{
    struct vmwire_error error;
    if (reader->look != VMWIRE_LOOK_DESCRIBED)
        return NULL;
    const struct vmwire_schema *description =
        vmwire_describe(state, writer, test_case->arena, &error);
    fuzz_require(description, "%s", error.message);
    return description;
}

struct roundtrip run_roundtrip(const struct test_case *test_case, const struct vmwire_stream *state,
                               const struct vmwire_option *option)
{
    struct roundtrip roundtrip = {.option = option};
    roundtrip.written = write_state(test_case, state, option, &roundtrip.bytes, &roundtrip.error);
    if (!roundtrip.written)
        return roundtrip;
    roundtrip.description = description_of(test_case, state, option, option);
    struct vmwire_reading reading = {.option = option,
                                     .input = roundtrip.bytes,
                                     .schema = test_case->schema,
                                     .description = roundtrip.description,
                                     .arena = test_case->arena};
    roundtrip.read = vmwire_stream_collect(reading, &roundtrip.cost, &roundtrip.error);
    roundtrip.outcome = vmwire_outcome_of(state, roundtrip.read);
    /* Everything in the state has a layout, so only a misled reader comes to an unknown one. */
    roundtrip.undecided = !roundtrip.read && roundtrip.error.kind == VMWIRE_ERROR_NO_LAYOUT &&
                          (!claims_exactness(test_case, option) || any_looks_for_footer(state));
    roundtrip.undecided |= counts_in_unsent(&roundtrip, state);
    roundtrip.other_layout = roundtrip.read && has_other_layout(roundtrip.read);
    return roundtrip;
}

/* ---- The misled tail ----------------------------------------------------------------------------- */

/* Checks that the engine's witness has the outcome that the engine names. Not checked: a witness that misleads
 * the reader before that tail, or into an unknown layout. A reader that is correct again afterwards may be
 * misled by other bytes of the state. `first`: index of the decision at that tail. */
static void require_witness(const struct test_case *test_case,
                            const struct vmwire_question *question,
                            const struct vmwire_finding *finding,
                            const struct tail_decisions *intended, size_t first)
{
    struct tail_decisions actual = {.arena = test_case->arena};
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_reading reading = {
        .option = question->reader.option,
        .input = must_make_witness(question, finding, test_case->arena),
        .schema = test_case->schema,
        .description =
            description_of(test_case, question->stream, question->option, question->reader.option),
        .arena = test_case->arena,
        .observer = record_decisions(&actual)};
    const struct vmwire_stream *read = vmwire_stream_collect(reading, &cost, &error);
    size_t difference = find_first_difference(intended, &actual, false);
    if (difference < first || (!read && error.kind == VMWIRE_ERROR_NO_LAYOUT))
        return;
    enum vmwire_outcome outcome = !read ? VMWIRE_OUTCOME_REJECT
                                  : vmwire_is_truncated(question->stream, read)
                                      ? VMWIRE_OUTCOME_TRUNCATED
                                  : difference == intended->count ? VMWIRE_OUTCOME_EXACT
                                                                  : VMWIRE_OUTCOME_CORRUPT;
    bool in_step_again =
        finding->outcome == VMWIRE_OUTCOME_CORRUPT && outcome != VMWIRE_OUTCOME_EXACT;
    fuzz_require(outcome == finding->outcome || in_step_again,
                 "%s: the witness for %s at the tail of %s under %s has the outcome %s",
                 test_case->name, vmwire_outcome_name(finding->outcome), finding->owner->name,
                 reading.option->name, vmwire_outcome_name(outcome));
}

static enum possibility ask_engine(const struct test_case *test_case,
                                   const struct vmwire_template *written_state,
                                   const struct roundtrip *roundtrip,
                                   const struct misled_tail *misled,
                                   const struct tail_decisions *intended, size_t first)
{
    struct vmwire_question question = {.option = roundtrip->option,
                                       .stream = &written_state->stream,
                                       .bytes = written_state->bytes,
                                       .reader = {roundtrip->option, test_case->schema},
                                       .only_at = &misled->offset};
    struct vmwire_decision decision = must_decide(&question, test_case->arena);
    enum possibility possible = IMPOSSIBLE;
    for (size_t i = 0; i < decision.tail_count; i++) {
        const struct vmwire_tail_verdict *tail = &decision.tails[i];
        if (tail->offset != misled->offset || tail->owner != misled->owner)
            continue;
        for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++)
            if (tail->findings[outcome])
                require_witness(test_case, &question, tail->findings[outcome], intended, first);
        if (tail->findings[roundtrip->outcome])
            return POSSIBLE;
        if (tail->verdict == VMWIRE_VERDICT_UNDECIDED || tail->reason)
            possible = NOT_DECIDED;
    }
    return possible;
}

struct misled_tail find_misled_tail(const struct test_case *test_case,
                                    const struct vmwire_stream *state,
                                    const struct roundtrip *roundtrip, enum possibility *possible)
{
    struct tail_decisions actual = {.arena = test_case->arena},
                          intended = {.arena = test_case->arena};
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_template written_state;
    struct misled_tail misled = {0};
    struct vmwire_reading reading = {.option = roundtrip->option,
                                     .input = roundtrip->bytes,
                                     .schema = test_case->schema,
                                     .description = roundtrip->description,
                                     .observer = record_decisions(&actual)};
    if (possible)
        *possible = NOT_DECIDED;
    vmwire_stream_read(&reading, &cost, &error);
    misled.unknown = !vmwire_template_of_state(&written_state, roundtrip->option, state,
                                               test_case->arena, &error);
    if (misled.unknown)
        return misled;
    list_intended_decisions(&intended, roundtrip->option, &written_state);
    struct decision_difference difference =
        find_last_difference(&intended, &actual, cost.footers > 0);
    if (roundtrip->outcome == VMWIRE_OUTCOME_CORRUPT)
        difference.intended = difference.actual = find_first_difference(&intended, &actual, false);
    if (difference.intended == intended.count)
        return misled;
    misled.owner = intended.events[difference.intended].owner;
    misled.offset = intended.events[difference.intended].offset;
    misled.taken = difference.actual < actual.count && actual.events[difference.actual].taken;
    misled.name = misled.taken ? actual.events[difference.actual].name : "";
    if (possible)
        *possible = ask_engine(test_case, &written_state, roundtrip, &misled, &intended,
                               difference.intended);
    return misled;
}
