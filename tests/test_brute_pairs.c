/* SPDX-License-Identifier: MIT */
/*
 * The engine against brute force, for all that it claims: two schemas and two options (skew), one of each (misparse),
 * and two states with the same bytes (ambiguity). A plan (brute_plan.h) is chosen at random: structures, arrays, lists,
 * bools, constants, nested subsections, ranges of versions, a second section, footers, packages. The reader's plan is
 * the same or an edited one. Of each state many strings are read by the reader: all, where the bytes that vary are few;
 * otherwise pieces of headers, footers and items at random. What is found must be decided possible, or undecided, at
 * the first place where reader and writer part; and what is decided possible must be what the reader does with the
 * engine's witness.
 *
 * Arguments: --cases N, --seed S, --strings N (of one case), --only N (one plan, by its number), --option NAME
 * (the writer has this one in all cases).
 * `./build.sh brute` runs many more cases than the tests. A shorter form is VMWIRE_SHARE (share.h).
 */
#include "brute_strings.h"
#include "share.h"

#include <getopt.h>
#include <signal.h>

/* ---- What the engine decides ----------------------------------------------------------------------------- */

static const struct event *asked_event(const struct brute *brute, struct place place)
{
    for (size_t i = 0; i < brute->asked->event_count; i++)
        if (same_place(brute->asked->events[i].place, place))
            return &brute->asked->events[i];
    return NULL;
}

static bool is_tail_place(struct place place)
{
    return place.at < AT_FIELD;
}

/* Where a state comes to the place at which the reader parts from the writer, or has a tail of its own; NULL: not there. */
static const struct parting *find_parting(const struct brute *brute, struct place place,
                                          uint64_t offset)
{
    for (size_t i = 0; i < brute->asked->parting_count; i++)
        if (same_place(brute->asked->partings[i].place, place) &&
            brute->asked->partings[i].offset == offset)
            return &brute->asked->partings[i];
    return NULL;
}

/* Whether the reader's layout is not known there. */
static bool is_unknown_place(struct place place)
{
    return (place.at >= AT_UNKNOWN && place.at < AT_SECTION) ||
           (place.at >= AT_VERSION && place.at < AT_SEPARATE);
}

/* Whether the verdict is about the place. */
static bool is_about(const struct brute *brute, const struct vmwire_tail_verdict *verdict,
                     struct place place)
{
    if (verdict->item != brute->engine_question.stream->items[place.item])
        return false;
    if (is_tail_place(place)) {
        const struct event *event = asked_event(brute, place);
        return event && !verdict->differs && verdict->offset == event->offset &&
               verdict->owner == event->owner;
    }
    const struct parting *parting = find_parting(brute, place, verdict->offset);
    if (place.at >= AT_READER_TAIL)
        return parting && !verdict->differs && verdict->owner == parting->owner;
    bool undecided = verdict->reason && (is_unknown_place(place) || place.at >= AT_SEPARATE);
    return parting && (undecided || (verdict->differs && !is_unknown_place(place)));
}

struct answer {
    bool any, possible[OUTCOMES];
    const char *reason; /* why it is not fully decided, or NULL */
};

static struct answer answer_at(const struct brute *brute, struct place place)
{
    struct answer answer = {.any = false};
    for (size_t i = 0; i < brute->decision.tail_count; i++) {
        const struct vmwire_tail_verdict *verdict = &brute->decision.tails[i];
        if (!is_about(brute, verdict, place))
            continue;
        answer.any = true;
        answer.reason = verdict->reason ? verdict->reason : answer.reason;
        for (int outcome = 0; outcome < OUTCOMES; outcome++)
            answer.possible[outcome] |= verdict->findings[outcome] != NULL;
    }
    return answer;
}

static const char *place_name(struct place place)
{
    static const char *const names[] = {
        "a sent subsection's tail", "an end's tail",         "a field's difference",
        "a refused subsection",     "an unknown layout",     "a missing section",
        "an unknown version",       "a separate subsection", "a tail of the reader's alone"};
    return names[place.at / 1000];
}

/* Brute force finds what the engine has not decided. */
static void excuse(const char *reason)
{
    totals.excused++;
    reason_of(reason)->excused++;
}

/* A section is decided by itself behind a difference in an earlier one. */
static bool is_behind_difference(const struct brute *brute, const struct vmwire_item *item)
{
    for (size_t i = 0; i < brute->decision.tail_count; i++)
        if (brute->decision.tails[i].item == item)
            return brute->decision.tails[i].behind_difference;
    return false;
}

/* Such a section is compared alone, as the first. */
static bool is_compared(const struct brute *brute, size_t item)
{
    return brute->item == ALL_ITEMS
               ? !is_behind_difference(brute, brute->engine_question.stream->items[item])
               : item == brute->item;
}

