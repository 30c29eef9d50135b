/* SPDX-License-Identifier: MIT */
/*
 * Prints the decision table for people.
 */
#include "program/compare/table_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "program/compare/figures.h"
#include "program/shared/terminal_text.h"

static void print_string(const char *name)
{
    print_text(stdout, vmwire_bytes_of_string(name));
}

static void print_head(const char *first)
{
    printf("%s %9s %7s %7s %6s %7s %9s %8s %8s\n", first, "bytes", "bytes", "bytes", "look-",
           "exam'd", "tokens", "peak", "read");
    printf("%*s %9s %7s %7s %6s %7s %9s %8s %8s\n", (int)strlen(first), "", "added", "added %",
           "state %", "ahead", "a byte", "", "KiB", "MB/s");
}

static void print_figures(const struct figures *figures)
{
    if (figures->written)
        printf(" %+9" PRId64 " %+7.3f %+7.3f", compute_bytes_added(figures),
               compute_percent_added(figures, figures->today),
               compute_percent_added(figures, figures->state));
    else
        printf(" %9s %7s %7s", "-", "-", "-");
    if (figures->read)
        printf(" %6" PRIu64 " %7.3f %9" PRIu64 " %8" PRIu64 " %8.0f\n",
               figures->cost.longest_lookahead, compute_bytes_examined_per_byte(figures),
               figures->cost.tokens, figures->cost.peak_memory / 1024,
               compute_megabytes_per_second(figures));
    else
        printf(" %6s %7s %9s %8s %8s\n", "-", "-", "-", "-", "-");
}

static void print_summary(const struct table *table)
{
    char head[64];
    snprintf(head, sizeof(head), "%-11s %6s %6s %6s %6s", "option", "exact", "reject", "trunc.",
             "corr.");
    printf("%zu streams, each written and read back under each option:\n\n", table->row_count);
    print_head(head);
    for (size_t i = 0; i < vmwire_option_count; i++) {
        struct figures figures = sum_option(table, i);
        printf("%-11s", vmwire_options[i].name);
        for (int outcome = VMWIRE_OUTCOME_EXACT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++)
            printf(" %6zu", count_outcomes(table, i, (enum vmwire_outcome)outcome));
        print_figures(&figures);
    }
}

static void print_reject(const struct vmwire_error *error)
{
    printf("%14soffset %#" PRIx64 ", section ", "", error->offset);
    print_string(error->section);
    printf(", path ");
    print_string(error->path);
    printf(":\n%14s", "");
    print_string(error->message);
    putchar('\n');
}

static void print_row(const struct row *row)
{
    putchar('\n');
    print_string(row->file);
    printf(", %" PRIu64 " bytes, %" PRIu64 " of them the state of the devices\n", row->bytes,
           row->state);
    for (size_t i = 0; i < vmwire_option_count; i++) {
        const struct cell *cell = &row->cells[i];
        printf("  %-11s %-10s ", vmwire_options[i].name, vmwire_outcome_name(cell->outcome));
        if (!cell->written) {
            printf("cannot be written: ");
            print_string(cell->error.message);
            putchar('\n');
            continue;
        }
        struct figures figures = sum_cell(row, cell);
        printf("%13s", "");
        print_figures(&figures);
        if (cell->outcome == VMWIRE_OUTCOME_REJECT)
            print_reject(&cell->error);
    }
}

void print_table_text(const struct table *table)
{
    print_summary(table);
    putchar('\n');
    char head[64];
    snprintf(head, sizeof(head), "%-38s", "each stream, the same columns:");
    print_head(head);
    for (size_t i = 0; i < table->row_count; i++)
        print_row(&table->rows[i]);
}
