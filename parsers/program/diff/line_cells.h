/* SPDX-License-Identifier: MIT */
/*
 * What a line about a difference says: its path, and the value of each side. A cell can be measured before it is printed. Knows
 * nothing of columns.
 */
#ifndef VMWIRE_PROGRAM_DIFF_LINE_CELLS_H
#define VMWIRE_PROGRAM_DIFF_LINE_CELLS_H

#include <stdio.h>

#include "program/diff/difference.h"

enum { VALUE_WIDTH_MOST = 40 }; /* characters of a value in a column */

/* Where a cell goes: to an output, or it is only measured. */
struct ink {
    FILE *output; /* NULL: measured */
    size_t width;
};

/* A difference has a line; a long value one for each run of bytes that differ. */
struct line {
    const struct difference *difference;
    bool has_run;
    size_t begin, end; /* of the run */
    bool is_rest;      /* the runs behind it, which are not shown */
    size_t bytes_left; /* that differ in them */
};

/* Whether the values of both sides are shown as texts. */
bool are_texts(const struct difference *difference);

void write_path(struct ink *ink, const struct line *line);

/* `all`: long values are not cut off. */
void write_side(struct ink *ink, const struct line *line, int number, bool all);

#endif