static void check_found(struct brute *brute, const struct found *found)
{
    if (!is_compared(brute, found->place.item))
        return;
    struct answer answer = answer_at(brute, found->place);
    const char *outcome =
        found->unknown ? "a layout that is not known" : vmwire_outcome_name(found->outcome);
    const char *place = place_name(found->place);
    if (answer.possible[found->outcome] && !found->unknown)
        totals.confirmed[found->outcome]++;
    else if (answer.reason)
        excuse(answer.reason);
    else if (found->layouts)
        return; /* what they lead to is found, too */
    else if (found->unknown && answer.possible[VMWIRE_OUTCOME_REJECT] &&
             answer.possible[VMWIRE_OUTCOME_TRUNCATED] && answer.possible[VMWIRE_OUTCOME_CORRUPT])
        totals.excused++; /* whatever that layout is, it is decided */
    else if (found->unknown && answer.possible[VMWIRE_OUTCOME_REJECT])
        totals.not_tried++;
    else if (!answer.any)
        differ(brute, found->state, found->place, found->string,
               "%s is found at %s, which is not decided at all", outcome, place);
    else
        differ(brute, found->state, found->place, found->string,
               "%s is found at %s, but decided impossible", outcome, place);
}

/* ---- Witnesses --------------------------------------------------------------------------------------------- */

/* The mask without those that are in one which is left out. */
static uint32_t without_lost_ones(const struct instances *instances, uint32_t mask)
{
    for (unsigned i = 0; i < instances->count; i++)
        if (instances->list[i].parent >= 0 && !(mask >> instances->list[i].parent & 1))
            mask &= ~(1U << i);
    return mask;
}

/* The subsections of the template that the finding's state sends. */
static uint32_t mask_of_finding(const struct brute *brute, const struct instances *instances,
                                const struct vmwire_finding *finding)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < finding->send_count; i++)
        for (size_t j = 0; j < brute->asked->event_count; j++) {
            const struct event *event = &brute->asked->events[j];
            if (!event->sent || event->offset != finding->sends[i].from)
                continue;
            for (unsigned k = 0; k < instances->count; k++)
                if (same_place(instances->list[k].place, event->place))
                    mask |= 1U << k;
        }
    return without_lost_ones(instances, mask);
}

static bool is_state(const struct state *state, struct vmwire_bytes bytes)
{
    if (bytes.length != state->length)
        return false;
    for (size_t i = 0; i < bytes.length; i++)
        if (!class_can_hold(state->classes[i], state->before[i], bytes.data[i]))
            return false;
    return true;
}

/* The witness without the sections that are cut off; what is around them, and in their place, is as in the state. */
static struct vmwire_bytes cut_witness(const struct brute *brute, const struct state *state,
                                       struct vmwire_bytes witness)
{
    if (!brute->setting.cut)
        return witness;
    size_t begins = 0;
    for (size_t i = 0; i < state->read->item_count && !begins; i++)
        if (state->read->items[i]->record)
            begins = (size_t)(state->read->items[i]->raw.data - state->bytes);
    size_t kept = state->length - begins;
    if (witness.length < kept)
        return (struct vmwire_bytes){witness.data, 0};
    uint8_t *bytes = vmwire_arena_alloc(brute->scratch, state->length);
    memcpy(bytes, state->before, begins);
    memcpy(bytes + begins, witness.data + witness.length - kept, kept);
    return (struct vmwire_bytes){bytes, state->length};
}

/* The state of which the witness has the bytes; if there is none, that which the finding names. */
static struct state *state_of_finding(struct brute *brute, const struct vmwire_finding *finding,
                                      struct vmwire_bytes witness)
{
    if (!brute->template)
        return brute->states[0]->varied ? brute->states[0] : NULL;
    unsigned orders = brute->setting.any_unordered ? ORDERS : 1;
    for (unsigned i = orders; i-- > 0;) {
        uint32_t mask = mask_of_finding(brute, &brute->variants[i].instances, finding);
        struct state *state = state_of_mask(brute, i, mask);
        if (!state || !i || is_state(state, cut_witness(brute, state, witness)))
            return state;
    }
    return NULL;
}

static bool comes_to(const struct state *state, const struct brute *brute,
                     const struct vmwire_tail_verdict *verdict)
{
    for (size_t i = 0; i < state->expected_count; i++)
        if (is_about(brute, verdict, state->expected[i].place))
            return true;
    return false;
}

static bool is_reached(const struct brute *brute, const struct vmwire_tail_verdict *verdict)
{
    for (size_t i = 0; i < brute->reached_count; i++)
        if (is_about(brute, verdict, brute->reached[i]))
            return true;
    return false;
}

