/* SPDX-License-Identifier: MIT */
/*
 * Compares the message with each cause. QEMU has refused the stream, so what is not decided counts as well.
 */
#include "program/explain/match_message.h"

#include <string.h>

#include "program/explain/causes.h"
#include "program/explain/places.h"
#include "program/explain/qemu_text.h"
#include "program/explain/rules.h"

/* How well a message fits a cause. */
enum fit {
    FIT_NOT,
    FIT_POSSIBLE, /* it is what QEMU says of anything in a section, and the cause is a possibility */
    FIT_SECTION,  /* it names the section */
    FIT_WITHIN, /* and the structure or the subsection, or the message is nearly that of the cause */
    FIT_MESSAGE, /* it is the message of the cause */
    FIT_FIELD,   /* and has words of its own, or the field is named */
};

/* The reader says these of whatever goes wrong in a section. */
static bool is_general(const struct vmwire_skew_rule *rule)
{
    static const char *const general[] = {
        "Missing section footer for %s",
        "error while loading state for instance 0x%x of device '%s'",
        "%x != %x",
    };
    for (size_t i = 0; rule->message && i < sizeof(general) / sizeof(general[0]); i++)
        if (strcmp(rule->message, general[i]) == 0)
            return true;
    return !rule->message;
}

/* "Failed to load STRUCTURE:FIELD": whether the field is that of the path. */
static bool names_field(const char *text, const char *path)
{
    static const char failed[] = "Failed to load ";
    const char *last = path ? strrchr(path, '.') : NULL;
    const char *field = last ? last + 1 : path;
    for (const char *at = text; field && (at = strstr(at, failed)); at++) {
        const char *colon = at + strcspn(at, ":\n");
        const size_t length = strlen(field);
        if (*colon == ':' && strncmp(colon + 1, field, length) == 0 &&
            strcspn(colon + 1, " \t\r\n:") == length)
            return true;
    }
    return false;
}

static bool is_of_section(const char *text, const struct vmwire_difference *difference)
{
    return difference->section &&
           text_names_section(text, difference->section, difference->instance_id);
}

