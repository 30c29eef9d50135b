/* SPDX-License-Identifier: MIT */
/*
 * Prints the decision table for machines.
 */
#include "program/compare/table_json.h"

#include <stdio.h>

#include "program/compare/figures.h"
#include "program/shared/json_writer.h"

/* Writes null for numbers that do not exist: the stream was not written, or the reader rejected it. */
static void write_figures(struct json_writer *json, const struct figures *figures)
{
    static const char *const of_writing[] = {"bytes", "bytes_added", "bytes_added_percent",
                                             "state_added_percent"};
    static const char *const of_reading[] = {"longest_lookahead", "bytes_examined_per_byte",
                                             "tokens", "peak_memory", "megabytes_per_second"};
    if (figures->written) {
        write_json_unsigned(json, of_writing[0], figures->bytes);
        write_json_signed(json, of_writing[1], compute_bytes_added(figures));
        write_json_real(json, of_writing[2], compute_percent_added(figures, figures->today));
        write_json_real(json, of_writing[3], compute_percent_added(figures, figures->state));
    } else {
        for (size_t i = 0; i < sizeof(of_writing) / sizeof(of_writing[0]); i++)
            write_json_null(json, of_writing[i]);
    }
    if (figures->read) {
        write_json_unsigned(json, of_reading[0], figures->cost.longest_lookahead);
        write_json_real(json, of_reading[1], compute_bytes_examined_per_byte(figures));
        write_json_unsigned(json, of_reading[2], figures->cost.tokens);
        write_json_unsigned(json, of_reading[3], figures->cost.peak_memory);
        write_json_real(json, of_reading[4], compute_megabytes_per_second(figures));
    } else {
        for (size_t i = 0; i < sizeof(of_reading) / sizeof(of_reading[0]); i++)
            write_json_null(json, of_reading[i]);
    }
}

static void print_cell(const struct row *row, size_t option)
{
    const struct cell *cell = &row->cells[option];
    struct figures figures = sum_cell(row, cell);
    struct json_writer json = {.output = stdout};
    open_json_object(&json, NULL);
    write_json_string(&json, "file", row->file);
    write_json_string(&json, "option", vmwire_options[option].name);
    write_json_string(&json, "outcome", vmwire_outcome_name(cell->outcome));
    write_json_boolean(&json, "written", cell->written);
    if (cell->outcome == VMWIRE_OUTCOME_REJECT)
        write_json_text(&json, "error", vmwire_bytes_of_string(cell->error.message));
    write_figures(&json, &figures);
    end_json_line(&json);
}

static void print_option(const struct table *table, size_t option)
{
    struct figures figures = sum_option(table, option);
    struct json_writer json = {.output = stdout};
    open_json_object(&json, NULL);
    write_json_string(&json, "summary", vmwire_options[option].name);
    write_json_unsigned(&json, "streams", table->row_count);
    for (int i = VMWIRE_OUTCOME_EXACT; i <= VMWIRE_OUTCOME_CORRUPT; i++) {
        enum vmwire_outcome outcome = (enum vmwire_outcome)i;
        write_json_unsigned(&json, vmwire_outcome_name(outcome),
                            count_outcomes(table, option, outcome));
    }
    write_figures(&json, &figures);
    end_json_line(&json);
}

void print_table_json(const struct table *table)
{
    for (size_t i = 0; i < table->row_count; i++)
        for (size_t j = 0; j < vmwire_option_count; j++)
            print_cell(&table->rows[i], j);
    for (size_t i = 0; i < vmwire_option_count; i++)
        print_option(table, i);
}