static struct place place_of_verdict(const struct brute *brute,
                                     const struct vmwire_tail_verdict *verdict)
{
    for (size_t i = 0; i < brute->asked->event_count; i++)
        if (is_about(brute, verdict, brute->asked->events[i].place))
            return brute->asked->events[i].place;
    for (size_t i = 0; i < brute->asked->parting_count; i++)
        if (is_about(brute, verdict, brute->asked->partings[i].place))
            return brute->asked->partings[i].place;
    return (struct place){0, 0, AT_END};
}

/* The schemas differ in the values of a field: a place only where the reader counts readings, so it is not among those that
 * the strings come to. The witness is read all the same. */
static bool is_about_values(const struct vmwire_tail_verdict *verdict)
{
    return verdict->differs && strcmp(verdict->differs, "the reader's field has fewer values") == 0;
}

static void check_reading(struct brute *brute, struct state *state,
                          const struct vmwire_tail_verdict *verdict,
                          const struct vmwire_finding *finding, const uint8_t *witness)
{
    struct place place = place_of_verdict(brute, verdict);
    const char *outcome = vmwire_outcome_name(finding->outcome), *name = place_name(place);
    struct result result = read_string(brute, state);
    bool here = is_about(brute, verdict, result.place) && result.outcome != VMWIRE_OUTCOME_EXACT;
    if (is_about_values(verdict)) {
        if (result.outcome != finding->outcome)
            differ(brute, state, place, witness, "decided %s for a value, but the witness is %s",
                   outcome, vmwire_outcome_name(result.outcome));
        return;
    }
    if (!comes_to(state, brute, verdict) && is_reached(brute, verdict))
        differ(brute, state, place, witness,
               "decided %s at %s, but the witness does not send what leads there", outcome, name);
    else if (!here && !is_reached(brute, verdict))
        differ(brute, state, place, witness, "decided %s at %s, but no string comes there in step",
               outcome, name);
    else if (!here)
        differ(brute, state, place, witness, "decided %s at %s, but the witness is %s", outcome,
               name,
               result.outcome == VMWIRE_OUTCOME_EXACT ? "read exactly" : "first wrong elsewhere");
    else if (result.unknown)
        differ(brute, state, place, witness,
               "decided %s at %s, but the witness leads to a layout that is not known", outcome,
               name);
    else if (result.outcome != finding->outcome)
        differ(brute, state, place, witness, "decided %s at %s, but the witness is %s", outcome,
               name, vmwire_outcome_name(result.outcome));
}

static void check_witness(struct brute *brute, const struct vmwire_tail_verdict *verdict,
                          const struct vmwire_finding *finding)
{
    struct vmwire_arena_mark mark = vmwire_arena_mark(brute->scratch);
    struct vmwire_bytes witness =
        must_make_witness(&brute->engine_question, finding, brute->scratch);
    struct state *state = state_of_finding(brute, finding, witness);
    struct place place = place_of_verdict(brute, verdict);
    if (state)
        witness = cut_witness(brute, state, witness);
    if (state && !is_state(state, witness)) {
        differ(brute, brute->asked, place, NULL, "decided %s at %s, but the witness is no state",
               vmwire_outcome_name(finding->outcome), place_name(place));
    } else if (state) {
        uint8_t *copy = vmwire_arena_alloc(brute->scratch, witness.length);
        memcpy(copy, witness.data, witness.length);
        memcpy(state->bytes, witness.data, witness.length);
        check_reading(brute, state, verdict, finding, copy);
        memcpy(state->bytes, state->before, state->length);
    }
    vmwire_arena_reset(brute->scratch, mark);
}

static bool verdict_is_compared(const struct brute *brute,
                                const struct vmwire_tail_verdict *verdict)
{
    return brute->item == ALL_ITEMS
               ? !verdict->behind_difference
               : verdict->item == brute->engine_question.stream->items[brute->item];
}

static void check_verdict(struct brute *brute, const struct vmwire_tail_verdict *verdict)
{
    if (!verdict_is_compared(brute, verdict))
        return;
    struct place place = place_of_verdict(brute, verdict);
    totals.places++;
    totals.behind += verdict->behind_difference;
    totals.clean += verdict->verdict == VMWIRE_VERDICT_CLEAN;
    totals.undecided += verdict->reason != NULL;
    if (verdict->reason)
        reason_of(verdict->reason)->count++;
    totals.framed_not_confirmed += brute->setting.writes->framed && verdict->reason &&
                                   strcmp(verdict->reason, VMWIRE_REASON_NOT_CONFIRMED) == 0;
    if ((verdict->verdict == VMWIRE_VERDICT_UNDECIDED && !verdict->reason) ||
        (verdict->verdict == VMWIRE_VERDICT_CLEAN && verdict->reason))
        differ(brute, brute->asked, place, NULL, "undecided without a reason, or clean with one");
    if (verdict->verdict == VMWIRE_VERDICT_CLEAN && verdict->clean == VMWIRE_CLEAN_NOT_CERTIFIED &&
        brute->question == QUESTION_MISPARSE && !brute->template)
        differ(brute, brute->asked, place, NULL, "clean at %s without a reason that is accepted",
               place_name(place));
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome < OUTCOMES; outcome++)
        if (verdict->findings[outcome]) {
            totals.outcomes[outcome]++;
            check_witness(brute, verdict, verdict->findings[outcome]);
        }
}

