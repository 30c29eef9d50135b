/* SPDX-License-Identifier: MIT */
/*
 * Adds up the cells of the table and computes the numbers that are printed.
 */
#include "program/compare/figures.h"

static void add_cost(struct vmwire_cost *sum, const struct vmwire_cost *cost)
{
    for (int account = 0; account < VMWIRE_ACCOUNT_COUNT; account++)
        sum->accounted[account] += cost->accounted[account];
    sum->bytes_examined += cost->bytes_examined;
    sum->tokens += cost->tokens;
    if (cost->longest_lookahead > sum->longest_lookahead)
        sum->longest_lookahead = cost->longest_lookahead;
    if (cost->peak_memory > sum->peak_memory)
        sum->peak_memory = cost->peak_memory;
}

static void add_cell(struct figures *figures, const struct row *row, const struct cell *cell)
{
    if (!cell->written)
        return;
    figures->written++;
    figures->bytes += cell->bytes;
    figures->today += row->bytes;
    figures->state += row->state;
    if (cell->outcome == VMWIRE_OUTCOME_REJECT)
        return;
    figures->read++;
    figures->seconds += cell->seconds;
    add_cost(&figures->cost, &cell->cost);
}

struct figures sum_cell(const struct row *row, const struct cell *cell)
{
    struct figures figures = {0};
    add_cell(&figures, row, cell);
    return figures;
}

struct figures sum_option(const struct table *table, size_t option)
{
    struct figures figures = {0};
    for (size_t i = 0; i < table->row_count; i++)
        add_cell(&figures, &table->rows[i], &table->rows[i].cells[option]);
    return figures;
}

size_t count_outcomes(const struct table *table, size_t option, enum vmwire_outcome outcome)
{
    size_t count = 0;
    for (size_t i = 0; i < table->row_count; i++)
        count += table->rows[i].cells[option].outcome == outcome;
    return count;
}

static double divide(double part, uint64_t whole)
{
    return whole ? part / (double)whole : 0;
}

int64_t compute_bytes_added(const struct figures *figures)
{
    return (int64_t)(figures->bytes - figures->today);
}

double compute_percent_added(const struct figures *figures, uint64_t whole)
{
    return 100 * divide((double)compute_bytes_added(figures), whole);
}

double compute_bytes_examined_per_byte(const struct figures *figures)
{
    return divide((double)figures->cost.bytes_examined, vmwire_cost_bytes_read(&figures->cost));
}

double compute_megabytes_per_second(const struct figures *figures)
{
    double megabytes = (double)vmwire_cost_bytes_read(&figures->cost) / 1e6;
    return figures->seconds > 0 ? megabytes / figures->seconds : 0;
}
