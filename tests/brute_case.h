/* SPDX-License-Identifier: MIT */
/*
 * A case of the brute force: two plans, a setting, the states, what was found, and what the engine decided. Counts
 * what all cases did, and puts the differences into words. Must not read or ask by itself.
 */
#ifndef VMWIRE_TESTS_BRUTE_CASE_H
#define VMWIRE_TESTS_BRUTE_CASE_H

#include "brute_state.h"

enum {
    CASES_OF_A_PLAN = 5,
    MOST_STATES = 16,
    MOST_VARIANTS = ORDERS + 2,
    MOST_OPTIONAL = 8, /* subsections in one state */
    MOST_FOUND = 64,
    MOST_REACHED = 256,
    MOST_REASONS = 32,
    MOST_ALPHABET = 14,
    ALL_ITEMS = MOST_DEVICES + 4,
    SOUP_LENGTH = 512,
    MOST_TOKENS = 64,
    OUTCOMES = VMWIRE_OUTCOME_CORRUPT + 1,
};

enum question { QUESTION_MISPARSE, QUESTION_SKEW, QUESTION_AMBIGUITY, QUESTIONS };

static const char *const question_names[] = {"misparse", "skew", "ambiguity"};

/* ---- Totals ---------------------------------------------------------------------------------------- */

struct totals {
    size_t plans, cases[QUESTIONS], not_written, too_many, strings, states, in_full;
    size_t layouts,
        not_tried; /* in the place of unknown ones; states that send a known one of that name, too */
    size_t places, clean, undecided, excused, behind, outcomes[OUTCOMES], confirmed[OUTCOMES];
    size_t framed_not_confirmed; /* where records are framed, hardly any finding may be */
    size_t pairs, ambiguous;
    struct reason {
        const char *text;
        size_t count;
        size_t excused; /* outcomes that brute force finds there alone */
    } reasons[MOST_REASONS];
    size_t reason_count;
    struct differences differences;
};

static struct totals totals;

static inline struct reason *reason_of(const char *text)
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
    return reason;
}

/* ---- A case ---------------------------------------------------------------------------------------- */

struct found {
    struct place place;
    enum vmwire_outcome outcome;
    bool unknown;   /* the reader met a layout that it does not know */
    size_t layouts; /* so many were tried in its place */
    uint8_t *string;
    const struct state *state;
};

struct token {
    uint8_t bytes[32];
    size_t length;
};

struct brute {
    uint64_t plan_number;
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
    size_t item; /* the item that is compared; ALL_ITEMS: those that are not behind a difference */
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
};

/* ---- Differences ------------------------------------------------------------------------------------ */

static inline void put_plan(FILE *text, const char *title, const struct plan *plan)
{
    char *description = description_of_plan(plan), *dump = dump_of_plan(plan);
    fprintf(text, "\n  %s %s", title, description);
    if (dump)
        fprintf(text, "\n  %s dump %s", title, dump);
    free(description);
    free(dump);
}

static inline void put_place(FILE *text, const struct state *state, struct place place)
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

static inline bool is_about(const struct brute *brute, const struct vmwire_tail_verdict *verdict,
                            struct place place);

static inline void put_verdicts(FILE *text, const struct brute *brute, struct place place)
{
    for (size_t i = 0; i < brute->decision.tail_count; i++)
        if (is_about(brute, &brute->decision.tails[i], place))
            put_verdict(text, &brute->decision.tails[i]);
}

static char *example_of(const struct brute *brute, const struct state *state, struct place place,
                        const uint8_t *string)
{
    char *example = NULL;
    size_t size = 0;
    FILE *text = must(open_memstream(&example, &size));
    fprintf(text, "--only %llu: ", (unsigned long long)brute->plan_number);
    put_place(text, brute->asked, place);
    put_plan(text, "writer", &brute->plans[0]);
    if (brute->question == QUESTION_SKEW)
        put_plan(text, "reader", &brute->plans[1]);
    char *asked = hex_text((struct vmwire_bytes){brute->asked->before, brute->asked->length});
    if (brute->setting.cut)
        fprintf(text, "\n  %u sections in front are cut off", brute->setting.cut);
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

static inline void differ(struct brute *brute, const struct state *state, struct place place,
                          const uint8_t *string, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static inline void differ(struct brute *brute, const struct state *state, struct place place,
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

#endif
