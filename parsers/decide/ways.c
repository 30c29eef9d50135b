/* SPDX-License-Identifier: MIT */
/*
 * Keeps the ways apart only as far as the passed tails differ.
 */
#include "decide/ways.h"

void forget_ways(struct ways *ways)
{
    ways->count = 1;
    ways->full = false;
    ways->list[0].need_count = 0;
    forget_passed_tails(&ways->list[0].passed);
}

void pass_tail_on_all_ways(const struct engine *engine, struct ways *ways, size_t frame,
                           size_t node)
{
    for (size_t i = 0; i < ways->count; i++)
        add_passed_tail(engine, &ways->list[i].passed, frame, node);
}

static bool same_tails(const struct passed_tails *a, const struct passed_tails *b)
{
    if (a->count != b->count || a->full != b->full)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->tails[i].owner != b->tails[i].owner)
            return false;
    return true;
}

static void add_way(struct ways *ways, const struct way *way, struct vmwire_extent subsection)
{
    for (size_t i = 0; i < ways->count; i++)
        if (same_tails(&ways->list[i].passed, &way->passed))
            return;
    if (ways->count == WAYS_LIMIT || way->need_count == WAY_NEEDS_LIMIT) {
        ways->full = true;
        return;
    }
    struct way *added = &ways->list[ways->count++];
    *added = *way;
    added->needs[added->need_count++] = subsection;
}

void join_ways(struct ways *past, const struct ways *through, struct vmwire_extent subsection)
{
    past->full |= through->full;
    for (size_t i = 0; i < through->count; i++)
        add_way(past, &through->list[i], subsection);
}
