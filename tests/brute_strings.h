/* SPDX-License-Identifier: MIT */
/*
 * Strings of the brute force: makes the states of a case, puts strings into their bytes, has the reader read them,
 * and notes each outcome at the first place where the reader goes wrong. Must not know the engine.
 */
#ifndef VMWIRE_TESTS_BRUTE_STRINGS_H
#define VMWIRE_TESTS_BRUTE_STRINGS_H

#include "brute_case.h"

/* ---- What strings are made of ------------------------------------------------------------------------ */

static inline void add_letter(struct brute *brute, unsigned value)
{
    if (brute->alphabet_size < MOST_ALPHABET &&
        !memchr(brute->alphabet, (int)value, brute->alphabet_size))
        brute->alphabet[brute->alphabet_size++] = (uint8_t)value;
}

static inline void add_token(struct brute *brute, const void *bytes, size_t length)
{
    if (brute->token_count == MOST_TOKENS || length > sizeof(brute->tokens[0].bytes))
        return;
    struct token *token = &brute->tokens[brute->token_count++];
    memcpy(token->bytes, bytes, length);
    token->length = length;
}

static inline void add_header_token(struct brute *brute, const char *name, unsigned version)
{
    uint8_t bytes[32] = {VMWIRE_QEMU_VM_SUBSECTION, (uint8_t)strlen(name)};
    size_t length = strlen(name);
    memcpy(bytes + 2, name, length);
    bytes[2 + length + 3] = (uint8_t)version;
    add_token(brute, bytes, 2 + length + 4);
    add_token(brute, bytes, 2 + length);
}

static inline void add_section_tokens(struct brute *brute, const char *idstr, unsigned id)
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

/* What stands in front of a framed record without subsections in it. */
static inline void add_record_token(struct brute *brute, const struct plan *plan, int part,
                                    const char *name)
{
    uint8_t bytes[32] = {VMWIRE_QEMU_VM_SUBSECTION, (uint8_t)strlen(name)};
    size_t header = 2 + strlen(name);
    memcpy(bytes + 2, name, strlen(name));
    bytes[header + 3] = (uint8_t)plan->parts[part].version;
    bytes[header + 7] = (uint8_t)least_size(plan, part);
    add_token(brute, bytes + header, VMWIRE_FRAMED_HEADER_SIZE);
    if (plan->parts[part].subsection)
        add_token(brute, bytes, header + VMWIRE_FRAMED_HEADER_SIZE);
}

static inline void make_tokens(struct brute *brute)
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
            if (brute->setting.writes->framed && (!i || brute->question == QUESTION_SKEW))
                add_record_token(brute, &brute->plans[i], (int)j, part->name);
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
static inline void make_soup(struct brute *brute)
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

static inline void make_alphabet(struct brute *brute)
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

static inline struct found *find_noted(struct brute *brute, struct place place,
                                       enum vmwire_outcome outcome, bool unknown)
{
    for (size_t i = 0; i < brute->found_count; i++)
        if (same_place(brute->found[i].place, place) && brute->found[i].outcome == outcome &&
            brute->found[i].unknown == unknown)
            return &brute->found[i];
    return NULL;
}

