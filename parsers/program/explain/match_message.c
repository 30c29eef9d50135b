/* SPDX-License-Identifier: MIT */
/*
 * Compares the message with each cause. QEMU has refused the stream, so what is not decided counts as well.
 */
#include "program/explain/match_message.h"

#include <string.h>

#include "program/explain/causes.h"
#include "program/explain/message_words.h"
#include "program/explain/places.h"
#include "program/explain/refuted_message.h"
#include "program/explain/unexplained_message.h"

/* How well a message fits a cause. */
enum fit {
    FIT_NOT,
    FIT_POSSIBLE, /* it is what QEMU says of anything in a section, and the cause is a possibility */
    FIT_SECTION,  /* it names the section */
    FIT_WITHIN, /* and the structure or the subsection, or the message is nearly that of the cause */
    FIT_MESSAGE,     /* it is the message of the cause */
    FIT_AROUND,      /* and names fields around it */
    FIT_FIELD,       /* and has words of its own, or the field is named */
    FIT_NONE_ENOUGH, /* however it fits, it is not of this cause */
};

/* How the fields of the lines "Failed to load STRUCTURE:FIELD" are those of a path. */
enum named_fields {
    FIELDS_NOT_NAMED, /* there is no such line, or no path */
    FIELDS_OTHER,     /* one is no part of the path */
    FIELDS_AROUND,    /* all are */
    FIELDS_LAST,      /* and one is its last part */
};

static enum named_fields compare_fields(const char *text, const char *path)
{
    enum named_fields found = FIELDS_NOT_NAMED;
    struct text_piece field;
    for (const char *at = text; path && *path && next_failed_field(&at, &field);) {
        if (!has_part_of_path(path, field, false))
            return FIELDS_OTHER;
        if (found != FIELDS_LAST)
            found = has_part_of_path(path, field, true) ? FIELDS_LAST : FIELDS_AROUND;
    }
    return found;
}

/* Whether it is said with a value that no file tells, and all others are those of the text. */
static bool is_said_but_for_unknown(const char *text, const struct vmwire_difference *difference)
{
    return difference->certainty == VMWIRE_CERTAIN && difference->message &&
           strchr(difference->message, '?') && message_in_text(text, difference->rule) &&
           difference->rule->places && !has_other_values(text, difference, names_of_places) &&
           !has_other_values(text, difference, values_of_places);
}

/* Whether the text says just this, in words that are of no other difference: so QEMU has decided what was open. */
static bool says(const char *text, const struct vmwire_difference *difference)
{
    return difference->message && !strchr(difference->message, '%') &&
           strchr(difference->rule->message ? difference->rule->message : "", '%') &&
           !is_general_message(difference->rule->message) &&
           text_has_message(text, difference->message);
}

static enum fit fit_of(const char *text, const struct vmwire_difference *difference)
{
    const char *message = difference->message;
    bool section = names_its_section(text, difference);
    if (!section && difference->section && text_names_any_device(text))
        return FIT_NOT; /* it is about another one */
    /* A message with blanks to be filled in is that of every section. */
    bool filled = message && !strchr(message, '%');
    const enum named_fields fields = compare_fields(text, difference->path);
    if (section && fields >= FIELDS_AROUND)
        return fields == FIELDS_LAST ? FIT_FIELD : FIT_AROUND;
    if (is_said_but_for_unknown(text, difference))
        return FIT_FIELD;
    if (message && text_has_message(text, message) && (filled || section))
        return !is_general_message(difference->rule->message) ? FIT_FIELD
               : difference->certainty != VMWIRE_CERTAIN &&
                       !(difference->structure && difference->section &&
                         text_names(text, difference->structure) &&
                         strcmp(difference->structure, difference->section) != 0)
                   ? FIT_POSSIBLE
                   : FIT_MESSAGE;
    const char *pattern = difference->rule->message;
    if (!section)
        return pattern && text_has_message(text, pattern) && difference->structure &&
                       text_names(text, difference->structure)
                   ? FIT_WITHIN
                   : FIT_NOT;
    bool within = (pattern && text_has_message(text, pattern)) ||
                  (difference->structure && text_names(text, difference->structure) &&
                   strcmp(difference->structure, difference->section) != 0);
    return within ? FIT_WITHIN : FIT_SECTION;
}

/* The best cause. `enough`: the least fit that counts. */
struct choice {
    struct found_cause cause;
    enum fit fit;
};

static void consider(struct choice *choice, const char *text, struct found_cause cause,
                     enum fit enough)
{
    enum fit fit = fit_of(text, cause.difference);
    if (fit < enough || fit <= choice->fit)
        return;
    choice->fit = fit;
    choice->cause = cause;
}

