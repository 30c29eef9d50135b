/* SPDX-License-Identifier: MIT */
/*
 * Prints the decision table for machines.
 */
#include "program/compare/table_json.h"

#include <stdio.h>

#include "program/compare/figures.h"
#include "program/shared/json_line.h"

/* Puts null for numbers that do not exist: the stream was not written, or the reader rejected it. */
static void put_figures(json_t **object, const struct figures *figures)
{
    static const char *const of_writing[] = {"bytes", "bytes_added", "bytes_added_percent",
                                             "state_added_percent"};
    static const char *const of_reading[] = {"longest_lookahead", "bytes_examined_per_byte",
                                             "tokens", "peak_memory", "megabytes_per_second"};
    if (figures->written) {
        put_json_unsigned(object, of_writing[0], figures->bytes);
        put_json_signed(object, of_writing[1], compute_bytes_added(figures));
        put_json_real(object, of_writing[2], compute_percent_added(figures, figures->today));
        put_json_real(object, of_writing[3], compute_percent_added(figures, figures->state));
    } else {
        for (size_t i = 0; i < sizeof(of_writing) / sizeof(of_writing[0]); i++)
            put_json_null(object, of_writing[i]);
    }
    if (figures->read) {
        put_json_unsigned(object, of_reading[0], figures->cost.longest_lookahead);
        put_json_real(object, of_reading[1], compute_bytes_examined_per_byte(figures));
        put_json_unsigned(object, of_reading[2], figures->cost.tokens);
        put_json_unsigned(object, of_reading[3], figures->cost.peak_memory);
        put_json_real(object, of_reading[4], compute_megabytes_per_second(figures));
    } else {
        for (size_t i = 0; i < sizeof(of_reading) / sizeof(of_reading[0]); i++)
            put_json_null(object, of_reading[i]);
    }
}

static bool print_cell(const struct row *row, size_t option)
{
    const struct cell *cell = &row->cells[option];
    struct figures figures = sum_cell(row, cell);
    json_t *line = json_object();
    put_json_string(&line, "file", row->file);
    put_json_string(&line, "option", vmwire_options[option].name);
    put_json_string(&line, "outcome", vmwire_outcome_name(cell->outcome));
    put_json_boolean(&line, "written", cell->written);
    if (cell->outcome == VMWIRE_OUTCOME_REJECT)
        put_json_text(&line, "error", vmwire_bytes_of_string(cell->error.message));
    put_figures(&line, &figures);
    return print_json_line(stdout, line);
}

static bool print_option(const struct table *table, size_t option)
{
    struct figures figures = sum_option(table, option);
    json_t *line = json_object();
    put_json_string(&line, "summary", vmwire_options[option].name);
    put_json_unsigned(&line, "streams", table->row_count);
    for (int i = VMWIRE_OUTCOME_EXACT; i <= VMWIRE_OUTCOME_CORRUPT; i++) {
        enum vmwire_outcome outcome = (enum vmwire_outcome)i;
        put_json_unsigned(&line, vmwire_outcome_name(outcome),
                          count_outcomes(table, option, outcome));
    }
    put_figures(&line, &figures);
    return print_json_line(stdout, line);
}

bool print_table_json(const struct table *table)
{
    bool printed = true;
    for (size_t i = 0; i < table->row_count; i++)
        for (size_t j = 0; j < vmwire_option_count && printed; j++)
            printed = print_cell(&table->rows[i], j);
    for (size_t i = 0; i < vmwire_option_count && printed; i++)
        printed = print_option(table, i);
    return printed;
}
