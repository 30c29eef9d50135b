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
 * Arguments: --cases N, --seed S, --strings N (of one case), --only N (one plan, by its number).
 */
#include "brute_state.h"

#include <getopt.h>
#include <time.h>

enum {
    CASES_OF_A_PLAN = 5,
    MOST_STATES = 16,
    MOST_VARIANTS = 4,
    MOST_OPTIONAL = 8, /* subsections in one state */
    MOST_FOUND = 64,
    MOST_REACHED = 256,
    MOST_REASONS = 32,
    MOST_ALPHABET = 14,
    SOUP_LENGTH = 512,
    MOST_TOKENS = 64,
    OUTCOMES = VMWIRE_OUTCOME_CORRUPT + 1,
};

enum question { QUESTION_MISPARSE, QUESTION_SKEW, QUESTION_AMBIGUITY, QUESTIONS };

static const char *const question_names[] = {"misparse", "skew", "ambiguity"};

/* ---- Totals ---------------------------------------------------------------------------------------- */

struct totals {
    size_t plans, cases[QUESTIONS], not_written, crashes, too_many, split, strings, states, in_full;
    size_t places, clean, undecided, excused, outcomes[OUTCOMES], confirmed[OUTCOMES];
    size_t pairs, ambiguous;
    struct reason {
        const char *text;
        size_t count;
    } reasons[MOST_REASONS];
    size_t reason_count;
    struct differences differences;
};

static struct totals totals;

static void count_reason(const char *text)
{
    struct reason *reason = totals.reasons;
    while (reason < totals.reasons + totals.reason_count && strcmp(reason->text, text) != 0)
        reason++;
    if (reason == totals.reasons + MOST_REASONS)
        TEST_BROKEN("more than %d reasons", MOST_REASONS);
    if (reason == totals.reasons + totals.reason_count) {
        reason->text = must(strdup(text));
        totals.reason_count++;
    }
    reason->count++;
}

/* ---- A case ---------------------------------------------------------------------------------------- */

struct found {
    struct place place;
    enum vmwire_outcome outcome;
    bool unknown; /* the reader met a layout that it does not know */
    uint8_t *string;
    const struct state *state;
};

struct token {
    uint8_t bytes[32];
    size_t length;
};

struct brute {
    enum question question;
    struct plan plans[2]; /* the writer's, the reader's */
    struct setting setting;
    struct chooser chooser;
    struct vmwire_arena *arena, *scratch;
    bool template;

    /* The declared order; the reverse, where nobody knows it; other lengths of lists. */
    struct variant variants[MOST_VARIANTS];
    unsigned variant_count;
    struct instances *instances; /* of the first */
    struct state *states[MOST_STATES];
    size_t state_count;
    struct state *asked; /* the state or template that the engine is asked about */
    struct vmwire_question engine_question;
    struct vmwire_decision decision;

    uint8_t alphabet[MOST_ALPHABET];
    size_t alphabet_size;
    uint8_t soup[SOUP_LENGTH];
    struct token tokens[MOST_TOKENS];
    size_t token_count;

    struct found found[MOST_FOUND];
    size_t found_count;
    struct place reached[MOST_REACHED]; /* to which a string came in step */
    size_t reached_count;
    size_t strings_left;
    bool
        split; /* a field is split in two, or the reverse: that may or may not be called a difference */
};

/* ---- Differences ------------------------------------------------------------------------------------ */

static void put_plan(FILE *text, const char *title, const struct plan *plan)
{
    char *description = description_of_plan(plan), *dump = dump_of_plan(plan);
    fprintf(text, "\n  %s %s", title, description);
    if (dump)
        fprintf(text, "\n  %s dump %s", title, dump);
    free(description);
    free(dump);
}

static void put_place(FILE *text, const struct state *state, struct place place)
{
    static const char *const names[] = {
        "tail before subsection", "tail at the end", "field",   "refused subsection",
        "unknown layout",         "section",         "version", "separate subsection"};
    fprintf(text, "%s %u of item %zu", names[place.at / 1000], place.at % 1000, place.item);
    for (size_t i = 0; i < state->event_count; i++)
        if (same_place(state->events[i].place, place))
            fprintf(text, ", of \"%s\" at %llu", state->events[i].owner->name,
                    (unsigned long long)state->events[i].offset);
}

static bool is_about(const struct brute *brute, const struct vmwire_tail_verdict *verdict,
                     struct place place);

