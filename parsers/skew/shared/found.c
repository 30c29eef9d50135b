/* SPDX-License-Identifier: MIT */
#include "skew/shared/found.h"

#include <assert.h>
#include <string.h>

const struct vmwire_skew_rule *skew_rule(const char *id)
{
    const struct vmwire_skew_rule *rule = vmwire_skew_rule_find(id);
    assert(rule);
    return rule;
}

struct vmwire_difference certain_difference(const char *rule)
{
    return (struct vmwire_difference){
        .certainty = VMWIRE_CERTAIN,
        .outcome = VMWIRE_OUTCOME_REJECT,
        .rule = skew_rule(rule),
        .offset = VMWIRE_ERROR_NO_OFFSET,
        .section_offset = VMWIRE_ERROR_NO_OFFSET,
    };
}

void add_difference(struct skew *skew, struct vmwire_difference difference)
{
    skew->list =
        vmwire_arena_grow(skew->arena, skew->list, skew->count, &skew->room, sizeof(*skew->list));
    if (!difference.message)
        difference.message = difference.rule->message;
    if (!difference.advice)
        difference.advice = difference.rule->advice;
    skew->list[skew->count++] = difference;
}