/* ---- Asking -------------------------------------------------------------------------------------------------- */

static sigjmp_buf crashed;

static void note_crash(int signal)
{
    (void)signal;
    siglongjmp(crashed, 1);
}

/* Has the engine decide. A crash is a difference as any other: its example is shown. */
static bool decide(struct brute *brute)
{
    static const int signals[] = {SIGSEGV, SIGABRT};
    const struct sigaction action = {.sa_handler = note_crash, .sa_flags = SA_NODEFER};
    struct sigaction before[2];
    struct place none = {0, 0, AT_END};
    volatile bool decided = false; /* it is set between setjmp() and a crash */
    for (unsigned i = 0; i < 2; i++)
        sigaction(signals[i], &action, &before[i]);
    if (!sigsetjmp(crashed, 1)) {
        brute->decision = must_decide(&brute->engine_question, brute->arena);
        decided = true;
    }
    for (unsigned i = 0; i < 2; i++)
        sigaction(signals[i], &before[i], NULL);
    if (!decided)
        differ(brute, brute->asked, none, NULL, "the engine crashes");
    return decided;
}

/* Asks about a template of the state, or about the state. False: the template cannot be written or read. */
static bool ask(struct brute *brute, struct state *base)
{
    struct vmwire_error error;
    struct vmwire_template *made = vmwire_arena_alloc(brute->arena, sizeof(*made));
    brute->engine_question = (struct vmwire_question){
        .option = brute->setting.writes,
        .stream = base->read,
        .bytes = {base->bytes, base->length},
        .reader = {brute->setting.reads, brute->setting.reader},
        .skewed = brute->question == QUESTION_SKEW,
        .ambiguity =
            brute->question == QUESTION_AMBIGUITY ? VMWIRE_AMBIGUITY_STREAM : VMWIRE_AMBIGUITY_NONE,
    };
    brute->asked = base;
    if (!brute->template) {
        list_partings(&brute->setting, base, base->read, base->bytes);
        return true;
    }
    if (!vmwire_template_of_stream(made, brute->setting.writes, base->read, brute->arena, &error))
        return false;
    struct state *asked = vmwire_arena_alloc(brute->arena, sizeof(*asked));
    brute->asked = asked;
    brute->engine_question.stream = &made->stream;
    brute->engine_question.bytes = made->bytes;
    expect_stream(&brute->setting, asked, &made->stream);
    list_partings(&brute->setting, asked, &made->stream, made->bytes.data);
    return lay_state(&brute->setting, asked, made->bytes, &made->stream);
}

static void choose_states_of(struct brute *brute, unsigned variant, size_t most)
{
    const struct instances *instances = &brute->variants[variant].instances;
    uint32_t optional = mask_where(brute, instances, true, false);
    unsigned bits = instances->count;
    for (unsigned tries = 0; tries < 16 && brute->state_count < most; tries++) {
        uint32_t mask = bits <= 4 ? tries : choose(&brute->chooser, 1U << bits);
        if (mask >> bits || (mask & ~optional) || !is_tree_mask(instances, mask))
            continue;
        state_of_mask(brute, variant, mask);
    }
}

/* Those of the first variant first; some room is left for witnesses. */
static void choose_states(struct brute *brute)
{
    for (unsigned i = 0; i < brute->variant_count; i++)
        choose_states_of(brute, i, MOST_STATES - 2 - 2 * (brute->variant_count - 1 - i));
}

/* Reads strings of each state. */
static void try_states(struct brute *brute)
{
    if (brute->template)
        choose_states(brute);
    size_t share = brute->strings_left / brute->state_count;
    for (size_t i = 0; i < brute->state_count; i++)
        if (brute->states[i]->read && brute->states[i]->varied)
            try_strings(brute, brute->states[i], share + 1);
}

static void compare(struct brute *brute)
{
    for (size_t i = 0; i < brute->found_count; i++)
        check_found(brute, &brute->found[i]);
    for (size_t i = 0; i < brute->decision.tail_count; i++)
        check_verdict(brute, &brute->decision.tails[i]);
}

