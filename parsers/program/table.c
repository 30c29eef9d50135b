/*
 * The decision table, for people and for machines. Knows what was measured, not how.
 */
#include "table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json_writer.h"
#include "text.h"

/* What is printed of one cell, or of an option over all streams. */
struct figures {
    size_t written, read;         /* how many cells: what follows is of these */
    uint64_t bytes, today, state; /* written: as the option writes, as they came */
    struct cost cost; /* read, and not rejected: what a rejecting reader has read by then
                                     says nothing of what the option costs */
    double seconds;
};

static void add_cost(struct cost *sum, const struct cost *cost)
{
    for (int account = 0; account < ACCOUNT_COUNT; account++)
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
    if (cell->outcome == OUTCOME_REJECT)
        return;
    figures->read++;
    figures->seconds += cell->seconds;
    add_cost(&figures->cost, &cell->cost);
}

static struct figures figures_of_cell(const struct row *row, const struct cell *cell)
{
    struct figures figures = {0};
    add_cell(&figures, row, cell);
    return figures;
}

static struct figures figures_of_option(const struct table *table, size_t option)
{
    struct figures figures = {0};
    for (size_t i = 0; i < table->row_count; i++)
        add_cell(&figures, &table->rows[i], &table->rows[i].cells[option]);
    return figures;
}

static size_t count_outcomes(const struct table *table, size_t option, enum outcome outcome)
{
    size_t count = 0;
    for (size_t i = 0; i < table->row_count; i++)
        count += table->rows[i].cells[option].outcome == outcome;
    return count;
}

static double ratio(double part, uint64_t whole)
{
    return whole ? part / (double)whole : 0;
}

static int64_t bytes_added(const struct figures *figures)
{
    return (int64_t)(figures->bytes - figures->today);
}

static double added_percent(const struct figures *figures, uint64_t whole)
{
    return 100 * ratio((double)bytes_added(figures), whole);
}

static double examined_per_byte(const struct figures *figures)
{
    return ratio((double)figures->cost.bytes_examined, cost_bytes_read(&figures->cost));
}

static double megabytes_per_second(const struct figures *figures)
{
    double megabytes = (double)cost_bytes_read(&figures->cost) / 1e6;
    return figures->seconds > 0 ? megabytes / figures->seconds : 0;
}

/* ---- As text -----------------------------------------------------------------------------------
 */

static void print_string(const char *name)
{
    print_text(stdout, bytes_of_string(name));
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
        printf(" %+9" PRId64 " %+7.3f %+7.3f", bytes_added(figures),
               added_percent(figures, figures->today), added_percent(figures, figures->state));
    else
        printf(" %9s %7s %7s", "-", "-", "-");
    if (figures->read)
        printf(" %6" PRIu64 " %7.3f %9" PRIu64 " %8" PRIu64 " %8.0f\n",
               figures->cost.longest_lookahead, examined_per_byte(figures), figures->cost.tokens,
               figures->cost.peak_memory / 1024, megabytes_per_second(figures));
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
    for (size_t i = 0; i < protocol_option_count; i++) {
        struct figures figures = figures_of_option(table, i);
        printf("%-11s", protocol_options[i].name);
        for (int outcome = OUTCOME_EXACT; outcome <= OUTCOME_CORRUPT; outcome++)
            printf(" %6zu", count_outcomes(table, i, (enum outcome)outcome));
        print_figures(&figures);
    }
}

static void print_reject(const struct error *error)
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
    for (size_t i = 0; i < protocol_option_count; i++) {
        const struct cell *cell = &row->cells[i];
        printf("  %-11s %-10s ", protocol_options[i].name, outcome_name(cell->outcome));
        if (!cell->written) {
            printf("cannot be written: ");
            print_string(cell->error.message);
            putchar('\n');
            continue;
        }
        struct figures figures = figures_of_cell(row, cell);
        printf("%13s", "");
        print_figures(&figures);
        if (cell->outcome == OUTCOME_REJECT)
            print_reject(&cell->error);
    }
}

void table_print_text(const struct table *table)
{
    print_summary(table);
    putchar('\n');
    char head[64];
    snprintf(head, sizeof(head), "%-38s", "each stream, the same columns:");
    print_head(head);
    for (size_t i = 0; i < table->row_count; i++)
        print_row(&table->rows[i]);
}

/* ---- As JSON -----------------------------------------------------------------------------------
 */

/* null: nothing was written, or read and not rejected. */
static void put_figures(struct json_writer *json, const struct figures *figures)
{
    static const char *const of_writing[] = {"bytes", "bytes_added", "bytes_added_percent",
                                             "state_added_percent"};
    static const char *const of_reading[] = {"longest_lookahead", "bytes_examined_per_byte",
                                             "tokens", "peak_memory", "megabytes_per_second"};
    if (figures->written) {
        json_writer_unsigned(json, of_writing[0], figures->bytes);
        json_writer_signed(json, of_writing[1], bytes_added(figures));
        json_writer_real(json, of_writing[2], added_percent(figures, figures->today));
        json_writer_real(json, of_writing[3], added_percent(figures, figures->state));
    } else {
        for (size_t i = 0; i < sizeof(of_writing) / sizeof(of_writing[0]); i++)
            json_writer_null(json, of_writing[i]);
    }
    if (figures->read) {
        json_writer_unsigned(json, of_reading[0], figures->cost.longest_lookahead);
        json_writer_real(json, of_reading[1], examined_per_byte(figures));
        json_writer_unsigned(json, of_reading[2], figures->cost.tokens);
        json_writer_unsigned(json, of_reading[3], figures->cost.peak_memory);
        json_writer_real(json, of_reading[4], megabytes_per_second(figures));
    } else {
        for (size_t i = 0; i < sizeof(of_reading) / sizeof(of_reading[0]); i++)
            json_writer_null(json, of_reading[i]);
    }
}

static void put_cell(const struct row *row, size_t option)
{
    const struct cell *cell = &row->cells[option];
    struct figures figures = figures_of_cell(row, cell);
    struct json_writer json = {.output = stdout};
    json_writer_open_object(&json, NULL);
    json_writer_string(&json, "file", row->file);
    json_writer_string(&json, "option", protocol_options[option].name);
    json_writer_string(&json, "outcome", outcome_name(cell->outcome));
    json_writer_boolean(&json, "written", cell->written);
    if (cell->outcome == OUTCOME_REJECT)
        json_writer_text(&json, "error", bytes_of_string(cell->error.message));
    put_figures(&json, &figures);
    json_writer_end_line(&json);
}

static void put_summary(const struct table *table, size_t option)
{
    struct figures figures = figures_of_option(table, option);
    struct json_writer json = {.output = stdout};
    json_writer_open_object(&json, NULL);
    json_writer_string(&json, "summary", protocol_options[option].name);
    json_writer_unsigned(&json, "streams", table->row_count);
    for (int i = OUTCOME_EXACT; i <= OUTCOME_CORRUPT; i++) {
        enum outcome outcome = (enum outcome)i;
        json_writer_unsigned(&json, outcome_name(outcome), count_outcomes(table, option, outcome));
    }
    put_figures(&json, &figures);
    json_writer_end_line(&json);
}

void table_print_json(const struct table *table)
{
    for (size_t i = 0; i < table->row_count; i++)
        for (size_t j = 0; j < protocol_option_count; j++)
            put_cell(&table->rows[i], j);
    for (size_t i = 0; i < protocol_option_count; i++)
        put_summary(table, i);
}
