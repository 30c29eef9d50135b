/* SPDX-License-Identifier: MIT */
/*
 * Prints the results of a replay for people.
 */
#include "program/replay/report_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "program/shared/terminal_text.h"

/* ---- Differences ------------------------------------------------------------------------------- */

static void print_name(const char *name)
{
    print_text(stdout, vmwire_bytes_of_string(name));
}

static void print_offset(uint64_t offset)
{
    if (offset != VMWIRE_ERROR_NO_OFFSET)
        printf(" at %" PRIx64, offset);
}

static void print_unexpected(const struct replay_row *row)
{
    for (size_t i = 0; i < vmwire_option_count; i++) {
        const struct replay_cell *cell = &row->cells[i];
        if (!is_unexpected(cell))
            continue;
        printf("  ");
        print_name(row->name);
        printf(": %s: expected %s, found %s", vmwire_options[i].name,
               vmwire_outcome_name(cell->expected), vmwire_outcome_name(cell->outcome));
        print_offset(cell->offset);
        printf("%s", cell->message[0] ? ": " : "");
        print_name(cell->message);
        putchar('\n');
    }
}

/* Why an undecided row is so. */
static void print_doubt(const struct replay_row *row)
{
    const struct replay_doubt *doubt = &row->doubts[row->doubt_count - 1];
    printf("  ");
    print_name(row->name);
    printf(": undecided");
    if (doubt->idstr.data) {
        printf(" in ");
        print_text(stdout, doubt->idstr);
        printf(" instance %" PRIu32, doubt->instance_id);
    }
    if (doubt->field) {
        printf(", ");
        print_name(doubt->structure ? doubt->structure : "?");
        putchar('.');
        print_name(doubt->field);
    }
    print_offset(doubt->offset);
    printf(": ");
    print_name(doubt->reason);
    putchar('\n');
}

static void print_difference(const struct replay_row *row)
{
    if (row->asked && row->relation == APART_UNDECIDED)
        print_doubt(row);
    if (readers_differ(row)) {
        printf("  ");
        print_name(row->name);
        printf(": they part");
        print_offset(row->difference_offset);
        printf(": ");
        print_name(row->difference);
        putchar('\n');
    }
    if (row->asked && row->seen) {
        printf("  ");
        print_name(row->name);
        printf(": the manifest has seen this QEMU answer ");
        print_name(row->seen);
        printf(", now it answers %s\n", qemu_verdict_name(row->answer.verdict));
    }
}

/* ---- Summary ----------------------------------------------------------------------------------- */

static void print_expectations(const struct replay *replay)
{
    size_t expected = 0, unexpected = 0;
    for (size_t i = 0; i < replay->row_count; i++)
        for (size_t j = 0; j < vmwire_option_count; j++) {
            const struct replay_cell *cell = &replay->rows[i].cells[j];
            expected += cell->applies && cell->expects;
            unexpected += is_unexpected(cell);
        }
    printf("%zu streams; of %zu outcomes that the manifest expects, %zu are as expected, %zu "
           "differ\n",
           replay->row_count, expected, expected - unexpected, unexpected);
}

/* Prints how QEMU agrees with the heuristic reader. Counts apart what QEMU refused for its own
 * reasons. */
static void print_agreement(const struct replay *replay)
{
    size_t counts[RELATION_COUNT] = {0}, asked = 0, compared = 0;
    const char *version = "";
    for (size_t i = 0; i < replay->row_count; i++) {
        const struct replay_row *row = &replay->rows[i];
        asked += row->asked;
        compared += row->compared;
        if (row->asked && row->answer.version[0])
            version = row->answer.version;
        if (row->asked)
            counts[row->relation]++;
    }
    if (!asked)
        return;
    printf("QEMU %s and the heuristic reader: %zu both accept, %zu both truncate, %zu both reject; "
           "%zu differ\n",
           version, counts[SAME_ACCEPT], counts[SAME_TRUNCATED], counts[SAME_REJECT],
           counts[DIFFERENT_DECISION] + counts[DIFFERENT_VERDICT]);
    printf("apart: %zu semantic, %zu crash, %zu unable, %zu skew, %zu undecided, %zu layout; %zu "
           "decisions at "
           "tails are the same\n",
           counts[APART_SEMANTIC], counts[APART_CRASH], counts[APART_UNABLE], counts[APART_SKEW],
           counts[APART_UNDECIDED], counts[APART_LAYOUT], compared);
}

/* ---- Grid -------------------------------------------------------------------------------------- */

static int find_name_width(const struct replay *replay)
{
    size_t width = strlen("stream");
    for (size_t i = 0; i < replay->row_count; i++)
        if (strlen(replay->rows[i].name) > width)
            width = strlen(replay->rows[i].name);
    return (int)width;
}

static void print_cell(const struct replay_cell *cell)
{
    char text[32];
    snprintf(text, sizeof(text), "%s%s",
             !cell->applies    ? "-"
             : cell->undecided ? "undecided"
                               : vmwire_outcome_name(cell->outcome),
             is_unexpected(cell) ? "*" : "");
    printf("  %-10s", text);
}

static void print_row(const struct replay_row *row, int width)
{
    print_name(row->name);
    printf("%*s", width - (int)strlen(row->name), "");
    for (size_t i = 0; i < vmwire_option_count; i++)
        print_cell(&row->cells[i]);
    if (row->asked) {
        printf("  %s%s", qemu_verdict_name(row->answer.verdict), readers_differ(row) ? "*" : "");
        printf("%*s",
               (int)(10 - strlen(qemu_verdict_name(row->answer.verdict)) - readers_differ(row)),
               "");
        if (row->answer.rule[0])
            printf("%s: ", row->answer.rule);
        print_name(row->answer.message);
    }
    putchar('\n');
}

static void print_grid(const struct replay *replay)
{
    int width = find_name_width(replay);
    printf("\n%-*s", width, "stream");
    for (size_t i = 0; i < vmwire_option_count; i++)
        printf("  %-10s", vmwire_options[i].name);
    printf("%s\n", replay->arguments->qemu ? "  QEMU" : "");
    for (size_t i = 0; i < replay->row_count; i++)
        print_row(&replay->rows[i], width);
}

void print_replay_text(const struct replay *replay)
{
    print_expectations(replay);
    print_agreement(replay);
    for (size_t i = 0; i < replay->row_count; i++) {
        print_unexpected(&replay->rows[i]);
        print_difference(&replay->rows[i]);
    }
    print_grid(replay);
}
