/* SPDX-License-Identifier: MIT */
/*
 * Property: no input costs a reader more than the bounds in bounded_read.c.
 *
 * The target also searches for expensive inputs. A higher cost per byte is new coverage for the fuzzing engine, and
 * the worst input of each option and kind of cost is kept (cost_counters.h).
 */
#include "properties/cost_counters.h"
#include "properties/findings.h"
#include "targets/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_case test_case;
    struct reading_costs costs;
    if (!parse_test_case(&test_case, data, size))
        return 0;
    measure_costs(&costs, &test_case);
    for (size_t i = 0; i < vmwire_option_count && i < MOST_OPTIONS; i++)
        for (unsigned kind = 0; kind < COST_KINDS; kind++) {
            report_cost(i, kind, cost_per_byte(&costs, i, kind));
            show_line("record %s %s %llu %zu", vmwire_options[i].name, cost_kind_name(kind),
                      (unsigned long long)costs.total[i][kind], costs.size[i]);
        }
    show_structures(&test_case);
    keep_worst_input(test_case.input, &costs);
    return 0;
}