static enum fit fit_of(const char *text, const struct vmwire_difference *difference)
{
    const char *message = difference->message;
    bool section = is_of_section(text, difference);
    /* A message with blanks to be filled in is that of every section. */
    bool filled = message && !strchr(message, '%');
    if (section && names_field(text, difference->path))
        return FIT_FIELD;
    if (message && text_has_message(text, message) && (filled || section))
        return !is_general(difference->rule) ? FIT_FIELD
               : difference->certainty != VMWIRE_CERTAIN &&
                       !(difference->structure && text_names(text, difference->structure) &&
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

/* The rule whose message this is, of those with words of their own. NULL: none. */
static const struct vmwire_skew_rule *find_named_rule(const char *text)
{
    for (size_t i = 0; i < vmwire_skew_rule_count; i++) {
        const struct vmwire_skew_rule *rule = &vmwire_skew_rules[i];
        if (!is_general(rule) && text_has_message(text, rule->message))
            return rule;
    }
    return NULL;
}

/* A function of the device has looked at what was loaded (post_load): the layouts had no fault. */
static bool is_after_loading(const char *text)
{
    return strstr(text, "post load hook failed") || strstr(text, "Operation not permitted");
}

/* How well it has to fit: a message with words of its own is not that of another rule. */
static enum fit least_fit(const char *text, const struct found_cause *cause,
                          const struct vmwire_skew_rule *named)
{
    const struct vmwire_difference *difference = cause->difference;
    if (cause->kind != CAUSE_DIFFERENCE) /* whatever the reader says then, it reads other bytes */
        return FIT_SECTION;
    if (named && difference->rule->message &&
        strcmp(difference->rule->message, named->message) == 0)
        return FIT_SECTION;
    /* What a function looks at behind the load says nothing of its own. */
    const bool layouts = difference->rule->message != NULL;
    return named || (is_after_loading(text) && layouts) ? FIT_MESSAGE
           : difference->certainty == VMWIRE_CERTAIN    ? FIT_SECTION
                                                        : FIT_POSSIBLE;
}

/* Certain causes first, each kind in the order of the stream. */
static struct choice find_named_cause(const struct explanation *explanation, const char *text,
                                      const struct vmwire_skew_rule *named)
{
    struct choice choice = {.fit = FIT_NOT};
    const struct vmwire_differences *differences = &explanation->differences;
    for (size_t i = 0; i < explanation->cause_count; i++)
        consider(&choice, text, explanation->causes[i],
                 least_fit(text, &explanation->causes[i], named));
    for (size_t i = 0; i < differences->count; i++) {
        const struct found_cause cause =
            place_cause(explanation, (struct found_cause){.difference = &differences->list[i]});
        if (cause.difference->certainty != VMWIRE_CERTAIN)
            consider(&choice, text, cause, least_fit(text, &cause, named));
    }
    return choice;
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

/* Nothing that is given tells it: QEMU's own code has looked at a value. */
static void blame_own_check(struct explanation *explanation, const struct vmwire_item *section,
                            const char *text, const struct vmwire_skew_rule *named)
{
    struct vmwire_arena *arena = explanation->arena;
    struct vmwire_difference *difference = vmwire_arena_alloc(arena, sizeof(*difference));
    const struct vmwire_skew_rule *rule = named ? named
                                          : strstr(text, "Missing section footer")
                                              ? stream_rule(RULE_UNTOLD_LENGTH)
                                              : stream_rule(RULE_OWN_CHECK);
    *difference = (struct vmwire_difference){
        .certainty = VMWIRE_CERTAIN,
        .outcome = VMWIRE_OUTCOME_REJECT,
        .rule = rule,
        .message = vmwire_arena_string(arena, text, strcspn(text, "\n")),
        /* Some advice has places for values, which are not known here. */
        .advice = rule->advice && strchr(rule->advice, '%') ? NULL : rule->advice,
        .offset = VMWIRE_ERROR_NO_OFFSET,
        .section_offset = VMWIRE_ERROR_NO_OFFSET,
    };
    struct found_cause cause = {.difference = difference, .kind = CAUSE_DIFFERENCE};
    if (section) {
        cause.section = section;
        cause.position = (uint64_t)(section->raw.data - explanation->writer->side.bytes.data);
        difference->section = name_section(arena, section);
        difference->instance_id = section->instance_id;
        difference->section_offset = cause.position;
    }
    explanation->cause = cause;
    explanation->outcome = EXPLAINED_REJECT;
    explanation->message_match = MESSAGE_NOT_TOLD;
}

/* Whether it can be a message of a QEMU that loads a stream, whatever it names. */
static bool is_of_loading(const char *text)
{
    static const char *const words[] = {"load of migration failed", "error while loading state",
                                        "Failed to load ", "Error while loading",
                                        "in the incoming stream"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strstr(text, words[i]))
            return true;
    return false;
}

/* Whether messages of the rule name the section. */
static bool names_a_section(const struct vmwire_skew_rule *rule)
{
    static const char *const rules[] = {"section-unknown", "version-newer", "version-older"};
    for (size_t i = 0; rule && i < sizeof(rules) / sizeof(rules[0]); i++)
        if (strcmp(rule->id, rules[i]) == 0)
            return true;
    return false;
}

void match_message(struct explanation *explanation)
{
    const char *text = explanation->arguments->message;
    if (!text)
        return;
    const struct vmwire_skew_rule *named = find_named_rule(text);
    struct choice choice = find_named_cause(explanation, text, named);
    explanation->message_match = MESSAGE_EXPLAINED;
    if (choice.fit != FIT_NOT) {
        explanation->cause = choice.cause;
        if (choice.cause.difference->outcome == VMWIRE_OUTCOME_REJECT || choice.fit == FIT_MESSAGE)
            explanation->outcome = EXPLAINED_REJECT;
        return;
    }
    const struct vmwire_item *section = find_named_section(explanation, text);
    const bool told = explanation->cause.difference &&
                      (explanation->reader->side.stream || names_a_section(named));
    if (section || (named && !told))
        blame_own_check(explanation, section, text, named);
    else if (!named && !is_of_loading(text))
        explanation->message_match = MESSAGE_FOREIGN;
    else if (explanation->cause.difference)
        explanation->message_match = MESSAGE_OTHER;
    else if (explanation->open_count)
        explanation->cause =
            place_cause(explanation, (struct found_cause){.difference = explanation->open[0]});
    else
        blame_own_check(explanation, section, text, named);
}