static bool has_message_of(const struct vmwire_skew_rule *rule,
                           const struct vmwire_skew_rule *other)
{
    return rule == other ||
           (rule->message && other->message && strcmp(rule->message, other->message) == 0);
}

/* Whether the reader says other words of it than that a footer is missing. */
static bool has_other_end(const struct vmwire_difference *difference)
{
    return difference->message ? strstr(difference->message, missing_footer) == NULL
                               : difference->certainty == VMWIRE_CERTAIN;
}

/* Whether the reader says something of it, and the text has not that. */
static bool has_other_words(const char *text, const struct vmwire_difference *difference)
{
    return !message_in_text(text, difference->rule) &&
           (difference->message ? !text_has_message(text, difference->message)
                                : difference->rule->message != NULL);
}

/* Whether the text ends a section in another way than by its footer. */
static bool is_never_of_footer(const char *text)
{
    return !strstr(text, missing_footer) &&
           (strstr(text, "error while loading state") || strstr(text, "Failed to load ") ||
            is_after_loading(text));
}

/* Whether it is one that can be, and that would make the footer missing. */
static bool is_possible_footer(const struct vmwire_difference *difference)
{
    return difference->certainty != VMWIRE_CERTAIN && difference->message &&
           strstr(difference->message, missing_footer);
}

/* Whether it is open only as a value is not known, which QEMU's message has. */
static bool is_told_by_message(const struct vmwire_difference *difference)
{
    return difference->certainty == VMWIRE_NOT_DECIDED && difference->rule->places &&
           difference->message && strchr(difference->message, '?');
}

/* How well it has to fit: a message with words of its own is not that of another rule. */
static enum fit least_fit(const char *text, const struct found_cause *cause,
                          const struct vmwire_skew_rule *named)
{
    const struct vmwire_difference *difference = cause->difference;
    if (cause->kind != CAUSE_DIFFERENCE) /* whatever the reader says then, it reads other bytes */
        return FIT_SECTION;
    if (is_told_by_message(difference) || has_other_values(text, difference, names_of_places) ||
        has_other_values(text, difference, values_of_places) ||
        (strstr(text, missing_footer) && has_other_end(difference)) ||
        (is_never_of_footer(text) && is_possible_footer(difference)))
        return FIT_NONE_ENOUGH;
    if (named && has_message_of(difference->rule, named))
        return FIT_SECTION;
    /* What a function looks at behind the load says nothing of its own. */
    const bool layouts = difference->rule->message != NULL;
    if (named && has_other_words(text, difference))
        return FIT_NONE_ENOUGH;
    return (is_after_loading(text) && layouts) || named             ? FIT_FIELD
           : compare_fields(text, difference->path) == FIELDS_OTHER ? FIT_AROUND
           : difference->certainty == VMWIRE_CERTAIN                ? FIT_SECTION
                                                                    : FIT_POSSIBLE;
}

/* The candidate of a difference that is not certain. Returns false if it is none: it needs a state that the stream is not in. */
static bool is_candidate(const struct explanation *explanation, const struct vmwire_difference *of,
                         struct found_cause *cause)
{
    if (of->certainty == VMWIRE_CERTAIN || of->unsent)
        return false;
    *cause = place_cause(explanation, (struct found_cause){.difference = of});
    return true;
}

/* What nothing tells is more likely than what a property of the reader would have to be set for. */
static void consider_candidates(struct choice *choice, const struct explanation *explanation,
                                const struct vmwire_differences *differences, const char *text,
                                const struct vmwire_skew_rule *named)
{
    static const enum vmwire_certainty order[] = {VMWIRE_NOT_DECIDED, VMWIRE_WHEN_NEEDED};
    struct found_cause cause;
    for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
        for (size_t i = 0; i < differences->count; i++)
            if (differences->list[i].certainty == order[k] &&
                is_candidate(explanation, &differences->list[i], &cause))
                consider(choice, text, cause, least_fit(text, &cause, named));
}

/* Certain causes first, each kind in the order of the stream. What is given comes before what a command line can have. */
static struct choice find_named_cause(const struct explanation *explanation, const char *text,
                                      const struct vmwire_skew_rule *named)
{
    struct choice choice = {.fit = FIT_NOT};
    for (size_t i = 0; i < explanation->cause_count; i++)
        consider(&choice, text, explanation->causes[i],
                 least_fit(text, &explanation->causes[i], named));
    consider_candidates(&choice, explanation, &explanation->differences, text, named);
    if (choice.fit == FIT_NOT)
        consider_candidates(&choice, explanation, &explanation->if_unlike, text, named);
    return choice;
}