static void put_verdicts(FILE *text, const struct brute *brute, struct place place)
{
    static const char *const names[] = {"clean", "findings", "undecided"};
    for (size_t i = 0; i < brute->decision.tail_count; i++) {
        const struct vmwire_tail_verdict *verdict = &brute->decision.tails[i];
        if (!is_about(brute, verdict, place))
            continue;
        fprintf(text, "\n  decided %s", names[verdict->verdict]);
        if (verdict->verdict == VMWIRE_VERDICT_CLEAN)
            fprintf(text, ": %s", vmwire_clean_reason_name(verdict->clean));
        if (verdict->differs)
            fprintf(text, ", %s", verdict->differs);
        if (verdict->reason)
            fprintf(text, ", because %s", verdict->reason);
        for (int outcome = VMWIRE_OUTCOME_REJECT; outcome < OUTCOMES; outcome++) {
            const struct vmwire_finding *finding = verdict->findings[outcome];
            if (!finding)
                continue;
            fprintf(text, "; %s", vmwire_outcome_name((enum vmwire_outcome)outcome));
            for (size_t j = 0; j < finding->required_count; j++)
                fprintf(text, " %llu=%02x", (unsigned long long)finding->required[j].offset,
                        finding->required[j].value);
            for (size_t j = 0; j < finding->send_count; j++)
                fprintf(text, " sends %llu", (unsigned long long)finding->sends[j].from);
        }
    }
}

static char *example_of(const struct brute *brute, const struct state *state, struct place place,
                        const uint8_t *string)
{
    char *example = NULL;
    size_t size = 0;
    FILE *text = must(open_memstream(&example, &size));
    put_place(text, brute->asked, place);
    put_plan(text, "writer", &brute->plans[0]);
    if (brute->question == QUESTION_SKEW)
        put_plan(text, "reader", &brute->plans[1]);
    char *asked = hex_text((struct vmwire_bytes){brute->asked->before, brute->asked->length});
    fprintf(text, "\n  %s to %s, %s%s\n  asked   %s", brute->setting.writes->name,
            brute->setting.reads->name, brute->template ? "template" : "state",
            brute->setting.writes->subsections == VMWIRE_SUBSECTION_SECTION ||
                    brute->setting.reads->subsections == VMWIRE_SUBSECTION_SECTION
                ? ", existing"
                : "",
            asked);
    free(asked);
    if (string) {
        char *hex = hex_text((struct vmwire_bytes){string, state->length});
        fprintf(text, "\n  string  %s", hex);
        free(hex);
    }
    put_verdicts(text, brute, place);
    fclose(text);
    return example;
}

