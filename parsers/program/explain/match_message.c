/* SPDX-License-Identifier: MIT */
/*
 * Compares the message with each cause. QEMU has refused the stream, so what is not decided counts as well.
 */
#include "program/explain/match_message.h"

#include <string.h>

#include "program/explain/phrase.h"
#include "program/explain/places.h"
#include "program/explain/qemu_text.h"
#include "program/explain/rules.h"

/* How well a message fits a cause. */
enum fit {
    FIT_NOT,
    FIT_SECTION,  /* it names the section */
    FIT_WITHIN,   /* and the structure or the subsection, or the message is nearly that of the cause */
    FIT_MESSAGE,  /* it is the message of the cause */
};

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
    if (message && text_has_message(text, message) && (filled || section))
        return FIT_MESSAGE;
    if (!section)
        return FIT_NOT;
    const char *pattern = difference->rule->message;
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

/* Certain causes first, each kind in the order of the stream. */
static struct choice find_named_cause(const struct explanation *explanation, const char *text)
{
    struct choice choice = {.fit = FIT_NOT};
    const struct vmwire_differences *differences = &explanation->differences;
    for (size_t i = 0; i < explanation->cause_count; i++)
        consider(&choice, text, explanation->causes[i], FIT_SECTION);
    for (size_t i = 0; i < differences->count; i++) {
        const struct vmwire_difference *difference = &differences->list[i];
        if (difference->certainty != VMWIRE_CERTAIN)
            consider(&choice, text, (struct found_cause){.difference = difference}, FIT_WITHIN);
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
                            const char *text)
{
    struct vmwire_arena *arena = explanation->arena;
    struct vmwire_difference *difference = vmwire_arena_alloc(arena, sizeof(*difference));
    const struct vmwire_skew_rule *rule = stream_rule(RULE_OWN_CHECK);
    *difference = (struct vmwire_difference){
        .certainty = VMWIRE_CERTAIN,
        .outcome = VMWIRE_OUTCOME_REJECT,
        .rule = rule,
        .message = vmwire_arena_string(arena, text, strlen(text)),
        .advice = rule->advice,
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
    explanation->explains_message = false;
}

void match_message(struct explanation *explanation)
{
    const char *text = explanation->arguments->message;
    if (!text)
        return;
    struct choice choice = find_named_cause(explanation, text);
    explanation->explains_message = true;
    if (choice.fit != FIT_NOT) {
        explanation->cause = choice.cause;
        if (choice.cause.difference->outcome == VMWIRE_OUTCOME_REJECT ||
            choice.fit == FIT_MESSAGE)
            explanation->outcome = EXPLAINED_REJECT;
        return;
    }
    const struct vmwire_item *section = find_named_section(explanation, text);
    /* A message that names nothing is that of the first cause. */
    if (section || !explanation->cause.difference)
        blame_own_check(explanation, section, text);
}
