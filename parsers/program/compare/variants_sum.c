/* SPDX-License-Identifier: MIT */
/*
 * Adds up the cells of one variant over all streams.
 */
#include "program/compare/variants_sum.h"

void add_variant_cell(struct variant_sum *sum, const struct variant_cell *cell)
{
    if (!cell->applies)
        return;
    sum->streams++;
    sum->decided += cell->decided;
    sum->changed += cell->changed;
    sum->added += cell->added;
    sum->tails += cell->tails;
    sum->reject += cell->reject;
    sum->silent += cell->silent;
    sum->undecided += cell->undecided;
    sum->chance = cell->chance > sum->chance ? cell->chance : sum->chance;
    sum->before[cell->before]++;
    sum->unknown_refused += cell->unknown_refused;
    sum->unknown_silent += cell->unknown_silent;
    sum->unknown_can_be_silent += cell->unknown_can_be_silent;
    sum->unknown_undecided += cell->unknown_undecided;
    sum->own_reads += cell->own == VMWIRE_OUTCOME_EXACT;
    sum->held = cell->held > sum->held ? cell->held : sum->held;
    sum->sections += cell->sections;
    sum->refused_sections += cell->refused_sections;
    sum->assumed += cell->assumed;
    sum->not_known += cell->not_known;
    sum->ambiguous += cell->ambiguous;
    sum->ambiguity_undecided += cell->ambiguity_undecided;
    sum->newer_refused += cell->newer_refused;
    add_crossings_sum(&sum->crossings, &cell->crossings);
    for (int i = 0; i < RELEASE_DIFFERENCES; i++) {
        sum->differences[i].silent += cell->differences[i].silent;
        sum->differences[i].refused += cell->differences[i].refused;
        sum->differences[i].undecided += cell->differences[i].undecided;
        sum->differences[i].harmless += cell->differences[i].harmless;
    }
}

struct variant_sum sum_variant(const struct table *table, size_t variant)
{
    struct variant_sum sum = {0};
    for (size_t i = 0; i < table->row_count; i++)
        add_variant_cell(&sum, &table->rows[i].variants[variant]);
    return sum;
}
