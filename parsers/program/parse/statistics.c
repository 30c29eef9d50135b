/* SPDX-License-Identifier: MIT */
/*
 * Prints what reading a stream cost.
 */
#include "program/parse/statistics.h"

#include <inttypes.h>
#include <stdio.h>

#include "program/shared/json_line.h"
#include "program/shared/terminal_text.h"

void print_accounts(const struct vmwire_cost *cost)
{
    uint64_t bytes = vmwire_cost_bytes_read(cost);
    for (int account = 0; account < VMWIRE_ACCOUNT_COUNT; account++)
        if (cost->accounted[account])
            printf("  %-12s %12" PRIu64 "  %5.1f %%\n",
                   vmwire_account_name((enum vmwire_account)account), cost->accounted[account],
                   100.0 * (double)cost->accounted[account] / (double)bytes);
}

bool print_statistics(const struct arguments *arguments, const char *file,
                      const struct vmwire_cost *cost)
{
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"bytes_read", vmwire_cost_bytes_read(cost)},
        {"bytes_examined", cost->bytes_examined},
        {"longest_lookahead", cost->longest_lookahead},
        {"tokens", cost->tokens},
        {"reductions", cost->reductions},
        {"sections", cost->sections},
        {"footers", cost->footers},
        {"records", cost->records},
        {"subsections", cost->subsections},
        {"pages", cost->pages},
        {"bytes_allocated", cost->bytes_allocated},
        {"peak_memory", cost->peak_memory},
        {"pairs", cost->pairs},
    };
    size_t count = sizeof(rows) / sizeof(rows[0]);
    if (arguments->json) {
        json_t *line = json_object();
        put_json_string(&line, "file", file);
        put_json_string(&line, "option", arguments->option->name);
        for (size_t i = 0; i < count; i++)
            put_json_unsigned(&line, rows[i].name, rows[i].value);
        return print_json_line(stdout, line);
    }
    print_text(stdout, vmwire_bytes_of_string(file));
    printf(": accepted by %s\n", arguments->option->name);
    for (size_t i = 0; i < count; i++)
        printf("  %-18s %14" PRIu64 "\n", rows[i].name, rows[i].value);
    print_accounts(cost);
    return true;
}
