/* SPDX-License-Identifier: MIT */
#include "program/explain/unexplained_message.h"

#include <string.h>

#include "program/explain/message_words.h"
#include "program/explain/places.h"
#include "program/explain/rules.h"

/* The advice, with the name that the message has in its place, or else the writer's value. NULL: there is none, or that is not
 * known. */
static const char *advice_of(struct vmwire_arena *arena, const struct vmwire_skew_rule *rule,
                             const char *text)
{
    const char *place = rule->advice ? strstr(rule->advice, "%s") : NULL;
    if (!place)
        return rule->advice;
    const char *name = value_in_text(arena, text, rule, "n");
    const char *value = name ? name : value_in_text(arena, text, rule, "sS");
    return value ? vmwire_text(arena, "%.*s%s%s", (int)(place - rule->advice), rule->advice, value,
                               place + strlen("%s"))
                 : NULL;
}

static void set_feature_advice(const struct explanation *explanation,
                               const struct vmwire_item *section,
                               struct vmwire_difference *difference)
{
    /* QEMU 11.1 prints only those of them that its device offers. */
    const char *negotiated = vmwire_skew_negotiated(section, explanation->arena);
    if (negotiated)
        difference->writer = negotiated;
    const char *advice = vmwire_skew_feature_advice(
        difference->writer, difference->reader,
        section ? name_section(explanation->arena, section) : "", &explanation->writer->side,
        &explanation->reader->side, explanation->arena);
    if (advice)
        difference->advice = advice;
}

/* QEMU's own code has looked at a value, or it is in what is not given. */
void blame_own_check(struct explanation *explanation, const struct vmwire_item *section,
                     const char *text, const struct vmwire_skew_rule *named)
{
    struct vmwire_arena *arena = explanation->arena;
    struct vmwire_difference *difference = vmwire_arena_alloc(arena, sizeof(*difference));
    const struct vmwire_skew_rule *general = find_general_rule(text);
    const struct vmwire_skew_rule *rule = named     ? named
                                          : general ? general
                                          : strstr(text, missing_footer)
                                              ? stream_rule(RULE_UNTOLD_LENGTH)
                                          : section ? stream_rule(RULE_OWN_CHECK)
                                                    : stream_rule(RULE_NOTHING_NAMED);
    *difference = (struct vmwire_difference){
        .certainty = rule == stream_rule(RULE_NOTHING_NAMED) ? VMWIRE_NOT_DECIDED : VMWIRE_CERTAIN,
        .outcome = VMWIRE_OUTCOME_REJECT,
        .rule = rule,
        .path = value_in_text(arena, text, rule, "nbp"),
        .writer = value_in_text(arena, text, rule, "sS"),
        .reader = value_in_text(arena, text, rule, "oO"),
        .message = deciding_line(arena, text, named ? named : general),
        .offset = VMWIRE_ERROR_NO_OFFSET,
        .section_offset = VMWIRE_ERROR_NO_OFFSET,
    };
    struct text_piece field;
    const char *at = text, *block = value_in_text(arena, text, rule, "b");
    if (!difference->path && next_failed_field(&at, &field))
        difference->path = vmwire_arena_string(arena, field.begin, field.length);
    difference->advice =
        block ? vmwire_skew_block_advice(block, arena) : advice_of(arena, rule, text);
    const char *value =
        difference->path ? vmwire_skew_value_advice(rule->id, difference->path, arena) : NULL;
    if (value)
        difference->advice = value;
    if (rule == vmwire_skew_rule_find("virtio-features") && difference->writer)
        set_feature_advice(explanation, section, difference);
    struct vmwire_pci_byte byte;
    if (section && find_pci_byte(text, named, &byte))
        vmwire_skew_pci_byte(&explanation->writer->side, section, byte, arena, difference);
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
    explanation->message_match =
        difference->writer || difference->reader ? MESSAGE_READ_OFF : MESSAGE_NOT_TOLD;
}
