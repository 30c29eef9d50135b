/* SPDX-License-Identifier: MIT */
/*
 * Lets the reader take its first wrong step, follows all pairs that it leads to, and draws the verdict. It
 * must not know what a step reads.
 */
#include "decide/tail_verdict.h"

#include "decide/certificate.h"
#include "decide/finding.h"
#include "decide/finding_check.h"
#include "decide/item_steps.h"
#include "decide/other_states.h"
#include "decide/record_steps.h"
#include "decide/tail_steps.h"

/* The writer sends no subsection here, or leaves out some or all of the optional ones that follow. */
static void take_subsections_in_all_states(struct engine *engine, struct tail *tail)
{
    uint64_t offset = tail->verdict->offset;
    do
        take_subsections(engine, NO_PAIR, &tail->passed, offset, tail->frame, tail->node,
                         tail->done);
    while (find_skip(&engine->writer, offset, &offset));
}

/* The reader's next field is another one. The writer sends the first optional subsection here, or the second, or
 * none. */
static void follow_reader_in_all_states(struct engine *engine, const struct tail *tail,
                                        struct pair pair)
{
    do {
        struct passed_tails passed = tail->passed;
        follow_reader(engine, NO_PAIR, &passed, pair);
    } while (find_skip(&engine->writer, pair.offset, &pair.offset));
}

/* The writer sends a subsection where a second one ends the record. A sentinel there would be another byte. */
static void end_second_writers_record(struct engine *engine, struct tail *tail, struct pair pair)
{
    if (node_at(&engine->reader, pair.frame, pair.node)->sentinel)
        return;
    pair.node++;
    follow_reader(engine, NO_PAIR, &tail->passed, pair);
}

/* The reader's field cannot hold what the writer's can. */
static void record_class_refused(struct engine *engine, const struct tail *tail)
{
    static const uint8_t values[] = {0, 1};
    bool any = false;
    for (uint64_t i = 0; i < tail->length && !any; i++) {
        struct requirements required;
        require_nothing(&required);
        any = require_byte_except(engine, &required, tail->verdict->offset + i, values,
                                  tail->allowed);
        if (any)
            record_outcome(engine, NO_PAIR, &required, VMWIRE_OUTCOME_REJECT);
    }
}

static void take_first_wrong_step(struct engine *engine, struct tail *tail)
{
    static const struct requirements none = {.count = 0};
    struct pair pair = {.offset = tail->verdict->offset,
                        .frame = (uint32_t)tail->frame,
                        .node = (uint32_t)tail->node,
                        .done = tail->done};
    engine->reached = pair.offset;
    if (tail->parting == PART_REJECTED)
        record_outcome(engine, NO_PAIR, &none, VMWIRE_OUTCOME_REJECT);
    else if (tail->parting == PART_AT_CLASS)
        record_class_refused(engine, tail);
    else if (tail->parting == PART_AT_FIELD)
        follow_reader_in_all_states(engine, tail, pair);
    else if (!tail->sent)
        take_subsections_in_all_states(engine, tail);
    else if (engine->reader.writes) {
        if (tail->refused)
            record_outcome(engine, NO_PAIR, &none, VMWIRE_OUTCOME_REJECT);
        end_second_writers_record(engine, tail, pair);
        take_namesakes(engine, &tail->passed, pair.offset, tail->frame, tail->node, tail->sent);
    } else if (!takes_name(engine, tail->frame, tail->node, tail->sent->name))
        follow_reader(engine, NO_PAIR, &tail->passed, pair);
}

#define DEPENDS_ON_OPAQUE                                                                          \
    "it depends on values that are not known: of private encodings, or checked"

static const char too_many_pairs[] = "there are more pairs of positions than are followed";

/* Whether an outcome is found that the tail's verdict does not have yet. */
static bool finds_more(const struct engine *engine, const struct tail *tail)
{
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++)
        if (engine->best[outcome].found && !tail->verdict->findings[outcome])
            return true;
    return false;
}

