/*
 * The report of a replay: what came out in a few lines, each difference, and the grid, a row a
 * stream and a column a reader.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json_writer.h"
#include "replay.h"
#include "text.h"

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
        [DIFFERENT_ANSWER] = "another answer",
    };
    return names[relation];
}

static bool is_unexpected(const struct replay_cell *cell)
{
    return cell->applies && cell->expects && cell->outcome != cell->expected;
}

static bool is_parted(const struct replay_row *row)
{
    return row->asked && (row->relation == DIFFERENT_DECISION || row->relation == DIFFERENT_ANSWER);
}

bool replay_row_differs(const struct replay_row *row)
{
    for (size_t i = 0; i < protocol_option_count; i++)
        if (is_unexpected(&row->cells[i]))
            return true;
    return is_parted(row) || (row->asked && row->seen);
}

/* ---- Text ------------------------------------------------------------------------------------------ */

static void print_name(const char *name)
{
    print_text(stdout, bytes_of_string(name));
}

static void print_offset(uint64_t offset)
{
    if (offset != ERROR_NO_OFFSET)
        printf(" at %" PRIx64, offset);
}

static void print_unexpected(const struct replay_row *row)
{
    for (size_t i = 0; i < protocol_option_count; i++) {
        const struct replay_cell *cell = &row->cells[i];
        if (!is_unexpected(cell))
            continue;
        printf("  ");
        print_name(row->name);
        printf(": %s: expected %s, found %s", protocol_options[i].name,
               outcome_name(cell->expected), outcome_name(cell->outcome));
        print_offset(cell->offset);
        printf("%s", cell->message[0] ? ": " : "");
        print_name(cell->message);
        putchar('\n');
    }
}

static void print_parting(const struct replay_row *row)
{
    if (is_parted(row)) {
        printf("  ");
        print_name(row->name);
        printf(": they part");
        print_offset(row->part);
        printf(": ");
        print_name(row->parting);
        putchar('\n');
    }
    if (row->asked && row->seen) {
        printf("  ");
        print_name(row->name);
        printf(": the manifest has seen this QEMU answer ");
        print_name(row->seen);
        printf(", now it answers %s\n", answer_name(row->testimony.answer));
    }
}

static void print_expectations(const struct replay *replay)
{
    size_t expected = 0, unexpected = 0;
    for (size_t i = 0; i < replay->row_count; i++)
        for (size_t j = 0; j < protocol_option_count; j++) {
            const struct replay_cell *cell = &replay->rows[i].cells[j];
            expected += cell->applies && cell->expects;
            unexpected += is_unexpected(cell);
        }
    printf("%zu streams; of %zu outcomes that the manifest expects, %zu are as expected, %zu "
           "differ\n",
           replay->row_count, expected, expected - unexpected, unexpected);
}

/* How the real one agrees with the reference; what it refused for its own reasons is apart. */
static void print_agreement(const struct replay *replay)
{
    size_t counts[RELATION_COUNT] = {0}, asked = 0, compared = 0;
    const char *version = "";
    for (size_t i = 0; i < replay->row_count; i++) {
        const struct replay_row *row = &replay->rows[i];
        asked += row->asked;
        compared += row->compared;
        if (row->asked && row->testimony.version[0])
            version = row->testimony.version;
        if (row->asked)
            counts[row->relation]++;
    }
    if (!asked)
        return;
    printf("QEMU %s and the heuristic reader: %zu both accept, %zu both truncate, %zu both reject; "
           "%zu differ\n",
           version, counts[SAME_ACCEPT], counts[SAME_TRUNCATED], counts[SAME_REJECT],
           counts[DIFFERENT_DECISION] + counts[DIFFERENT_ANSWER]);
    printf("apart: %zu semantic, %zu crash, %zu unable, %zu skew, %zu undecided, %zu layout; %zu "
           "decisions at "
           "tails are the same\n",
           counts[APART_SEMANTIC], counts[APART_CRASH], counts[APART_UNABLE], counts[APART_SKEW],
           counts[APART_UNDECIDED], counts[APART_LAYOUT], compared);
}

