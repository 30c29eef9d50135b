/* SPDX-License-Identifier: MIT */
/*
 * The ways in which states come to a place in step. Behind an optional subsection there are two: through the
 * subsection, or past it. They differ in the tails that the reader has passed since it last read a byte. This
 * file must not know the walk, nor what a tail takes.
 */
#ifndef VMWIRE_DECIDE_WAYS_H
#define VMWIRE_DECIDE_WAYS_H

#include "decide/tail_rules.h"

enum { WAYS_LIMIT = 12, WAY_NEEDS_LIMIT = 4 };

struct way {
    struct passed_tails passed;
    struct vmwire_extent
        needs[WAY_NEEDS_LIMIT]; /* the optional subsections that it leads through */
    size_t need_count;
};

struct ways {
    struct way list[WAYS_LIMIT];
    size_t count;
    bool full; /* a way was left out */
};

/* The reader has read a byte, or none yet: there is one way, and no tail was passed. */
void forget_ways(struct ways *ways);

/* On every way, the reader has passed this tail. */
void pass_tail_on_all_ways(const struct engine *engine, struct ways *ways, size_t frame,
                           size_t node);

/* Behind an optional subsection: adds to the ways past it, those through it, which `through` then needs. */
void join_ways(struct ways *past, const struct ways *through, struct vmwire_extent subsection);

#endif
