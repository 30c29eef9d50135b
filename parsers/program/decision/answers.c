/* SPDX-License-Identifier: MIT */
/*
 * What the answers share.
 */
#include "program/decision/answers.h"

#include <math.h>
#include <string.h>

#include "program/decision/commands_shown.h"

/* The option whose bytes the column's writer sends; of a variant too. */
size_t option_of(size_t column)
{
    return (size_t)(variant_at(column).writes - vmwire_options);
}

/* The option of the column's reader. */
size_t reader_of(size_t column)
{
    return (size_t)(variant_at(column).reads - vmwire_options);
}

const struct row *first_row(const struct decision *decision)
{
    return &decision->table->rows[0];
}

/* The stream that shows most of it: silent tails, then those that reject. */
const struct row *telling_row(const struct decision *decision, size_t column)
{
    const struct table *table = decision->table;
    const struct row *best = &table->rows[0];
    for (size_t i = 0; i < table->row_count; i++) {
        const struct variant_cell *cell = &table->rows[i].variants[column];
        const struct variant_cell *than = &best->variants[column];
        if (cell->silent > than->silent ||
            (cell->silent == than->silent && cell->reject > than->reject))
            best = &table->rows[i];
    }
    return best;
}

/* The stream with the most that `value` says of its cells. */
const struct row *most_row(const struct decision *decision, size_t column,
                           size_t (*value)(const struct variant_cell *cell))
{
    const struct table *table = decision->table;
    const struct row *best = &table->rows[0];
    for (size_t i = 0; i < table->row_count; i++)
        if (value(&table->rows[i].variants[column]) > value(&best->variants[column]))
            best = &table->rows[i];
    return best;
}

struct answer not_asked(const struct decision *decision, const char *why)
{
    return (struct answer){.value = "-",
                           .basis = BASIS_NONE,
                           .by = show_compare(decision),
                           .detail = why,
                           .number = NAN};
}

/* A reader that refuses the streams as they are: of its tails nothing is decided. */
bool decides_nothing(const struct variant_sum *sum)
{
    return !sum->decided;
}

/* Something is not decided of a stream: its writer cannot write it, its reader refuses it, or a dump is missing. */
bool leaves_streams(const struct decision *decision, const struct variant_sum *sum)
{
    return sum->decided < decision->table->row_count;
}

bool names_option(const json_t *options, const char *name)
{
    size_t i;
    json_t *each;
    json_array_foreach((json_t *)options, i, each)
    {
        if (json_is_string(each) && strcmp(json_string_value(each), name) == 0)
            return true;
    }
    return false;
}

/* Without subsections. */
struct answer answer_no_tail(const char *value)
{
    return (struct answer){.value = value,
                           .grade = GRADE_GOOD,
                           .basis = BASIS_CONSTRUCTION,
                           .by = "grammar/stream.y: no tail has a subsection",
                           .detail = "No reader has to look at a tail: nothing optional is sent.",
                           .number = 0};
}

size_t count_crossing(const struct crossing *crossing)
{
    size_t all = 0;
    for (int i = 0; i <= VMWIRE_OUTCOME_CORRUPT; i++)
        all += crossing->outcomes[i];
    return all;
}

size_t is_not_read_before(const struct variant_cell *cell)
{
    return cell->applies && cell->before != VMWIRE_OUTCOME_EXACT;
}
