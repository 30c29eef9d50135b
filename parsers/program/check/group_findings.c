/* SPDX-License-Identifier: MIT */
/*
 * Puts findings that differ in array indices only into one group.
 */
#include "program/check/group_findings.h"

#include <string.h>

static char *remove_indices(struct vmwire_arena *arena, const char *path)
{
    char *plain = vmwire_arena_string(arena, path, strlen(path));
    char *end = plain;
    for (const char *each = path; *each; each++) {
        size_t digits = *each == '[' ? strspn(each + 1, "0123456789") : 0;
        if (digits && each[1 + digits] == ']')
            each += 1 + digits;
        else
            *end++ = *each;
    }
    *end = '\0';
    return plain;
}

static bool is_in_group(const struct finding_group *group, const struct vmwire_finding *finding,
                        const char *path)
{
    return group->finding->item == finding->item &&
           group->finding->owner->name == finding->owner->name &&
           group->finding->outcome == finding->outcome &&
           group->finding->differs == finding->differs && strcmp(group->path, path) == 0;
}

static void add_finding(struct examination *examination, const struct part *part,
                        const struct vmwire_finding *finding)
{
    char *path = remove_indices(examination->arena, finding->path);
    for (size_t i = examination->group_count; i-- > 0;) {
        struct finding_group *group = &examination->groups[i];
        if (group->finding->item != finding->item)
            break;
        if (is_in_group(group, finding, path)) {
            group->count++;
            return;
        }
    }
    examination->groups =
        vmwire_arena_grow(examination->arena, examination->groups, examination->group_count,
                          &examination->group_room, sizeof(struct finding_group));
    examination->groups[examination->group_count++] =
        (struct finding_group){part, finding, path, 1};
}

void group_findings(struct examination *examination)
{
    for (size_t i = 0; i < examination->part_count; i++) {
        const struct part *part = &examination->parts[i];
        for (size_t j = 0; j < part->decision.tail_count; j++)
            for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++)
                if (part->decision.tails[j].findings[outcome])
                    add_finding(examination, part, part->decision.tails[j].findings[outcome]);
    }
}