static void forget_states(struct brute *brute)
{
    for (size_t i = 0; i < brute->state_count; i++)
        if (brute->states[i] != brute->asked)
            free(brute->states[i]->bytes);
    brute->state_count = brute->found_count = brute->reached_count = 0;
}

/* Compares the sections that are behind a difference: each as the first of a stream, with all states anew. */
static void check_behind_differences(struct brute *brute, uint32_t mask)
{
    const struct vmwire_stream *stream = brute->engine_question.stream;
    unsigned before = 0;
    for (size_t i = 0; i < stream->item_count; i++) {
        if (!stream->items[i]->record)
            continue;
        brute->setting.cut = before++;
        brute->item = i;
        if (!is_behind_difference(brute, stream->items[i]))
            continue;
        forget_states(brute);
        if (!state_of_mask(brute, 0, mask))
            continue;
        try_states(brute);
        compare(brute);
    }
}

static void check_possible(struct brute *brute, uint32_t mask)
{
    try_states(brute);
    if (!decide(brute))
        return;
    compare(brute);
    check_behind_differences(brute, mask);
}

/* ---- Ambiguity ------------------------------------------------------------------------------------------------ */

static bool share_value(uint8_t class_a, uint8_t a, uint8_t class_b, uint8_t b)
{
    return class_can_hold(class_a, a, b) || class_can_hold(class_b, b, a) ||
           (class_a == VMWIRE_FIELD_BOOL && class_b == VMWIRE_FIELD_BOOL);
}

static bool same_bytes_possible(const struct state *a, const struct state *b)
{
    if (a->length != b->length)
        return false;
    for (size_t i = 0; i < a->length; i++)
        if (!share_value(a->classes[i], a->before[i], b->classes[i], b->before[i]))
            return false;
    return true;
}

/* Where the two states part: the first tail at which one ends the record, and the other sends a subsection. */
static const struct event *first_parting(const struct state *a, const struct state *b)
{
    size_t i = 0;
    while (i < a->event_count && i < b->event_count &&
           same_place(a->events[i].place, b->events[i].place))
        i++;
    return i < a->event_count ? &a->events[i] : NULL;
}

static bool same_subsections(const struct vmwire_structure *a, const struct vmwire_structure *b)
{
    bool same = a->sent_count == b->sent_count && a->field_count == b->field_count;
    for (size_t i = 0; same && i < a->field_count; i++)
        same = same_subsections(a->fields[i].structure, b->fields[i].structure);
    for (size_t i = 0; same && i < a->sent_count; i++)
        same = strcmp(a->subsections[i].name, b->subsections[i].name) == 0 &&
               same_subsections(a->subsections[i].structure, b->subsections[i].structure);
    return same;
}

/* Where the description is a part of the stream, streams with the same bytes have the same one. */
static bool told_apart(const struct brute *brute, const struct state *a, const struct state *b)
{
    bool same = a->description->described_count == b->description->described_count;
    if (brute->setting.reads->look != VMWIRE_LOOK_DESCRIBED ||
        brute->engine_question.ambiguity != VMWIRE_AMBIGUITY_STREAM)
        return false;
    for (size_t i = 0; same && i < a->description->described_count; i++)
        same = same_subsections(a->description->described[i].structure,
                                b->description->described[i].structure);
    return !same;
}

/* `a` is a state of the template, or the stream; `b` any other. */
static void check_pair(struct brute *brute, const struct state *a, const struct state *b)
{
    const struct event *event = first_parting(a, b);
    totals.pairs++;
    if (!event || !same_bytes_possible(a, b) || told_apart(brute, a, b))
        return;
    totals.ambiguous++;
    struct answer answer = answer_at(brute, event->place);
    if (answer.possible[VMWIRE_OUTCOME_CORRUPT])
        totals.confirmed[VMWIRE_OUTCOME_CORRUPT]++;
    else if (answer.reason)
        excuse(answer.reason);
    else
        differ(brute, b, event->place, b->before,
               "two states have the same bytes, but %s is decided clean%s",
               place_name(event->place),
               b->variant == a->variant ? "" : " (the second has another order, or longer lists)");
}

static bool has_second_reading(const struct brute *brute, const struct state *state,
                               struct vmwire_bytes bytes, struct place place)
{
    for (size_t i = 0; i < brute->state_count; i++) {
        const struct state *other = brute->states[i];
        if (other == state || !other->varied || !is_state(other, bytes))
            continue;
        const struct event *event = first_parting(state, other);
        if (event && same_place(event->place, place))
            return true;
    }
    return false;
}

