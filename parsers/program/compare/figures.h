/* SPDX-License-Identifier: MIT */
/*
 * Adds up the cells of the table and computes the numbers that are printed.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_FIGURES_H
#define VMWIRE_PROGRAM_COMPARE_FIGURES_H

#include "program/compare/table.h"

/* The sum of one cell, or of all cells of an option. */
struct figures {
    size_t written; /* cells whose stream could be written; the next three count these */
    uint64_t bytes; /* length as written under the option */
    uint64_t today; /* length as in the files */
    uint64_t state; /* bytes of device state in the files */
    size_t read;    /* cells whose reader did not reject; the next two count these, because a
                         reader that rejects has read only a part */
    struct vmwire_cost cost; /* of reading */
    double seconds;          /* for reading */
};

struct figures sum_cell(const struct row *row, const struct cell *cell);
struct figures sum_option(const struct table *table, size_t option);

/* Counts the streams that have this outcome under the option. */
size_t count_outcomes(const struct table *table, size_t option, enum vmwire_outcome outcome);

int64_t compute_bytes_added(const struct figures *figures);

/* The bytes added in per cent of `whole` bytes. */
double compute_percent_added(const struct figures *figures, uint64_t whole);

double compute_bytes_examined_per_byte(const struct figures *figures);
double compute_megabytes_per_second(const struct figures *figures);

#endif