static inline void note(struct brute *brute, const struct state *state, struct place place,
                        enum vmwire_outcome outcome, size_t layouts, bool unknown)
{
    if (find_noted(brute, place, outcome, unknown) || brute->found_count == MOST_FOUND)
        return;
    struct found *found = &brute->found[brute->found_count++];
    *found = (struct found){place, outcome, unknown, layouts, NULL, state};
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

static inline void list_leaves(struct leaves *leaves, const struct vmwire_stream *stream)
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

static inline bool same_leaves(const struct vmwire_stream *a, const struct vmwire_stream *b)
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
static inline void mark_leaves(const struct state *state, const struct vmwire_stream *stream,
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
static inline bool is_split(struct brute *brute, const struct state *state,
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
    struct unknown_layout layout; /* where it is unknown, and the bytes from there on */
    size_t left;
};

/* In step at all tails: the values are the writer's, unless a subsection behind its section has another owner. */
static inline void check_in_step(struct brute *brute, const struct state *state,
                                 const struct reading_of *reading, struct result *result)
{
    struct place none = {0, 0, AT_END};
    bool same =
        reading->stream && reading->tail_count == state->expected_count &&
        (same_leaves(state->read, reading->stream) || is_split(brute, state, reading->stream));
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

static inline struct result read_string(struct brute *brute, const struct state *state)
{
    static struct reading_of reading;
    struct vmwire_arena_mark mark = vmwire_arena_mark(brute->scratch);
    struct result result = {.outcome = VMWIRE_OUTCOME_REJECT};
    read_state(&brute->setting, state, brute->scratch, &reading);
    totals.strings++;
    result.first = first_wrong(state, &reading);
    result.unknown = reading.unknown;
    result.layout = reading.layout;
    result.left = reading.left;
    if (reading.stream && vmwire_is_truncated(state->read, reading.stream))
        result.outcome = VMWIRE_OUTCOME_TRUNCATED;
    else if (reading.stream)
        result.outcome = VMWIRE_OUTCOME_CORRUPT;
    if (result.first < state->expected_count) {
        result.place = state->expected[result.first].place;
        if (is_in_step_again(&brute->setting, state, &reading, result.place)) {
            result.outcome = VMWIRE_OUTCOME_CORRUPT;
            result.unknown = false;
        }
    } else {
        result.outcome = VMWIRE_OUTCOME_EXACT;
        check_in_step(brute, state, &reading, &result);
    }
    vmwire_arena_reset(brute->scratch, mark);
    return result;
}

/* Notes the places to which the string came in step. */
static inline void reach(struct brute *brute, const struct state *state, size_t first)
{
    for (size_t i = 0; i <= first && i < state->expected_count; i++) {
        size_t j = 0;
        while (j < brute->reached_count && !same_place(brute->reached[j], state->expected[i].place))
            j++;
        if (j == brute->reached_count && j < MOST_REACHED)
            brute->reached[brute->reached_count++] = state->expected[i].place;
    }
}

/* Reads the string with each size of the layout that the reader does not know. Those with which the reader goes wrong at
 * the same place are outcomes that a real reader can have. Returns their number. */
static inline size_t try_layouts(struct brute *brute, struct state *state,
                                 const struct result *unknown)
{
    struct filled_layout filled;
    size_t tried = 0;
    fill_layout(&filled, &unknown->layout, brute->setting.reader);
    for (size_t bytes = 0; filled.count && bytes <= unknown->left; bytes++) {
        set_layout_size(&filled, bytes);
        struct result result = read_string(brute, state);
        if (result.outcome == VMWIRE_OUTCOME_EXACT || result.unknown ||
            !same_place(result.place, unknown->place))
            continue;
        note(brute, state, result.place, result.outcome, 0, false);
        tried++;
    }
    empty_layout(&filled);
    totals.layouts += tried;
    return tried;
}

static inline void try_string(struct brute *brute, struct state *state)
{
    struct result result = read_string(brute, state);
    reach(brute, state, result.first);
    if (result.outcome == VMWIRE_OUTCOME_EXACT)
        return;
    bool tries = result.unknown && !find_noted(brute, result.place, result.outcome, true);
    note(brute, state, result.place, result.outcome, tries ? try_layouts(brute, state, &result) : 0,
         result.unknown);
}

/* Writes a token over bytes from `at` on, as far as they can hold it. */
static inline size_t put_token(struct state *state, size_t at, const struct token *token)
{
    for (size_t i = 0; i < token->length && at + i < state->length; i++)
        if (class_can_hold(state->classes[at + i], state->before[at + i], token->bytes[i]))
            state->bytes[at + i] = token->bytes[i];
    return at + token->length;
}

/* Where the next token goes: to a tail, or where a byte can change. */
static inline size_t choose_offset(struct brute *brute, const struct state *state)
{
    struct chooser *chooser = &brute->chooser;
    if (state->event_count && choose(chooser, 3))
        return state->events[choose(chooser, (unsigned)state->event_count)].offset;
    return state->varied[choose(chooser, (unsigned)state->varied_count)];
}

static inline void try_tokens(struct brute *brute, struct state *state)
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

static inline size_t count_strings(const struct brute *brute, const struct state *state,
                                   size_t limit)
{
    size_t strings = 1;
    for (size_t i = 0; i < state->varied_count && strings <= limit; i++)
        strings *= state->classes[state->varied[i]] == VMWIRE_FIELD_BOOL ? 2 : brute->alphabet_size;
    return strings;
}

static inline void try_all(struct brute *brute, struct state *state, size_t strings)
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

static inline void try_strings(struct brute *brute, struct state *state, size_t share)
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
static inline struct state *state_of_mask(struct brute *brute, unsigned variant, uint32_t mask)
{
    const struct variant *of = &brute->variants[variant];
    for (size_t i = 0; i < brute->state_count; i++)
        if (brute->states[i]->variant == of && brute->states[i]->mask == mask)
            return brute->states[i]->varied ? brute->states[i] : NULL;
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
static inline uint32_t mask_where(const struct brute *brute, const struct instances *instances,
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

#endif