static int name_width(const struct replay *replay)
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
                               : outcome_name(cell->outcome),
             is_unexpected(cell) ? "*" : "");
    printf("  %-10s", text);
}

static void print_row(const struct replay_row *row, int width)
{
    print_name(row->name);
    printf("%*s", width - (int)strlen(row->name), "");
    for (size_t i = 0; i < protocol_option_count; i++)
        print_cell(&row->cells[i]);
    if (row->asked) {
        printf("  %s%s", answer_name(row->testimony.answer), is_parted(row) ? "*" : "");
        printf("%*s", (int)(10 - strlen(answer_name(row->testimony.answer)) - is_parted(row)), "");
        if (row->testimony.rule[0])
            printf("%s: ", row->testimony.rule);
        print_name(row->testimony.message);
    }
    putchar('\n');
}

static void print_grid(const struct replay *replay)
{
    int width = name_width(replay);
    printf("\n%-*s", width, "stream");
    for (size_t i = 0; i < protocol_option_count; i++)
        printf("  %-10s", protocol_options[i].name);
    printf("%s\n", replay->arguments->qemu ? "  QEMU" : "");
    for (size_t i = 0; i < replay->row_count; i++)
        print_row(&replay->rows[i], width);
}

void replay_print_text(const struct replay *replay)
{
    print_expectations(replay);
    print_agreement(replay);
    for (size_t i = 0; i < replay->row_count; i++) {
        print_unexpected(&replay->rows[i]);
        print_parting(&replay->rows[i]);
    }
    print_grid(replay);
}

/* ---- JSON ------------------------------------------------------------------------------------------ */

static void json_cell(struct json_writer *json, const struct replay_cell *cell, const char *option)
{
    if (!cell->applies)
        return;
    json_writer_open_object(json, option);
    json_writer_string(json, "outcome", outcome_name(cell->outcome));
    if (cell->expects)
        json_writer_string(json, "expected", outcome_name(cell->expected));
    if (cell->outcome == OUTCOME_REJECT) {
        json_writer_boolean(json, "decided", !cell->undecided);
        if (cell->offset != ERROR_NO_OFFSET)
            json_writer_unsigned(json, "offset", cell->offset);
        json_writer_text(json, "message", bytes_of_string(cell->message));
    }
    json_writer_close_object(json);
}

static void json_testimony(struct json_writer *json, const struct replay_row *row)
{
    const struct testimony *testimony = &row->testimony;
    json_writer_open_object(json, "qemu");
    json_writer_string(json, "version", testimony->version);
    json_writer_string(json, "verdict", answer_name(testimony->answer));
    json_writer_text(json, "message", bytes_of_string(testimony->message));
    json_writer_string(json, "rule", testimony->rule);
    json_writer_unsigned(json, "sections", testimony->sections);
    json_writer_unsigned(json, "decisions", testimony->decision_count);
    json_writer_unsigned(json, "private", testimony->hidden);
    if (row->seen)
        json_writer_string(json, "seen", row->seen);
    json_writer_close_object(json);
    json_writer_string(json, "relation", relation_name(row->relation));
    json_writer_unsigned(json, "compared", row->compared);
    if (row->parting) {
        if (row->part != ERROR_NO_OFFSET)
            json_writer_unsigned(json, "part", row->part);
        json_writer_text(json, "parting", bytes_of_string(row->parting));
    }
}

void replay_print_json(const struct replay_row *row)
{
    struct json_writer json = {.output = stdout};
    json_writer_open_object(&json, NULL);
    json_writer_string(&json, "name", row->name);
    json_writer_string(&json, "file", row->file);
    json_writer_open_object(&json, "options");
    for (size_t i = 0; i < protocol_option_count; i++)
        json_cell(&json, &row->cells[i], protocol_options[i].name);
    json_writer_close_object(&json);
    if (row->asked)
        json_testimony(&json, row);
    json_writer_boolean(&json, "differs", replay_row_differs(row));
    json_writer_end_line(&json);
}
