/* SPDX-License-Identifier: MIT */
/*
 * Reads both streams for each share of their entries, and compares what was sent last under each key.
 */
#include "program/diff/compare_entries.h"

/* For more pages, the table takes a share at a time from the beginning. */
enum { PAGES_AT_ONCE = 1 << 18 };

/* Returns false with the error set when memory runs out; otherwise the comparison's answer tells whether the table was large
 * enough. */
static bool read_side(struct entry_comparison *comparison, int side)
{
    const struct entry_source *source = &comparison->sources[side];
    struct entry_reading entries = {.comparison = comparison, .side = side, .kind = -1};
    struct vmwire_reading reading = {.option = source->option,
                                     .input = source->stream,
                                     .schema = source->schema,
                                     .entry_sink = {&entries, take_entry}};
    struct vmwire_cost cost;
    if (!vmwire_stream_read(&reading, &cost, comparison->error))
        return false;
    return comparison->answer != TABLE_NO_MEMORY || vmwire_error_set_memory(comparison->error, 0);
}

static bool tally_table(void *context)
{
    struct entry_comparison *comparison = context;
    for (size_t i = 0; i < comparison->table.room; i++)
        if (comparison->table.slots[i].key)
            tally_entry(&comparison->owners, &comparison->table.slots[i]);
    return true;
}

/* Compares one share. */
static bool compare_share(struct entry_comparison *comparison)
{
    clear_table(&comparison->table);
    for (int side = 0; side < SIDE_COUNT && comparison->answer == TABLE_TAKEN; side++)
        if (!read_side(comparison, side))
            return false;
    return comparison->answer != TABLE_TAKEN ||
           vmwire_arena_attempt(comparison->owners.arena, tally_table, comparison,
                                comparison->error);
}

/* Where a share does not fit, all begins anew with smaller ones. */
static bool compare_shares(struct entry_comparison *comparison)
{
    struct entry_table *table = &comparison->table;
    for (table->share = 0; table->share < table->shares; table->share++) {
        comparison->answer = TABLE_TAKEN;
        if (!compare_share(comparison))
            return false;
        if (comparison->answer != TABLE_FULL)
            continue;
        forget_counts(&comparison->owners);
        table->shares *= 2;
        table->share = UINT64_MAX; /* the next one is 0 */
    }
    return true;
}

static bool add_differences(void *context)
{
    struct entry_comparison *comparison = context;
    add_owner_differences(comparison->differences, &comparison->owners);
    return true;
}

bool compare_entries(struct differences *differences, const struct entry_source sources[SIDE_COUNT],
                     struct vmwire_error *error)
{
    uint64_t a = sources[SIDE_A].pages, b = sources[SIDE_B].pages;
    struct entry_comparison comparison = {.differences = differences,
                                          .sources = sources,
                                          .owners = {.arena = differences->arena},
                                          .table = {.shares = (a > b ? a : b) / PAGES_AT_ONCE + 1},
                                          .error = error};
    comparison.owners.end = &comparison.owners.first;
    bool compared = compare_shares(&comparison) &&
                    vmwire_arena_attempt(differences->arena, add_differences, &comparison, error);
    free_table(&comparison.table);
    return compared;
}
