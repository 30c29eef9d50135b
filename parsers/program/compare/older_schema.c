/* SPDX-License-Identifier: MIT */
/*
 * Changes a schema in its own memory, and changes it back. Several structures can share a list of subsections: so each
 * gets a list of its own meanwhile.
 */
#include "program/compare/older_schema.h"

#include <string.h>

#include "vmwire/arena.h"

struct kept_list {
    struct vmwire_structure *structure;
    struct vmwire_subsection *subsections;
    size_t count;
    struct kept_list *next;
};

/* The schema is the caller's own, and its structures are no constants: only its users may not change them. */
static struct vmwire_structure *changeable(const struct vmwire_structure *structure)
{
    return (struct vmwire_structure *)(uintptr_t)structure;
}

static struct kept_list *leave_out_of(struct vmwire_structure *structure,
                                      const struct vmwire_subsection *gone,
                                      struct vmwire_arena *arena)
{
    struct kept_list *kept = vmwire_arena_alloc(arena, sizeof(*kept));
    size_t before = (size_t)(gone - structure->subsections), count = structure->subsection_count;
    struct vmwire_subsection *left =
        vmwire_arena_alloc(arena, count * sizeof(*left)); /* one too many */
    memcpy(left, structure->subsections, before * sizeof(*left));
    memcpy(left + before, gone + 1, (count - before - 1) * sizeof(*left));
    *kept = (struct kept_list){structure, structure->subsections, count, NULL};
    structure->subsections = left;
    structure->subsection_count--;
    return kept;
}

struct kept_list *leave_out_subsection(const struct vmwire_schema *schema, const char *owner,
                                       const char *name, struct vmwire_arena *arena)
{
    struct kept_list *all = NULL;
    for (const struct vmwire_structure *each = schema->structures; each; each = each->next) {
        const struct vmwire_subsection *gone = each->name && strcmp(each->name, owner) == 0
                                                   ? vmwire_structure_subsection(each, name)
                                                   : NULL;
        if (!gone)
            continue;
        struct kept_list *kept = leave_out_of(changeable(each), gone, arena);
        kept->next = all;
        all = kept;
    }
    return all;
}

void restore_subsection(struct kept_list *kept)
{
    for (; kept; kept = kept->next) {
        kept->structure->subsections = kept->subsections;
        kept->structure->subsection_count = kept->count;
    }
}

void forget_existing(const struct vmwire_schema *schema)
{
    for (const struct vmwire_structure *each = schema->structures; each; each = each->next)
        for (size_t i = 0; i < each->subsection_count; i++)
            each->subsections[i].existing = false;
}