static void check_ambiguous_verdict(struct brute *brute, const struct vmwire_tail_verdict *verdict,
                                    bool all_states)
{
    const struct vmwire_finding *finding = verdict->findings[VMWIRE_OUTCOME_CORRUPT];
    struct place place = place_of_verdict(brute, verdict);
    totals.places++;
    totals.clean += verdict->verdict == VMWIRE_VERDICT_CLEAN;
    totals.undecided += verdict->reason != NULL;
    if (verdict->reason)
        reason_of(verdict->reason)->count++;
    if (verdict->findings[VMWIRE_OUTCOME_REJECT] || verdict->findings[VMWIRE_OUTCOME_TRUNCATED])
        differ(brute, brute->asked, place, NULL, "another outcome than an ambiguity");
    if (!finding)
        return;
    totals.outcomes[VMWIRE_OUTCOME_CORRUPT]++;
    struct vmwire_bytes witness = must_make_witness(&brute->engine_question, finding, brute->arena);
    const struct state *state = state_of_finding(brute, finding, witness);
    if (state && !is_state(state, witness))
        differ(brute, brute->asked, place, NULL, "decided ambiguous, but the witness is no state");
    else if (state && all_states && !has_second_reading(brute, state, witness, place))
        differ(brute, state, place, witness.data,
               "decided ambiguous, but the witness has no second reading");
}

static bool is_first_writer(const struct brute *brute, const struct state *state)
{
    return brute->template ? state->variant == brute->variants : state == brute->states[0];
}

/* Two structures of one name are one structure in QEMU: the engine takes the subsections of one for the other's, too. */
static bool has_name_twice(const struct plan *plan)
{
    for (unsigned i = 0; i < plan->part_count; i++)
        for (unsigned j = 0; j < i; j++)
            if (strcmp(plan->parts[i].name, plan->parts[j].name) == 0)
                return true;
    return false;
}

static void check_ambiguity(struct brute *brute)
{
    choose_states(brute);
    /* The engine takes a constant that one place shows for the others'. */
    bool all_states = brute->instances->count <= 3 && brute->setting.same_constants &&
                      !has_name_twice(&brute->plans[0]);
    for (unsigned i = 0; i < brute->plans[0].part_count; i++)
        for (unsigned j = 0; j < brute->plans[0].parts[i].field_count; j++)
            all_states &= brute->plans[0].parts[i].fields[j].holds != HOLDS_LIST;
    if (!decide(brute))
        return;
    for (size_t i = 0; i < brute->state_count; i++)
        for (size_t j = 0; j < brute->state_count; j++)
            if (i != j && brute->states[i]->varied && brute->states[j]->varied &&
                is_first_writer(brute, brute->states[i]))
                check_pair(brute, brute->states[i], brute->states[j]);
    for (size_t i = 0; i < brute->decision.tail_count; i++)
        check_ambiguous_verdict(brute, &brute->decision.tails[i], all_states);
}

/* ---- One case --------------------------------------------------------------------------------------------------- */

/* Whether the elements of lists hold what a state with more of them would not know. */
static bool lists_are_simple(const struct plan *plan)
{
    bool any = false;
    for (unsigned i = 0; i < plan->part_count; i++)
        for (unsigned j = 0; j < plan->parts[i].field_count; j++) {
            const struct plan_field *field = &plan->parts[i].fields[j];
            if (field->holds != HOLDS_LIST)
                continue;
            any = true;
            for (unsigned k = 0; k < plan->parts[field->part].field_count; k++)
                if (plan->parts[field->part].fields[k].holds != HOLDS_PLAIN ||
                    strstr(plan->parts[field->part].fields[k].type, "equal"))
                    return false;
        }
    return any;
}

static void make_variants(struct brute *brute)
{
    struct setting *setting = &brute->setting;
    make_variant(setting, &brute->variants[brute->variant_count++], AS_DECLARED, 0);
    brute->instances = &brute->variants[0].instances;
    for (unsigned order = REVERSED; brute->template && setting->any_unordered && order < ORDERS;
         order++)
        make_variant(setting, &brute->variants[brute->variant_count++], order, 0);
    if (brute->question == QUESTION_AMBIGUITY && lists_are_simple(&brute->plans[0])) {
        make_variant(setting, &brute->variants[brute->variant_count++], AS_DECLARED, 1);
        make_variant(setting, &brute->variants[brute->variant_count++], AS_DECLARED, -1);
    }
}

/* The subsections that the stream sends from which a template is made; of a state, some of all. */
static uint32_t choose_base(struct brute *brute)
{
    bool only_inline = brute->template || brute->question == QUESTION_AMBIGUITY;
    uint32_t mask = mask_where(brute, brute->instances, only_inline, true);
    if (!brute->template)
        for (unsigned i = 0; i < brute->instances->count; i++)
            if (choose(&brute->chooser, 3) == 0)
                mask &= ~(1U << i);
    return without_lost_ones(brute->instances, mask);
}