/* Whether every outcome is found, so that a gap in the search can hide none. */
static bool all_outcomes_found(const struct engine *engine)
{
    return cannot_improve(engine, SIZE_MAX);
}

static void search_pairs(struct engine *engine, struct tail *tail)
{
    size_t limit = engine->pairs_left < PAIRS_LIMIT ? engine->pairs_left : PAIRS_LIMIT;
    if (limit < FEW_PAIRS)
        limit = FEW_PAIRS;
    take_first_wrong_step(engine, tail);
    bool all_found = false;
    for (size_t index; next_pair(engine, &index);) {
        if (!all_found && all_outcomes_found(engine)) {
            all_found = true;
            if (limit > engine->pair_count + CHEAPER_PAIRS)
                limit = engine->pair_count + CHEAPER_PAIRS;
        }
        if (engine->pair_count > limit) {
            engine->undecided = too_many_pairs;
            return;
        }
        struct pair pair = *pair_at(engine, index);
        engine->followed = index;
        /* Of other opaque bytes it is only asked whether they can do more. */
        if (cannot_improve(engine, pair.cost) ||
            (engine->writer.opaque_is_free && finds_more(engine, tail)))
            return;
        if (cheapest_pair_at(engine, &pair) != index)
            continue; /* a cheaper way to the same pair was found and followed */
        struct passed_tails passed = {.count = 0};
        if (pair.frame == NO_FRAME)
            follow_item(engine, index, pair.offset, (enum footer)pair.node, pair.done);
        else
            follow_reader(engine, index, &passed, pair);
    }
}

/* Whether the search has come to subsections that states may send in an order that no source tells: at the tail itself, or
 * where a header can begin that reaches into them. */
static bool comes_to_unordered(const struct engine *engine, uint64_t tail)
{
    enum { HEADER = 1 + 1 + 255 + 4 };
    uint64_t last = tail;
    for (size_t i = 0; engine->writer.unordered_count && i < engine->pair_count; i++)
        if (pair_at(engine, i)->offset > last)
            last = pair_at(engine, i)->offset;
    return is_unordered(&engine->writer, tail, last + HEADER);
}

/* The finding of an outcome, if the reader confirms it. `two_values`: it wants two values of one byte. */
static const struct vmwire_finding *check_outcome(struct engine *engine,
                                                  enum vmwire_outcome outcome,
                                                  const struct tail *tail, bool *two_values)
{
    struct vmwire_finding *finding = make_finding(engine, outcome, tail);
    if (wants_two_values(finding))
        *two_values = true;
    else if (finding_holds(engine->check, finding, tail->parting == PART_AT_TAIL,
                           engine->best[outcome].reached, engine->arena))
        return finding;
    engine->undecided = VMWIRE_REASON_NOT_CONFIRMED;
    engine->best[outcome].found = false;
    return NULL;
}

/* Searches from the tail on, and enters the result into its verdict. */
static bool search_once(struct engine *engine, struct tail *tail, bool opaque_is_free,
                        bool *two_values)
{
    struct vmwire_tail_verdict *verdict = tail->verdict;
    struct vmwire_arena_mark mark = vmwire_arena_mark(engine->scratch);
    bool any = false;
    forget_search(engine);
    *engine->writer.was_held = false;
    engine->writer.opaque_is_free = opaque_is_free;
    search_pairs(engine, tail);
    if (!engine->undecided && comes_to_unordered(engine, verdict->offset))
        engine->undecided = ORDER_UNKNOWN;
    note_looked_at(engine);
    verdict->states += engine->pair_count;
    engine->pairs_left -=
        engine->pair_count < engine->pairs_left ? engine->pair_count : engine->pairs_left;
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++) {
        if (engine->best[outcome].found && !opaque_is_free && !verdict->findings[outcome])
            verdict->findings[outcome] =
                check_outcome(engine, (enum vmwire_outcome)outcome, tail, two_values);
        any |= engine->best[outcome].found || verdict->findings[outcome];
    }
    verdict->verdict = VMWIRE_VERDICT_CLEAN;
    verdict->reason = NULL;
    if (any)
        verdict->verdict = opaque_is_free ? VMWIRE_VERDICT_UNDECIDED : VMWIRE_VERDICT_FINDINGS;
    if (any && opaque_is_free)
        verdict->reason = DEPENDS_ON_OPAQUE;
    if (engine->undecided && !all_outcomes_found(engine)) {
        verdict->reason = engine->undecided;
        if (!any)
            verdict->verdict = VMWIRE_VERDICT_UNDECIDED;
        any = true;
    }
    vmwire_arena_reset(engine->scratch, mark);
    return any;
}

