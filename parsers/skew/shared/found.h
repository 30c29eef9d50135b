/* SPDX-License-Identifier: MIT */
/*
 * The two sides while they are compared, and the differences that were found so far. Each part of this folder adds its own.
 */
#ifndef VMWIRE_SKEW_SHARED_FOUND_H
#define VMWIRE_SKEW_SHARED_FOUND_H

#include "vmwire/skew.h"

struct skew {
    const struct vmwire_side *writer, *reader;
    struct vmwire_arena *arena;
    struct vmwire_difference *list;
    size_t count, room;
    const struct vmwire_layouts *layouts; /* what grammar/layouts tells; NULL: not asked yet */
};

/* The rule of this id: it must be one of grammar/loader.toml. */
const struct vmwire_skew_rule *skew_rule(const char *id);

/* A difference by this rule, without a place: the reader always refuses. */
struct vmwire_difference certain_difference(const char *rule);

/* Adds a difference. What is not set of its message and advice is that of its rule. */
void add_difference(struct skew *skew, struct vmwire_difference difference);

#endif