/* Options of different stream versions have nothing to decide: the reader rejects every state at the version. */
static void check_stream_versions(struct brute *brute, struct state *state)
{
    static struct reading_of reading;
    const struct vmwire_option *reads = brute->setting.reads;
    for (size_t i = 0; i < vmwire_option_count; i++) {
        brute->setting.reads = &vmwire_options[i];
        if (vmwire_options[i].stream_version == brute->setting.writes->stream_version)
            continue;
        read_state(&brute->setting, state, brute->scratch, &reading);
        if (reading.error != VMWIRE_ERROR_STREAM_VERSION)
            TEST_BROKEN("%s takes a stream of %s", vmwire_options[i].name,
                        brute->setting.writes->name);
    }
    brute->setting.reads = reads;
}

static void check_case(struct brute *brute)
{
    make_tokens(brute);
    make_soup(brute);
    make_alphabet(brute);
    make_variants(brute);
    if (brute->setting.too_deep || brute->instances->full ||
        brute->instances->count > MOST_OPTIONAL) {
        totals.too_many++;
        return;
    }
    uint32_t mask = choose_base(brute);
    struct state *base = state_of_mask(brute, 0, mask);
    if (!base || !ask(brute, base))
        return;
    totals.cases[brute->question]++;
    if (choose(&brute->chooser, 16) == 0)
        check_stream_versions(brute, base);
    if (brute->question == QUESTION_AMBIGUITY)
        check_ambiguity(brute);
    else
        check_possible(brute, mask);
}

static const struct vmwire_option *only_option;

/* The strings are those of QEMU's encoding. test_asn1.c has the other one. */
static const struct vmwire_option *choose_option(struct chooser *chooser)
{
    for (;;) {
        const struct vmwire_option *option =
            &vmwire_options[choose(chooser, (unsigned)vmwire_option_count)];
        if (option->encoding == VMWIRE_ENCODING_QEMU)
            return option;
    }
}

static void choose_options(struct brute *brute)
{
    struct setting *setting = &brute->setting;
    setting->writes = setting->reads = choose_option(&brute->chooser);
    if (only_option)
        setting->writes = setting->reads = only_option;
    if (brute->question == QUESTION_SKEW && choose(&brute->chooser, 2))
        do
            setting->reads = choose_option(&brute->chooser);
        while (setting->reads->stream_version != setting->writes->stream_version);
}

static void set_case(struct brute *brute, struct vmwire_schema *const schemas[2])
{
    struct chooser *chooser = &brute->chooser;
    struct setting *setting = &brute->setting;
    brute->question = (enum question)(choose(chooser, 5) % QUESTIONS);
    bool skew = brute->question == QUESTION_SKEW;
    *setting = (struct setting){
        .plan = &brute->plans[0],
        .arena = brute->arena,
        .seed = chooser->state,
        .writer = schemas[0],
        .reader = schemas[skew],
        .footers = choose(chooser, 3),
        .package = choose(chooser, 8) == 0,
        .run = choose(chooser, 4) == 0,
        .packaged_from = choose(chooser, brute->plans[0].device_count),
        .pinged_from = choose(chooser, 2 * MOST_DEVICES),
        .same_constants = choose(chooser, 2),
    };
    static const uint8_t fills[] = {0, 0, 0, 0xff, 0xff, 0x05};
    setting->fill = fills[choose(chooser, 6)];
    choose_options(brute);
    brute->template = setting->writes->subsections != VMWIRE_SUBSECTION_ITEM && choose(chooser, 2);
}

/* What the program's arguments say. */
static size_t case_count = 50000;
static uint64_t seed = 1;
static size_t strings_of_a_case = 60;
static uint64_t only = UINT64_MAX;

static void mark_existing(struct vmwire_schema *schema, const struct plan *plan,
                          struct vmwire_arena *arena)
{
    struct plan older = older_plan(plan);
    must_set_existing(schema, schema_of_plan(arena, &older));
}