static bool is_same(const struct vmwire_difference *a, const struct vmwire_difference *b)
{
    return a->rule == b->rule && strcmp(a->path ? a->path : "", b->path ? b->path : "") == 0;
}

static bool is_listed(const struct explanation *explanation, const struct vmwire_difference *of)
{
    for (size_t i = 0; i < explanation->other_count; i++)
        if (is_same(explanation->others[i], of))
            return true;
    return is_same(explanation->cause.difference, of);
}

/* What else in the section can be the cause as well. */
static void list_others(struct explanation *explanation, const char *text,
                        const struct vmwire_skew_rule *named, enum fit fit)
{
    const struct vmwire_differences *const lists[] = {&explanation->differences,
                                                      &explanation->if_unlike};
    const struct vmwire_difference *chosen = explanation->cause.difference;
    struct found_cause cause;
    explanation->others = vmwire_arena_alloc(
        explanation->arena, (lists[0]->count + lists[1]->count + 1) * sizeof(*explanation->others));
    for (size_t i = 0; chosen->section && i < sizeof(lists) / sizeof(lists[0]); i++)
        for (size_t k = 0; k < lists[i]->count; k++) {
            const struct vmwire_difference *each = &lists[i]->list[k];
            if (is_candidate(explanation, each, &cause) && each->section &&
                strcmp(each->section, chosen->section) == 0 &&
                each->instance_id == chosen->instance_id && !is_listed(explanation, each) &&
                fit_of(text, each) >= fit && least_fit(text, &cause, named) <= fit)
                explanation->others[explanation->other_count++] = each;
        }
}

/* The section with the longest name that the message has. */
static const struct vmwire_item *find_named_section(const struct explanation *explanation,
                                                    const char *text)
{
    const struct vmwire_stream *stream = explanation->writer->side.stream;
    const struct vmwire_item *found = NULL;
    for (size_t i = 0; stream && i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (begins_section(item) && (!found || item->idstr.length > found->idstr.length) &&
            text_names_section(text, name_section(explanation->arena, item), item->instance_id))
            found = item;
    }
    return found;
}

/* That of an open difference, of which the message has the value that no file tells. NULL: there is none. */
static const struct vmwire_item *find_told_section(const struct explanation *explanation,
                                                   const char *text)
{
    for (size_t i = 0; i < explanation->differences.count; i++) {
        const struct vmwire_difference *each = &explanation->differences.list[i];
        if (is_told_by_message(each) && message_in_text(text, each->rule) &&
            !has_other_values(text, each, names_of_places) &&
            !has_other_values(text, each, values_of_places))
            return place_cause(explanation, (struct found_cause){.difference = each}).section;
    }
    return NULL;
}

/* Whether it refuses for certain, and it is not known what QEMU says of it: that can be any message that names no section. */
static bool is_wordless(const struct vmwire_difference *cause)
{
    return cause && cause->certainty == VMWIRE_CERTAIN && !cause->message && !cause->rule->message;
}

void match_message(struct explanation *explanation)
{
    const char *text = explanation->arguments->message;
    if (!text)
        return;
    const struct vmwire_skew_rule *named = find_named_rule(text);
    struct choice choice = find_named_cause(explanation, text, named);
    if (choice.fit != FIT_NOT) {
        explanation->cause = choice.cause;
        const struct vmwire_difference *cause = choice.cause.difference;
        if (cause->certainty != VMWIRE_CERTAIN)
            list_others(explanation, text, named, choice.fit);
        const bool told = !explanation->other_count && says(text, cause);
        explanation->message_match =
            cause->certainty == VMWIRE_CERTAIN || told ? MESSAGE_EXPLAINED : MESSAGE_POSSIBLE;
        if (cause->outcome == VMWIRE_OUTCOME_REJECT || choice.fit == FIT_MESSAGE)
            explanation->outcome = EXPLAINED_REJECT;
        return;
    }
    const struct vmwire_item *section = find_named_section(explanation, text);
    if (!section)
        section = find_told_section(explanation, text);
    const bool told = explanation->cause.difference && explanation->reader->side.stream;
    if (is_refuted(explanation, section, text, named))
        explanation->message_match = MESSAGE_CONTRADICTED;
    else if (section || (named && !told))
        blame_own_check(explanation, section, text, named);
    else if (!named && !is_message_of_loading(text))
        explanation->message_match = MESSAGE_FOREIGN;
    else if (is_wordless(explanation->cause.difference) && !text_names_any_device(text))
        explanation->message_match = MESSAGE_POSSIBLE;
    else if (explanation->cause.difference || explanation->open_count)
        explanation->message_match = MESSAGE_OTHER;
    else
        blame_own_check(explanation, section, text, named);
}
