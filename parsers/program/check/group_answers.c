/* SPDX-License-Identifier: MIT */
/*
 * Puts answers that differ in array indices only into one group.
 */
#include "program/check/group_answers.h"

#include <string.h>

#include "program/check/witness.h"

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

static bool is_same_finding(const struct vmwire_finding *a, const struct vmwire_finding *b)
{
    return a && b ? a->outcome == b->outcome && a->differs == b->differs : a == b;
}

static bool is_in_group(const struct answer_group *group, const struct answer_group *answer)
{
    return owner_of(group)->name == owner_of(answer)->name &&
           is_same_finding(group->finding, answer->finding) &&
           (answer->finding || (group->tail->reason == answer->tail->reason &&
                                group->tail->verdict == answer->tail->verdict)) &&
           strcmp(group->path, answer->path) == 0;
}

static void add_answer(struct examination *examination, struct answer_groups *groups,
                       const struct part *part, const struct vmwire_tail_verdict *tail,
                       const struct vmwire_finding *finding)
{
    const char *path = finding ? finding->path : tail->path;
    const struct answer_group answer = {part, tail, finding,
                                        remove_indices(examination->arena, path), 1};
    for (size_t i = groups->count; i-- > 0 && groups->list[i].tail->item == tail->item;)
        if (is_in_group(&groups->list[i], &answer)) {
            groups->list[i].count++;
            return;
        }
    groups->list = vmwire_arena_grow(examination->arena, groups->list, groups->count, &groups->room,
                                     sizeof(answer));
    groups->list[groups->count++] = answer;
}

static void add_tail(struct examination *examination, const struct part *part,
                     const struct vmwire_tail_verdict *tail)
{
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++)
        if (tail->findings[outcome])
            add_answer(examination, &examination->findings, part, tail, tail->findings[outcome]);
    if (tail->reason)
        add_answer(examination, &examination->undecided, part, tail, NULL);
}

void group_answers(struct examination *examination)
{
    for (size_t i = 0; i < examination->part_count; i++) {
        const struct part *part = &examination->parts[i];
        for (size_t j = 0; j < part->decision.tail_count; j++)
            add_tail(examination, part, &part->decision.tails[j]);
    }
}
