/* SPDX-License-Identifier: MIT */
/*
 * Prints the table of variants for machines.
 */
#include "program/compare/variants_json.h"

#include <stdio.h>

#include "program/compare/variants_sum.h"
#include "program/shared/json_line.h"

static void put_before(json_t **object, const struct variant_sum *sum)
{
    put_json_unsigned(object, "before_exact", sum->before[VMWIRE_OUTCOME_EXACT]);
    put_json_unsigned(object, "before_reject", sum->before[VMWIRE_OUTCOME_REJECT]);
    put_json_unsigned(object, "before_silent",
                      sum->before[VMWIRE_OUTCOME_TRUNCATED] + sum->before[VMWIRE_OUTCOME_CORRUPT]);
}

static void put_sum(json_t **object, const struct variant_sum *sum)
{
    put_json_unsigned(object, "streams", sum->streams);
    put_json_unsigned(object, "exact", sum->own_reads);
    put_json_signed(object, "bytes_added", sum->added);
    put_json_unsigned(object, "decided", sum->decided);
    put_json_unsigned(object, "tails", sum->tails);
    put_json_unsigned(object, "tails_reject", sum->reject);
    put_json_unsigned(object, "tails_silent", sum->silent);
    put_json_unsigned(object, "tails_undecided", sum->undecided);
    put_json_real(object, "chance", sum->chance);
    put_json_unsigned(object, "unknown_refused", sum->unknown_refused);
    put_json_unsigned(object, "unknown_silent", sum->unknown_silent);
    put_json_unsigned(object, "unknown_can_be_silent", sum->unknown_can_be_silent);
    put_json_unsigned(object, "unknown_undecided", sum->unknown_undecided);
    put_before(object, sum);
    put_json_unsigned(object, "held", sum->held);
    put_json_unsigned(object, "new_machines", sum->changed);
    put_json_unsigned(object, "sections", sum->sections);
    put_json_unsigned(object, "sections_refused", sum->refused_sections);
    put_json_unsigned(object, "layouts_assumed", sum->assumed);
    put_json_unsigned(object, "layouts_not_known", sum->not_known);
}

static bool print_cell(const struct row *row, size_t number)
{
    struct variant_sum sum = {0};
    json_t *line = json_object();
    add_variant_cell(&sum, &row->variants[number]);
    put_json_string(&line, "file", row->file);
    put_json_string(&line, "variant", variant_at(number).name);
    put_json_string(&line, "machine", row->machine);
    put_sum(&line, &sum);
    return print_json_line(stdout, line);
}

static bool print_sum(const struct table *table, size_t number)
{
    struct variant_sum sum = sum_variant(table, number);
    json_t *line = json_object();
    put_json_string(&line, "summary", variant_at(number).name);
    put_json_string(&line, "about", variant_at(number).about);
    put_json_string(&line, "since", table->since);
    put_sum(&line, &sum);
    return print_json_line(stdout, line);
}

bool print_variants_json(const struct table *table)
{
    bool printed = true;
    for (size_t i = 0; i < table->row_count; i++)
        for (size_t j = 0; j < count_variants() && printed; j++)
            printed = print_cell(&table->rows[i], j);
    for (size_t i = 0; i < count_variants() && printed; i++)
        printed = print_sum(table, i);
    return printed;
}