static void differ(struct brute *brute, const struct state *state, struct place place,
                   const uint8_t *string, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static void differ(struct brute *brute, const struct state *state, struct place place,
                   const uint8_t *string, const char *format, ...)
{
    char what[MOST_TEXT / 2], text[MOST_TEXT], where[64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    snprintf(text, sizeof(text), "%s%s%s: %s", question_names[brute->question],
             brute->template ? ", template" : "", brute->setting.package ? ", package" : "", what);
    snprintf(where, sizeof(where), "%.4s>%.4s", brute->setting.writes->name,
             brute->setting.reads->name);
    add_difference(&totals.differences, text, where, example_of(brute, state, place, string));
}

/* ---- What strings are made of ------------------------------------------------------------------------ */

static void add_letter(struct brute *brute, unsigned value)
{
    if (brute->alphabet_size < MOST_ALPHABET &&
        !memchr(brute->alphabet, (int)value, brute->alphabet_size))
        brute->alphabet[brute->alphabet_size++] = (uint8_t)value;
}

static void add_token(struct brute *brute, const void *bytes, size_t length)
{
    if (brute->token_count == MOST_TOKENS || length > sizeof(brute->tokens[0].bytes))
        return;
    struct token *token = &brute->tokens[brute->token_count++];
    memcpy(token->bytes, bytes, length);
    token->length = length;
}

static void add_header_token(struct brute *brute, const char *name, unsigned version)
{
    uint8_t bytes[32] = {VMWIRE_QEMU_VM_SUBSECTION, (uint8_t)strlen(name)};
    size_t length = strlen(name);
    memcpy(bytes + 2, name, length);
    bytes[2 + length + 3] = (uint8_t)version;
    add_token(brute, bytes, 2 + length + 4);
    add_token(brute, bytes, 2 + length);
}

static void add_section_tokens(struct brute *brute, const char *idstr, unsigned id)
{
    const uint8_t footer[] = {VMWIRE_QEMU_VM_SECTION_FOOTER, 0, 0, 0, (uint8_t)id};
    const uint8_t header[] = {VMWIRE_QEMU_VM_SECTION_FULL,
                              0,
                              0,
                              0,
                              (uint8_t)id,
                              1,
                              (uint8_t)idstr[0],
                              0,
                              0,
                              0,
                              0,
                              0,
                              0,
                              0,
                              1};
    add_token(brute, footer, sizeof(footer));
    add_token(brute, header, sizeof(header));
}

static void make_tokens(struct brute *brute)
{
    static const uint8_t resume[] = {VMWIRE_QEMU_VM_COMMAND, 0, VMWIRE_MIG_CMD_POSTCOPY_RESUME, 0,
                                     0};
    static const uint8_t zeros[4], one[] = {1}, unknown[] = {0x05, 0x01, 'k'}, other[] = {0xff},
                                   null_pointer[] = {0x30}, marker[] = {0x05};
    brute->token_count = 0;
    for (unsigned i = 0; i < 2; i++)
        for (unsigned j = 0; j < brute->plans[i].part_count; j++) {
            const struct plan_part *part = &brute->plans[i].parts[j];
            if (part->subsection && (!i || brute->question == QUESTION_SKEW))
                add_header_token(brute, part->name, part->version);
        }
    for (unsigned i = 0; i < brute->plans[0].device_count; i++)
        add_section_tokens(brute, brute->plans[0].devices[i].idstr, i + 1);
    add_token(brute, resume, sizeof(resume));
    add_token(brute, zeros, 1);
    add_token(brute, zeros, 4);
    add_token(brute, one, 1);
    add_token(brute, marker, 1);
    add_token(brute, unknown, sizeof(unknown));
    add_token(brute, other, 1);
    add_token(brute, null_pointer, 1);
}

/* The soup holds tokens one after another; the alphabet what decides most. */
static void make_soup(struct brute *brute)
{
    size_t length = 0;
    for (;;) {
        const struct token *token =
            &brute->tokens[choose(&brute->chooser, (unsigned)brute->token_count)];
        if (length + token->length > SOUP_LENGTH)
            break;
        memcpy(brute->soup + length, token->bytes, token->length);
        length += token->length;
    }
    brute->setting.soup = brute->soup;
    brute->setting.soup_length = length;
}

static void make_alphabet(struct brute *brute)
{
    static const uint8_t always[] = {0x00, 0x05, 0x01, 0x7e, 0xff, 0x04};
    brute->alphabet_size = 0;
    for (size_t i = 0; i < sizeof(always); i++)
        add_letter(brute, always[i]);
    for (unsigned i = 0; i < brute->plans[0].part_count; i++) {
        const struct plan_part *part = &brute->plans[choose(&brute->chooser, 2)].parts[i];
        if (part->subsection) {
            add_letter(brute, (unsigned)strlen(part->name));
            for (const char *letter = part->name; *letter; letter++)
                add_letter(brute, (unsigned char)*letter);
        }
    }
    add_letter(brute, 0x02);
    add_letter(brute, 0x08);
    add_letter(brute, 0x30);
}

/* ---- Reading strings ----------------------------------------------------------------------------------- */

static void note(struct brute *brute, const struct state *state, struct place place,
                 enum vmwire_outcome outcome, bool unknown)
{
    for (size_t i = 0; i < brute->found_count; i++)
        if (same_place(brute->found[i].place, place) && brute->found[i].outcome == outcome &&
            brute->found[i].unknown == unknown)
            return;
    if (brute->found_count == MOST_FOUND)
        return;
    struct found *found = &brute->found[brute->found_count++];
    *found = (struct found){place, outcome, unknown, NULL, state};
    found->string = vmwire_arena_alloc(brute->arena, state->length);
    memcpy(found->string, state->bytes, state->length);
}

/* The bytes of fields, and the names of subsections, in the order of the tree. */
struct leaves {
    struct {
        const uint8_t *data;
        size_t length;
        bool name;
    } list[512];
    size_t count;
};

static void list_leaves(struct leaves *leaves, const struct vmwire_stream *stream)
{
    struct vmwire_record_walk walk;
    leaves->count = 0;
    for (size_t i = 0; i < stream->item_count; i++) {
        if (!stream->items[i]->record)
            continue;
        vmwire_record_walk_begin(&walk, stream->items[i]->record);
        for (enum vmwire_record_step step;
             (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
            bool name = step == VMWIRE_RECORD_SUBSECTION;
            if ((!name && step != VMWIRE_RECORD_VALUE) ||
                leaves->count == sizeof(leaves->list) / sizeof(leaves->list[0]))
                continue;
            struct vmwire_bytes bytes = name ? walk.subsection->name : walk.value->data;
            leaves->list[leaves->count].data = bytes.data;
            leaves->list[leaves->count].length = bytes.length;
            leaves->list[leaves->count++].name = name;
        }
    }
}

static bool same_leaves(const struct vmwire_stream *a, const struct vmwire_stream *b)
{
    static struct leaves x, y;
    list_leaves(&x, a);
    list_leaves(&y, b);
    if (x.count != y.count || a->item_count != b->item_count)
        return false;
    for (size_t i = 0; i < x.count; i++)
        if (x.list[i].data != y.list[i].data || x.list[i].length != y.list[i].length ||
            x.list[i].name != y.list[i].name)
            return false;
    return true;
}

/* Marks each byte of fields with 1, and the first of each value with 2. */
static void mark_leaves(const struct state *state, const struct vmwire_stream *stream,
                        uint8_t *marks)
{
    static struct leaves leaves;
    list_leaves(&leaves, stream);
    memset(marks, 0, state->length);
    for (size_t i = 0; i < leaves.count; i++) {
        if (!leaves.list[i].length)
            continue;
        size_t at = (size_t)(leaves.list[i].data - state->bytes);
        memset(marks + at, leaves.list[i].name ? 4 : 1, leaves.list[i].length);
        marks[at] |= 2;
    }
}

/* Whether both have values in the same bytes, and each value of one is some of the other's, or the reverse. */
static bool is_split(struct brute *brute, const struct state *state,
                     const struct vmwire_stream *read)
{
    uint8_t *a = vmwire_arena_alloc(brute->scratch, state->length);
    uint8_t *b = vmwire_arena_alloc(brute->scratch, state->length);
    mark_leaves(state, state->read, a);
    mark_leaves(state, read, b);
    bool only_a = false, only_b = false;
    for (size_t i = 0; i < state->length; i++) {
        if ((a[i] & 5) != (b[i] & 5))
            return false;
        if (a[i] & b[i] & 2 || !a[i])
            only_a = only_b = false;
        only_a |= (a[i] & 2) > (b[i] & 2);
        only_b |= (b[i] & 2) > (a[i] & 2);
        if (only_a && only_b)
            return false;
    }
    return true;
}

struct result {
    enum vmwire_outcome outcome;
    bool unknown;
    size_t first; /* the first expected thing that is wrong */
    struct place place;
};

/* In step at all tails: the values are the writer's, unless a subsection behind its section has another owner. */
static void check_in_step(struct brute *brute, const struct state *state,
                          const struct reading_of *reading, struct result *result)
{
    struct place none = {0, 0, AT_END};
    bool same = reading->stream && reading->tail_count == state->expected_count &&
                same_leaves(state->read, reading->stream);
    if (same && brute->setting.writer == brute->setting.reader)
        same = vmwire_outcome_of(state->read, reading->stream) == VMWIRE_OUTCOME_EXACT;
    if (same)
        return;
    if (state->separate_count) {
        result->outcome = reading->stream ? VMWIRE_OUTCOME_CORRUPT : VMWIRE_OUTCOME_REJECT;
        result->place = state->separate[0];
        return;
    }
    differ(brute, state, none, state->bytes, "harness: in step at all tails, but %s",
           reading->stream ? "other values" : vmwire_error_kind_name(reading->error));
}

static struct result read_string(struct brute *brute, const struct state *state)
{
    static struct reading_of reading;
    struct vmwire_arena_mark mark = vmwire_arena_mark(brute->scratch);
    struct result result = {.outcome = VMWIRE_OUTCOME_REJECT};
    read_state(&brute->setting, state, brute->scratch, &reading);
    totals.strings++;
    result.first = first_wrong(state, &reading);
    result.unknown = reading.unknown;
    if (reading.stream && vmwire_is_truncated(state->read, reading.stream))
        result.outcome = VMWIRE_OUTCOME_TRUNCATED;
    else if (reading.stream)
        result.outcome = VMWIRE_OUTCOME_CORRUPT;
    if (result.first < state->expected_count) {
        result.place = state->expected[result.first].place;
        brute->split |= result.outcome == VMWIRE_OUTCOME_CORRUPT &&
                        state->expected[result.first].what == EXPECT_PARTING &&
                        is_split(brute, state, reading.stream);
    } else {
        result.outcome = VMWIRE_OUTCOME_EXACT;
        check_in_step(brute, state, &reading, &result);
    }
    vmwire_arena_reset(brute->scratch, mark);
    return result;
}

/* Notes the places to which the string came in step. */
static void reach(struct brute *brute, const struct state *state, size_t first)
{
    for (size_t i = 0; i <= first && i < state->expected_count; i++) {
        size_t j = 0;
        while (j < brute->reached_count && !same_place(brute->reached[j], state->expected[i].place))
            j++;
        if (j == brute->reached_count && j < MOST_REACHED)
            brute->reached[brute->reached_count++] = state->expected[i].place;
    }
}

static void try_string(struct brute *brute, struct state *state)
{
    struct result result = read_string(brute, state);
    reach(brute, state, result.first);
    if (result.outcome != VMWIRE_OUTCOME_EXACT)
        note(brute, state, result.place, result.outcome, result.unknown);
}

/* Writes a token over bytes from `at` on, as far as they can hold it. */
static size_t put_token(struct state *state, size_t at, const struct token *token)
{
    for (size_t i = 0; i < token->length && at + i < state->length; i++)
        if (class_can_hold(state->classes[at + i], state->before[at + i], token->bytes[i]))
            state->bytes[at + i] = token->bytes[i];
    return at + token->length;
}

/* Where the next token goes: to a tail, or where a byte can change. */
static size_t choose_offset(struct brute *brute, const struct state *state)
{
    struct chooser *chooser = &brute->chooser;
    if (state->event_count && choose(chooser, 3))
        return state->events[choose(chooser, (unsigned)state->event_count)].offset;
    return state->varied[choose(chooser, (unsigned)state->varied_count)];
}

static void try_tokens(struct brute *brute, struct state *state)
{
    struct chooser *chooser = &brute->chooser;
    memcpy(state->bytes, state->before, state->length);
    if (brute->found_count && choose(chooser, 3) == 0) {
        const struct found *found = &brute->found[choose(chooser, (unsigned)brute->found_count)];
        if (found->state == state)
            memcpy(state->bytes, found->string, state->length);
    }
    size_t at = choose_offset(brute, state);
    for (unsigned i = 0, count = 1 + choose(chooser, 4); i < count; i++) {
        at = put_token(state, at, &brute->tokens[choose(chooser, (unsigned)brute->token_count)]);
        if (choose(chooser, 4) == 0)
            at = choose_offset(brute, state);
        else if (choose(chooser, 4) == 0)
            at += choose(chooser, 3);
    }
    if (choose(chooser, 4) == 0) {
        uint64_t offset = state->varied[choose(chooser, (unsigned)state->varied_count)];
        uint8_t value = brute->alphabet[choose(chooser, (unsigned)brute->alphabet_size)];
        if (class_can_hold(state->classes[offset], state->before[offset], value))
            state->bytes[offset] = value;
    }
    try_string(brute, state);
}

static size_t count_strings(const struct brute *brute, const struct state *state, size_t limit)
{
    size_t strings = 1;
    for (size_t i = 0; i < state->varied_count && strings <= limit; i++)
        strings *= state->classes[state->varied[i]] == VMWIRE_FIELD_BOOL ? 2 : brute->alphabet_size;
    return strings;
}

static void try_all(struct brute *brute, struct state *state, size_t strings)
{
    totals.in_full++;
    for (size_t string = 0; string < strings; string++) {
        size_t rest = string;
        for (size_t i = 0; i < state->varied_count; i++) {
            uint64_t offset = state->varied[i];
            bool one_bit = state->classes[offset] == VMWIRE_FIELD_BOOL;
            size_t base = one_bit ? 2 : brute->alphabet_size;
            state->bytes[offset] = one_bit ? (uint8_t)(rest % 2) : brute->alphabet[rest % base];
            rest /= base;
        }
        try_string(brute, state);
    }
}

static void try_strings(struct brute *brute, struct state *state, size_t share)
{
    size_t strings = count_strings(brute, state, share);
    totals.states++;
    try_string(brute, state);
    if (strings <= share)
        try_all(brute, state, strings);
    else
        for (size_t i = 0; i < share; i++)
            try_tokens(brute, state);
    memcpy(state->bytes, state->before, state->length);
}

/* ---- States -------------------------------------------------------------------------------------------- */

/* The state with the subsections of the mask; NULL: it cannot be written, or there are too many. */
static struct state *state_of_mask(struct brute *brute, unsigned variant, uint32_t mask)
{
    const struct variant *of = &brute->variants[variant];
    for (size_t i = 0; i < brute->state_count; i++)
        if (brute->states[i]->variant == of && brute->states[i]->mask == mask)
            return brute->states[i];
    if (brute->state_count == MOST_STATES)
        return NULL;
    struct state *state = vmwire_arena_alloc(brute->arena, sizeof(*state));
    state->variant = of;
    state->mask = mask;
    brute->states[brute->state_count++] = state;
    if (!make_state(&brute->setting, state, stream_with(&brute->setting, of, mask))) {
        totals.not_written++;
        return NULL;
    }
    return state;
}

/* The subsections that are sent at a tail, and those that the stream sends. */
static uint32_t mask_where(const struct brute *brute, const struct instances *instances,
                           bool inline_ones, bool sent_ones)
{
    uint32_t mask = 0;
    for (unsigned i = 0; i < instances->count; i++) {
        const struct instance *instance = &instances->list[i];
        const struct vmwire_subsection *subsection = instance->value->subsection;
        bool around = instance->parent < 0 || mask >> instance->parent & 1;
        if (around &&
            (!inline_ones || vmwire_option_sends_inline(brute->setting.writes, subsection)) &&
            (!sent_ones || subsection->source == VMWIRE_LAYOUT_SENT))
            mask |= 1U << i;
    }
    return mask;
}

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

static bool asked_parts_at(const struct brute *brute, struct place place)
{
    for (size_t i = 0; i < brute->asked->parting_count; i++)
        if (same_place(brute->asked->partings[i], place))
            return true;
    return false;
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
    if (place.at >= AT_UNKNOWN && place.at < AT_SECTION)
        return verdict->reason != NULL;
    if (place.at >= AT_VERSION && place.at < AT_SEPARATE)
        return verdict->reason != NULL;
    return verdict->differs && asked_parts_at(brute, place);
}

struct answer {
    bool any, undecided, possible[OUTCOMES];
};

static struct answer answer_at(const struct brute *brute, struct place place)
{
    struct answer answer = {.any = false};
    for (size_t i = 0; i < brute->decision.tail_count; i++) {
        const struct vmwire_tail_verdict *verdict = &brute->decision.tails[i];
        if (!is_about(brute, verdict, place))
            continue;
        answer.any = true;
        answer.undecided |= verdict->reason != NULL;
        for (int outcome = 0; outcome < OUTCOMES; outcome++)
            answer.possible[outcome] |= verdict->findings[outcome] != NULL;
    }
    return answer;
}

static const char *place_name(struct place place)
{
    static const char *const names[] = {"a sent subsection's tail", "an end's tail",
                                        "a field's difference",     "a refused subsection",
                                        "an unknown layout",        "a missing section",
                                        "an unknown version",       "a separate subsection"};
    return names[place.at / 1000];
}

static void check_found(struct brute *brute, const struct found *found)
{
    struct answer answer = answer_at(brute, found->place);
    const char *outcome =
        found->unknown ? "a layout that is not known" : vmwire_outcome_name(found->outcome);
    const char *place = place_name(found->place);
    if (answer.possible[found->outcome] && !found->unknown)
        totals.confirmed[found->outcome]++;
    else if (answer.undecided ||
             (found->unknown && answer.possible[VMWIRE_OUTCOME_REJECT] &&
              answer.possible[VMWIRE_OUTCOME_TRUNCATED] && answer.possible[VMWIRE_OUTCOME_CORRUPT]))
        totals.excused++;
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
static uint32_t mask_of_finding(const struct brute *brute, const struct vmwire_finding *finding)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < finding->send_count; i++)
        for (size_t j = 0; j < brute->asked->event_count; j++) {
            const struct event *event = &brute->asked->events[j];
            if (!event->sent || event->offset != finding->sends[i].from)
                continue;
            for (unsigned k = 0; k < brute->instances->count; k++)
                if (same_place(brute->instances->list[k].place, event->place))
                    mask |= 1U << k;
        }
    return without_lost_ones(brute->instances, mask);
}

static struct state *state_of_finding(struct brute *brute, const struct vmwire_finding *finding)
{
    if (!brute->template)
        return brute->states[0];
    return state_of_mask(brute, 0, mask_of_finding(brute, finding));
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
        if (is_about(brute, verdict, brute->asked->partings[i]))
            return brute->asked->partings[i];
    return (struct place){0, 0, AT_END};
}

static void check_reading(struct brute *brute, struct state *state,
                          const struct vmwire_tail_verdict *verdict,
                          const struct vmwire_finding *finding, const uint8_t *witness)
{
    struct place place = place_of_verdict(brute, verdict);
    const char *outcome = vmwire_outcome_name(finding->outcome), *name = place_name(place);
    struct result result = read_string(brute, state);
    bool here = is_about(brute, verdict, result.place) && result.outcome != VMWIRE_OUTCOME_EXACT;
    if (brute->split)
        return;
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
    struct vmwire_bytes witness = vmwire_witness(&brute->engine_question, finding, brute->scratch);
    struct state *state = state_of_finding(brute, finding);
    struct place place = place_of_verdict(brute, verdict);
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

static void check_verdict(struct brute *brute, const struct vmwire_tail_verdict *verdict)
{
    struct place place = place_of_verdict(brute, verdict);
    totals.places++;
    totals.clean += verdict->verdict == VMWIRE_VERDICT_CLEAN;
    totals.undecided += verdict->reason != NULL;
    if (verdict->reason)
        count_reason(verdict->reason);
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
        .ambiguity = brute->question == QUESTION_AMBIGUITY,
    };
    brute->asked = base;
    if (!brute->template)
        return true;
    if (!vmwire_template_of_stream(made, brute->setting.writes, base->read, brute->arena, &error))
        return false;
    struct state *asked = vmwire_arena_alloc(brute->arena, sizeof(*asked));
    brute->asked = asked;
    brute->engine_question.stream = &made->stream;
    brute->engine_question.bytes = made->bytes;
    expect_stream(&brute->setting, asked, &made->stream);
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

/* TODO: goes when the engine is mended. */
static bool crashes_engine(const struct brute *brute)
{
    bool elements = false, blind = false;
    const struct vmwire_structure *each = brute->setting.writer->structures;
    for (; each; each = each->next)
        for (size_t i = 0; i < each->field_count; i++)
            elements |= each->fields[i].class == VMWIRE_FIELD_LIST && each->fields[i].structure;
    for (each = brute->setting.reader->structures; each; each = each->next)
        for (size_t i = 0; i < each->field_count; i++)
            blind |= each->fields[i].class == VMWIRE_FIELD_LIST && !each->fields[i].structure;
    return brute->question == QUESTION_SKEW && elements && blind;
}

static void check_possible(struct brute *brute, struct state *base)
{
    size_t share;
    if (brute->template)
        choose_states(brute);
    share = brute->strings_left / brute->state_count;
    for (size_t i = 0; i < brute->state_count; i++)
        if (brute->states[i]->read && brute->states[i]->varied)
            try_strings(brute, brute->states[i], share + 1);
    if (brute->split) {
        totals.split++;
        return;
    }
    (void)base;
    if (crashes_engine(brute)) {
        totals.crashes++;
        return;
    }
    brute->decision = vmwire_decide(&brute->engine_question, brute->arena);
    for (size_t i = 0; i < brute->found_count; i++)
        check_found(brute, &brute->found[i]);
    for (size_t i = 0; i < brute->decision.tail_count; i++)
        check_verdict(brute, &brute->decision.tails[i]);
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

/* `a` is a state of the template, or the stream; `b` any other. */
static void check_pair(struct brute *brute, const struct state *a, const struct state *b)
{
    const struct event *event = first_parting(a, b);
    totals.pairs++;
    if (!event || !same_bytes_possible(a, b))
        return;
    totals.ambiguous++;
    if (event->sent && brute->template && b->variant == a->variant)
        return; /* the pair is found from the other side */
    struct answer answer = answer_at(brute, event->place);
    if (answer.possible[VMWIRE_OUTCOME_CORRUPT])
        totals.confirmed[VMWIRE_OUTCOME_CORRUPT]++;
    else if (answer.undecided)
        totals.excused++;
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
        count_reason(verdict->reason);
    if (verdict->findings[VMWIRE_OUTCOME_REJECT] || verdict->findings[VMWIRE_OUTCOME_TRUNCATED])
        differ(brute, brute->asked, place, NULL, "another outcome than an ambiguity");
    if (!finding)
        return;
    totals.outcomes[VMWIRE_OUTCOME_CORRUPT]++;
    struct vmwire_bytes witness = vmwire_witness(&brute->engine_question, finding, brute->arena);
    const struct state *state = state_of_finding(brute, finding);
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

static void check_ambiguity(struct brute *brute)
{
    choose_states(brute);
    bool all_states = brute->instances->count <= 3;
    for (unsigned i = 0; i < brute->plans[0].part_count; i++)
        for (unsigned j = 0; j < brute->plans[0].parts[i].field_count; j++)
            all_states &= brute->plans[0].parts[i].fields[j].holds != HOLDS_LIST;
    brute->decision = vmwire_decide(&brute->engine_question, brute->arena);
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
    make_variant(setting, &brute->variants[brute->variant_count++], false, 0);
    brute->instances = &brute->variants[0].instances;
    if (brute->template)
        make_variant(setting, &brute->variants[brute->variant_count++], true, 0);
    if (brute->question == QUESTION_AMBIGUITY && lists_are_simple(&brute->plans[0])) {
        make_variant(setting, &brute->variants[brute->variant_count++], false, 1);
        make_variant(setting, &brute->variants[brute->variant_count++], false, -1);
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
    struct state *base = state_of_mask(brute, 0, choose_base(brute));
    if (!base || !ask(brute, base))
        return;
    totals.cases[brute->question]++;
    if (brute->question == QUESTION_AMBIGUITY)
        check_ambiguity(brute);
    else
        check_possible(brute, base);
}

static const struct vmwire_option *choose_option(struct chooser *chooser)
{
    return &vmwire_options[choose(chooser, (unsigned)vmwire_option_count)];
}

/* Options of different stream versions have nothing to decide: the reader rejects at the version. */
static void choose_options(struct brute *brute)
{
    struct setting *setting = &brute->setting;
    setting->writes = setting->reads = choose_option(&brute->chooser);
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
        .run = choose(chooser, 2),
    };
    static const uint8_t fills[] = {0, 0, 0, 0xff, 0xff, 0x05};
    setting->fill = fills[choose(chooser, 6)];
    choose_options(brute);
    brute->template = setting->writes->subsections != VMWIRE_SUBSECTION_ITEM && choose(chooser, 2);
}

/* What the program's arguments say. */
static size_t case_count = 20000;
static uint64_t seed = 1;
static size_t strings_of_a_case = 60;
static uint64_t only = UINT64_MAX;

static void mark_existing(struct vmwire_schema *schema, const struct plan *plan,
                          struct vmwire_arena *arena)
{
    struct plan older = older_plan(plan);
    vmwire_schema_set_existing(schema, schema_of_plan(arena, &older));
}

static volatile uint64_t plan_number; /* for who looks at a crash */

static void check_plan(uint64_t number)
{
    plan_number = number;
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
        brute = (struct brute){.chooser = {chooser.state + i * 77777}};
        memcpy(brute.plans, plans, sizeof(plans));
        brute.arena = vmwire_arena_create();
        brute.scratch = vmwire_arena_create();
        brute.strings_left = strings_of_a_case;
        set_case(&brute, schemas);
        check_case(&brute);
        for (size_t j = 0; j < brute.state_count; j++)
            free(brute.states[j]->bytes);
        if (brute.asked && brute.template)
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
                  "meant, %zu cases have too many subsections, %zu a field that is split\n",
                  totals.plans, totals.cases[0], totals.cases[1], totals.cases[2],
                  totals.not_written, totals.too_many, totals.split);
    print_message("%zu states, %zu of them read in full; %zu strings\n", totals.states,
                  totals.in_full, totals.strings);
    print_message("%zu places: %zu clean, %zu not fully decided (brute force finds %zu outcomes "
                  "there alone)\n",
                  totals.places, totals.clean, totals.undecided, totals.excused);
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome < OUTCOMES; outcome++)
        print_message("%zu places: %s, %zu found by brute force\n", totals.outcomes[outcome],
                      vmwire_outcome_name((enum vmwire_outcome)outcome), totals.confirmed[outcome]);
    print_message("%zu cases are not asked: the engine may crash over a list without elements\n",
                  totals.crashes);
    print_message("%zu pairs of states, %zu can have the same bytes\n", totals.pairs,
                  totals.ambiguous);
    for (size_t i = 0; i < totals.reason_count; i++)
        print_message("undecided %zu times: %s\n", totals.reasons[i].count, totals.reasons[i].text);
}

static size_t all_cases(void)
{
    return totals.cases[0] + totals.cases[1] + totals.cases[2];
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
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"cases", required_argument, NULL, 'c'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"strings", required_argument, NULL, 'n'},
                                            {"only", required_argument, NULL, 'o'},
                                            {0}};
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
        else
            return 2;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_engine_and_brute_force_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
