/* SPDX-License-Identifier: MIT */
/*
 * Adds up the cells of one variant over all streams.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_VARIANTS_SUM_H
#define VMWIRE_PROGRAM_COMPARE_VARIANTS_SUM_H

#include "program/compare/table.h"

/* What a variant comes to. Counts of streams are of those in which it applies. */
struct variant_sum {
    size_t streams, decided, changed;
    int64_t added;
    size_t tails, reject, silent, undecided; /* of the streams that are decided */
    double chance;                           /* of a stream, the highest */
    size_t own_reads;                        /* streams that its own reader restores exactly */
    size_t before[VMWIRE_OUTCOME_CORRUPT + 1];
    size_t unknown_refused, unknown_silent, unknown_can_be_silent, unknown_undecided;
    uint64_t held; /* the most of a stream */
    size_t sections, refused_sections, assumed, not_known;
    size_t ambiguous, ambiguity_undecided, newer_refused;
    struct crossings crossings;
    struct difference_sum differences[RELEASE_DIFFERENCES];
};

struct variant_sum sum_variant(const struct table *table, size_t variant);

/* Adds one cell. */
void add_variant_cell(struct variant_sum *sum, const struct variant_cell *cell);

#endif
