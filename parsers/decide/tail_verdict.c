/* SPDX-License-Identifier: MIT */
/*
 * Lets the reader take its first wrong step, follows all pairs that it leads to, and draws the verdict. It
 * must not know what a step reads.
 */
#include "decide/tail_verdict.h"

#include <string.h>

#include "decide/certificate.h"
#include "decide/finding.h"
#include "decide/item_steps.h"
#include "decide/record_steps.h"
#include "decide/tail_steps.h"

/* Whether the reader takes the subsection that the writer sends here: then it stays in step. */
static bool takes_sent_subsection(const struct engine *engine, const struct tail *tail)
{
    const struct vmwire_structure *owner =
        node_at(&engine->reader, tail->frame, tail->node)->structure;
    const struct vmwire_bytes *name = &tail->sent->name;
    char text[256] = {0};
    memcpy(text, name->data, name->length);
    switch (tail_look_of(engine, owner)) {
    case VMWIRE_LOOK_NEVER:
        return false;
    case VMWIRE_LOOK_ALWAYS:
        return !leaves_to_owner(engine, tail->frame, tail->node, text);
    default:
        return is_plausible_name(owner, name->data, name->length);
    }
}

/* The writer sends no subsection here, or leaves out some or all of the optional ones that follow. */
static void take_subsections_in_all_states(struct engine *engine, struct tail *tail)
{
    uint64_t offset = tail->verdict->offset;
    do
        take_subsections(engine, NO_PAIR, &tail->passed, offset, tail->frame, tail->node,
                         tail->done);
    while (find_skip(&engine->writer, offset, &offset));
}

static void take_first_wrong_step(struct engine *engine, struct tail *tail)
{
    const struct requirements none = {.count = 0};
    struct pair pair = {.offset = tail->verdict->offset,
                        .frame = tail->frame,
                        .node = tail->node,
                        .done = tail->done};
    if (tail->parting == PART_REJECTED)
        record_outcome(engine, NO_PAIR, &none, VMWIRE_OUTCOME_REJECT);
    else if (tail->parting == PART_AT_FIELD)
        follow_reader(engine, NO_PAIR, &tail->passed, pair);
    else if (!tail->sent)
        take_subsections_in_all_states(engine, tail);
    else if (!engine->reader.writes && !takes_sent_subsection(engine, tail))
        follow_reader(engine, NO_PAIR, &tail->passed, pair);
}

static void search_pairs(struct engine *engine, struct tail *tail)
{
    take_first_wrong_step(engine, tail);
    for (size_t index; next_pair(engine, &index);) {
        if (engine->pair_count > PAIRS_LIMIT) {
            engine->undecided = "there are more pairs of positions than are followed";
            return;
        }
        struct pair pair = engine->pairs[index];
        if (cannot_improve(engine, pair.cost))
            return;
        const uint64_t keys[4] = {pair.offset, pair.frame, pair.node, pair.done};
        if (table_slot(&engine->pair_table, keys)->value != index + 1)
            continue; /* a cheaper way to the same pair was found and followed */
        struct passed_tails passed = {.count = 0};
        if (pair.frame == NO_FRAME)
            follow_item(engine, index, pair.offset, (enum footer)pair.node, (unsigned)pair.done);
        else
            follow_reader(engine, index, &passed, pair);
    }
}

/* Whether every outcome is found, so that a gap in the search can hide none. */
static bool all_outcomes_found(const struct engine *engine)
{
    return cannot_improve(engine, SIZE_MAX);
}

/* Searches from the tail on, and enters the result into its verdict. False: the tail is clean, as far as this
 * search tells. */
static bool search_outcomes(struct engine *engine, struct tail *tail, bool opaque_is_free)
{
    struct vmwire_tail_verdict *verdict = tail->verdict;
    struct vmwire_arena_mark mark = vmwire_arena_mark(engine->scratch);
    bool any = false;
    forget_search(engine);
    engine->writer.opaque_is_free = opaque_is_free;
    search_pairs(engine, tail);
    verdict->states += engine->pair_count;
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++) {
        if (!engine->best[outcome].found)
            continue;
        any = true;
        if (!opaque_is_free)
            verdict->findings[outcome] = make_finding(engine, (enum vmwire_outcome)outcome, tail);
    }
    verdict->verdict = VMWIRE_VERDICT_CLEAN;
    if (any)
        verdict->verdict = opaque_is_free ? VMWIRE_VERDICT_UNDECIDED : VMWIRE_VERDICT_FINDINGS;
    if (any && opaque_is_free)
        verdict->reason = "it depends on opaque bytes";
    if (engine->undecided && !all_outcomes_found(engine)) {
        verdict->reason = engine->undecided;
        if (!any)
            verdict->verdict = VMWIRE_VERDICT_UNDECIDED;
        any = true;
    }
    vmwire_arena_reset(engine->scratch, mark);
    return any;
}

/* Decides with the opaque bytes that the stream has. Where that finds nothing, asks whether other opaque
 * bytes could make a difference. */
void decide_tail(struct engine *engine, struct tail *tail)
{
    const uint64_t limit = engine->writer.limit;
    if (tail->passed.full) {
        tail->verdict->verdict = VMWIRE_VERDICT_UNDECIDED;
        tail->verdict->reason = TAILS_FULL;
        return;
    }
    if (search_outcomes(engine, tail, false) || search_outcomes(engine, tail, true))
        return;
    /* A certificate does not depend on where a package ends. */
    engine->writer.limit = engine->writer.bytes.length;
    certify_clean_tail(engine, tail);
    engine->writer.limit = limit;
}
