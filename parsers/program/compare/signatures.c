/* SPDX-License-Identifier: MIT */
/*
 * A list without duplicates.
 */
#include "program/compare/signatures.h"

#include <string.h>

static bool is_listed(const struct signatures *signatures, size_t variant, const char *owner,
                      enum vmwire_outcome outcome)
{
    for (size_t i = 0; i < signatures->count; i++) {
        const struct signature *each = &signatures->list[i];
        if (each->variant == variant && each->outcome == outcome && strcmp(each->owner, owner) == 0)
            return true;
    }
    return false;
}

static const char *keep(const struct signatures *signatures, const char *text)
{
    return vmwire_arena_string(signatures->arena, text, strlen(text));
}

void add_signatures(struct signatures *signatures, size_t variant, const char *file,
                    const struct vmwire_tail_verdict *verdict)
{
    const char *owner = verdict->owner->name ? verdict->owner->name : "";
    for (int i = VMWIRE_OUTCOME_REJECT; i <= VMWIRE_OUTCOME_CORRUPT; i++) {
        enum vmwire_outcome outcome = (enum vmwire_outcome)i;
        if (!verdict->findings[i] || is_listed(signatures, variant, owner, outcome))
            continue;
        signatures->list = vmwire_arena_grow(signatures->arena, signatures->list, signatures->count,
                                             &signatures->room, sizeof(*signatures->list));
        signatures->list[signatures->count++] =
            (struct signature){.variant = variant,
                               .owner = keep(signatures, owner),
                               .outcome = outcome,
                               .file = file,
                               .offset = verdict->offset,
                               .path = keep(signatures, verdict->path)};
    }
}

size_t count_signatures(const struct signatures *signatures, size_t variant,
                        enum vmwire_outcome outcome)
{
    size_t count = 0;
    for (size_t i = 0; i < signatures->count; i++)
        count += signatures->list[i].variant == variant && signatures->list[i].outcome == outcome;
    return count;
}

const struct signature *worst_signature(const struct signatures *signatures, size_t variant)
{
    const struct signature *worst = NULL;
    for (size_t i = 0; i < signatures->count; i++) {
        const struct signature *each = &signatures->list[i];
        if (each->variant == variant && (!worst || each->outcome > worst->outcome))
            worst = each;
    }
    return worst;
}