static void check_plan(uint64_t number)
{
    static struct brute brute;
    struct chooser chooser = {seed * UINT64_C(0x100000001) + number};
    struct vmwire_arena *schema_arena = vmwire_arena_create();
    struct plan plans[2];
    choose_plan(&plans[0], &chooser);
    plans[1] = plans[0];
    for (unsigned i = 0, edits = choose(&chooser, 4); i < edits && i < 2; i++)
        edit_plan(&plans[1], &chooser);
    struct vmwire_schema *schemas[2];
    for (unsigned i = 0; i < 2; i++) {
        schemas[i] = schema_of_plan(schema_arena, &plans[i]);
        if (choose(&chooser, 2))
            mark_existing(schemas[i], &plans[i], schema_arena);
    }
    totals.plans++;
    for (unsigned i = 0; i < CASES_OF_A_PLAN; i++) {
        brute = (struct brute){.plan_number = number, .chooser = {chooser.state + i * 77777}};
        memcpy(brute.plans, plans, sizeof(plans));
        brute.arena = vmwire_arena_create();
        brute.scratch = vmwire_arena_create();
        brute.strings_left = strings_of_a_case;
        brute.item = ALL_ITEMS;
        set_case(&brute, schemas);
        check_case(&brute);
        forget_states(&brute);
        if (brute.asked)
            free(brute.asked->bytes);
        vmwire_arena_destroy(brute.scratch);
        vmwire_arena_destroy(brute.arena);
    }
    vmwire_arena_destroy(schema_arena);
}

/* ---- The test ------------------------------------------------------------------------------------------------------ */

static void print_totals(void)
{
    print_message("%zu plans; cases: %zu misparse, %zu skew, %zu ambiguity; %zu states are not "
                  "written or not read as "
                  "meant, %zu cases have too many subsections\n",
                  totals.plans, totals.cases[0], totals.cases[1], totals.cases[2],
                  totals.not_written, totals.too_many);
    print_message("%zu states, %zu of them read in full; %zu strings\n", totals.states,
                  totals.in_full, totals.strings);
    print_message("%zu places: %zu clean, %zu not fully decided (brute force finds %zu outcomes "
                  "there alone)\n",
                  totals.places, totals.clean, totals.undecided, totals.excused);
    print_message("%zu layouts are tried in the place of those that are not known; in %zu places "
                  "none can be, because "
                  "the state sends the subsection in a known version, too\n",
                  totals.layouts, totals.not_tried);
    print_message("%zu of the places are behind a difference in an earlier section\n",
                  totals.behind);
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome < OUTCOMES; outcome++)
        print_message("%zu places: %s, %zu found by brute force\n", totals.outcomes[outcome],
                      vmwire_outcome_name((enum vmwire_outcome)outcome), totals.confirmed[outcome]);
    print_message("%zu pairs of states, %zu can have the same bytes\n", totals.pairs,
                  totals.ambiguous);
    for (size_t i = 0; i < totals.reason_count; i++)
        print_message("undecided %zu times, brute force finds %zu outcomes there alone: %s\n",
                      totals.reasons[i].count, totals.reasons[i].excused, totals.reasons[i].text);
}

static size_t all_cases(void)
{
    return totals.cases[0] + totals.cases[1] + totals.cases[2];
}

/* So much is tried, at least: few cases must not pass for many. */
static void check_totals(void)
{
    size_t cases = all_cases();
    assert_true(totals.strings > 20 * cases && totals.in_full > cases / 10);
    assert_true(totals.confirmed[VMWIRE_OUTCOME_REJECT] > cases / 20);
    assert_true(totals.confirmed[VMWIRE_OUTCOME_TRUNCATED] > cases / 200);
    assert_true(totals.confirmed[VMWIRE_OUTCOME_CORRUPT] > cases / 1000);
    assert_true(totals.ambiguous > cases / 2000 && totals.clean > cases);
    assert_true(totals.framed_not_confirmed < cases / 1000);
    assert_true(totals.behind > cases / 100 && totals.not_tried < cases / 5000);
    for (int question = 0; question < QUESTIONS; question++)
        assert_true(totals.cases[question] > cases / 10);
}

static void test_engine_and_brute_force_agree(void **state)
{
    (void)state;
    if (only != UINT64_MAX)
        check_plan(only);
    for (uint64_t i = 0; only == UINT64_MAX && all_cases() < case_count; i++)
        check_plan(i);
    print_totals();
    print_differences(&totals.differences);
    if (totals.differences.count)
        fail_msg("%zu differences of %zu kinds", totals.differences.count,
                 totals.differences.kind_count);
    if (only == UINT64_MAX && !only_option && case_count >= 10000)
        check_totals();
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"cases", required_argument, NULL, 'c'},   {"seed", required_argument, NULL, 's'},
        {"strings", required_argument, NULL, 'n'}, {"only", required_argument, NULL, 'o'},
        {"option", required_argument, NULL, 'p'},  {0}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        uint64_t value = optarg ? strtoull(optarg, NULL, 10) : 0;
        if (option == 'c')
            case_count = value;
        else if (option == 's')
            seed = value;
        else if (option == 'n')
            strings_of_a_case = value;
        else if (option == 'o')
            only = value;
        else if (option == 'p')
            only_option = option_named(optarg);
        else
            return 2;
    }
    case_count /= share_of_cases();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_engine_and_brute_force_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
