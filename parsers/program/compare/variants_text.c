/* SPDX-License-Identifier: MIT */
/*
 * Prints the table of variants for people.
 */
#include "program/compare/variants_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "program/compare/variants_sum.h"
#include "program/shared/terminal_text.h"

static void print_head(void)
{
    printf("%-17s %7s %6s %9s %7s %7s %7s %8s %7s %7s %7s %6s %8s\n", "", "", "read", "bytes",
           "tails", "that", "mislead", "an", "unknown", "the", "release", "before", "bytes");
    printf("%-17s %7s %6s %9s %7s %7s %7s %8s %7s %7s %7s %6s %8s\n", "variant", "streams", "back",
           "added", "reject", "silent", "undec.", "refused", "silent", "reads", "refuses", "silent",
           "held");
}

static void print_tails(const struct variant_sum *sum)
{
    if (sum->decided)
        printf(" %7zu %7zu %7zu", sum->reject, sum->silent, sum->undecided);
    else
        printf(" %7s %7s %7s", "-", "-", "-");
}

static void print_row(const char *name, const struct variant_sum *sum)
{
    const size_t *before = sum->before;
    printf("%-17s %7zu", name, sum->streams);
    if (!sum->streams) {
        puts("  the release before is not known");
        return;
    }
    printf(" %6zu %+9" PRId64, sum->own_reads, sum->added);
    print_tails(sum);
    printf(" %8zu %7zu", sum->unknown_refused, sum->unknown_can_be_silent);
    printf(" %7zu %7zu %6zu", before[VMWIRE_OUTCOME_EXACT], before[VMWIRE_OUTCOME_REJECT],
           before[VMWIRE_OUTCOME_TRUNCATED] + before[VMWIRE_OUTCOME_CORRUPT]);
    printf(" %8" PRIu64 "\n", sum->held);
}

/* What a row does not show by itself. */
static void print_note(const struct table *table, size_t number, const struct variant_sum *sum)
{
    struct variant variant = variant_at(number);
    printf("  %-17s %s", variant.name, variant.about);
    if (variant.change == CHANGE_VERSIONS)
        printf(": %zu of %zu sections", sum->refused_sections, sum->sections);
    if (variant.change == CHANGE_FIELDS)
        printf(": %zu layouts are a dump's, %zu are not known and not counted", sum->assumed,
               sum->not_known);
    if (variant.change == CHANGE_NEW_MACHINES) {
        printf(": new are %zu, from ", sum->changed);
        print_text(stdout, vmwire_bytes_of_string(table->since ? table->since : "none"));
        printf(" on");
    }
    putchar('\n');
}

static const char explanation[] =
    "\n"
    "  read back: by the variant's own reader, exactly\n"
    "  tails that mislead: those at which a state can make this reader reject, or read wrongly in "
    "silence; of the\n"
    "    streams that it reads back\n"
    "  an unknown: each subsection that is sent, one after another, is unknown to this reader: it "
    "refuses the stream\n"
    "    as it is; with other values in the fields it can read on in silence\n"
    "  the release before: what its reader makes of the streams as they are\n"
    "  bytes held: before this reader knows what the first of them are\n\n";

void print_variants_text(const struct table *table)
{
    printf("%zu streams under each option and variant:\n\n", table->row_count);
    print_head();
    for (size_t i = 0; i < count_variants(); i++) {
        struct variant_sum sum = sum_variant(table, i);
        print_row(variant_at(i).name, &sum);
    }
    fputs(explanation, stdout);
    for (size_t i = vmwire_option_count; i < count_variants(); i++) {
        struct variant_sum sum = sum_variant(table, i);
        print_note(table, i, &sum);
    }
}
