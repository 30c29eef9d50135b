/* SPDX-License-Identifier: MIT */
/*
 * The results of a replay.
 */
#include "program/replay/replay_result.h"

const char *relation_name(enum relation relation)
{
    static const char *const names[] = {
        [SAME_ACCEPT] = "both accept",
        [SAME_TRUNCATED] = "both truncate",
        [SAME_REJECT] = "both reject",
        [APART_SEMANTIC] = "semantic",
        [APART_CRASH] = "crash",
        [APART_UNABLE] = "unable",
        [APART_SKEW] = "skew",
        [APART_UNDECIDED] = "undecided",
        [APART_LAYOUT] = "layout",
        [DIFFERENT_DECISION] = "another decision",
        [DIFFERENT_VERDICT] = "another answer",
    };
    return names[relation];
}

bool is_unexpected(const struct replay_cell *cell)
{
    return cell->applies && cell->expects && cell->outcome != cell->expected;
}

bool readers_differ(const struct replay_row *row)
{
    return row->asked &&
           (row->relation == DIFFERENT_DECISION || row->relation == DIFFERENT_VERDICT);
}

bool row_differs(const struct replay_row *row)
{
    for (size_t i = 0; i < vmwire_option_count; i++)
        if (is_unexpected(&row->cells[i]))
            return true;
    return readers_differ(row) || (row->asked && row->seen);
}