/* Whether with other opaque bytes a tail with findings, but not with all, can have more of them. */
static void ask_for_more(struct engine *engine, struct tail *tail)
{
    struct vmwire_tail_verdict *verdict = tail->verdict;
    search_once(engine, tail, true, &(bool){false});
    verdict->verdict = VMWIRE_VERDICT_FINDINGS;
    verdict->reason = finds_more(engine, tail) ? DEPENDS_ON_OPAQUE : engine->undecided;
}

/* False: the tail is clean, as far as this search tells. */
static bool search_outcomes(struct engine *engine, struct tail *tail, bool opaque_is_free)
{
    bool two_values = false;
    engine->one_value = false;
    bool any = search_once(engine, tail, opaque_is_free, &two_values);
    if (!two_values)
        return any;
    engine->one_value = true;
    return search_once(engine, tail, opaque_is_free, &two_values);
}

/* A reader that knows more subsections has more ways to go wrong: too many to follow them all. Those with the
 * stream's own subsections are few, and are still ways of this reader. */
static void search_with_sent_only(struct engine *engine, struct tail *tail)
{
    const char *reason = tail->verdict->reason;
    enum vmwire_verdict before = tail->verdict->verdict;
    engine->only_sent = true;
    search_outcomes(engine, tail, false);
    engine->only_sent = false;
    tail->verdict->reason = reason;
    if (tail->verdict->verdict != VMWIRE_VERDICT_FINDINGS)
        tail->verdict->verdict = before;
}

/* Decides with the opaque bytes that the stream has. Where that finds nothing, asks whether other opaque
 * bytes could make a difference. */
void decide_tail(struct engine *engine, struct tail *tail)
{
    engine->seeks_pair =
        engine->reader.ambiguity != VMWIRE_AMBIGUITY_NONE &&
        (!engine->reader.counts || (tail->parting == PART_AT_TAIL && !tail->refused));
    if (tail->passed.full || engine->nested) {
        tail->verdict->verdict = VMWIRE_VERDICT_UNDECIDED;
        tail->verdict->reason =
            engine->nested ? "the bytes of packages within packages stand in another order than "
                             "they are read"
                           : TAILS_FULL;
        return;
    }
    begin_to_look(engine, tail);
    bool any = search_outcomes(engine, tail, false), held = *engine->writer.was_held;
    if (any && tail->verdict->reason == too_many_pairs)
        search_with_sent_only(engine, tail);
    else if (any && held && !tail->verdict->reason && !has_all_outcomes(tail->verdict))
        ask_for_more(engine, tail);
    if (any)
        leave_states_open(engine, tail);
    if (any || (held && search_outcomes(engine, tail, true)))
        return;
    engine->writer.opaque_is_free = true;
    if (tail->parting == PART_AT_TAIL && !tail->refused)
        certify_clean_tail(engine, tail);
    leave_states_open(engine, tail);
    if (tail->verdict->verdict == VMWIRE_VERDICT_CLEAN &&
        tail->verdict->clean == VMWIRE_CLEAN_NOT_CERTIFIED &&
        (!engine->reader.writes || engine->reader.counts)) {
        tail->verdict->verdict = VMWIRE_VERDICT_UNDECIDED;
        tail->verdict->reason = "nothing was found, and no reason is known why nothing can be";
    }
}
