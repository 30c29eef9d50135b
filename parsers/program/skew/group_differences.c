/* SPDX-License-Identifier: MIT */
/*
 * Compares differences without their place, and puts those that are the same into one group.
 */
#include "program/skew/group_differences.h"

#include <string.h>

#include "program/skew/device_name.h"

/* The last name of a path, up to the index of an element. */
static struct vmwire_bytes last_name(const char *path)
{
    const char *name = path ? path : "";
    for (const char *each = name; *each; each++)
        if (*each == '.' || *each == '/')
            name = each + 1;
    return (struct vmwire_bytes){(const uint8_t *)name, strcspn(name, "[")};
}

const char *inner_structure(const struct vmwire_difference *difference)
{
    bool own = same_text(difference->structure, difference->section) ||
               same_text(difference->structure, device_of_section(difference->section));
    return own ? NULL : difference->structure;
}

static bool same_field(const struct vmwire_difference *a, const struct vmwire_difference *b)
{
    struct vmwire_bytes one = last_name(a->path), other = last_name(b->path);
    return same_text(inner_structure(a), inner_structure(b)) && one.length == other.length &&
           memcmp(one.data, other.data, one.length) == 0;
}

static bool same_difference(const struct vmwire_difference *a, const struct vmwire_difference *b)
{
    return a->certainty == b->certainty && a->outcome == b->outcome && a->rule == b->rule &&
           a->bytes == b->bytes && same_field(a, b) && same_text(a->writer, b->writer) &&
           same_text(a->reader, b->reader) && same_text(a->when, b->when) &&
           same_text(a->advice, b->advice);
}

bool same_section(const struct vmwire_difference *a, const struct vmwire_difference *b)
{
    return a->instance_id == b->instance_id && same_text(a->section, b->section);
}

bool same_sections(const struct difference_group *a, const struct difference_group *b)
{
    if (a->members[0]->certainty != b->members[0]->certainty || a->sections != b->sections)
        return false;
    for (size_t i = 0, j = 0; i < a->count && j < b->count;) {
        if (!same_section(a->members[i], b->members[j]))
            return false;
        const struct vmwire_difference *one = a->members[i], *other = b->members[j];
        while (i < a->count && same_section(a->members[i], one))
            i++;
        while (j < b->count && same_section(b->members[j], other))
            j++;
    }
    return true;
}

static struct difference_group *find_group(const struct difference_groups *groups,
                                           const struct vmwire_difference *difference)
{
    for (size_t i = groups->count; i--;)
        if (same_difference(groups->list[i].members[0], difference))
            return &groups->list[i];
    return NULL;
}

/* Behind the last group that begins with the same section, or at the end. */
static struct difference_group *insert_group(struct difference_groups *groups,
                                             const struct vmwire_difference *difference,
                                             struct vmwire_arena *arena)
{
    groups->list =
        vmwire_arena_grow(arena, groups->list, groups->count, &groups->room, sizeof(*groups->list));
    size_t at = groups->count;
    for (size_t i = groups->count; i-- && at == groups->count;)
        if (groups->list[i].members[0]->certainty == difference->certainty &&
            same_section(groups->list[i].members[0], difference))
            at = i + 1;
    memmove(groups->list + at + 1, groups->list + at,
            (groups->count++ - at) * sizeof(*groups->list));
    groups->list[at] = (struct difference_group){NULL, 0, 0, 0};
    return &groups->list[at];
}

/* Behind those of the same section, or at the end. */
static void add_member(struct difference_group *group, const struct vmwire_difference *difference,
                       struct vmwire_arena *arena)
{
    group->members = vmwire_arena_grow(arena, group->members, group->count, &group->room,
                                       sizeof(*group->members));
    size_t at = group->count;
    while (at && !same_section(group->members[at - 1], difference))
        at--;
    group->sections += at == 0;
    at = at ? at : group->count;
    memmove(group->members + at + 1, group->members + at,
            (group->count++ - at) * sizeof(*group->members));
    group->members[at] = difference;
}

void group_differences(const struct crossing *crossing, struct vmwire_arena *arena,
                       struct difference_groups *groups)
{
    *groups = (struct difference_groups){NULL, 0, 0};
    for (int certainty = 0; certainty < CERTAINTIES; certainty++)
        for (size_t i = 0; i < crossing->count; i++) {
            const struct vmwire_difference *difference = crossing->list[i];
            if (difference->certainty != (enum vmwire_certainty)certainty)
                continue;
            struct difference_group *group = find_group(groups, difference);
            group = group ? group : insert_group(groups, difference, arena);
            add_member(group, difference, arena);
        }
}
