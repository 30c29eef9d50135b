/* SPDX-License-Identifier: MIT */
/*
 * Prints findings for people.
 */
#include "program/check/findings_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "program/check/witness.h"
#include "program/shared/terminal_text.h"

/* ---- One group --------------------------------------------------------------------------------- */

static void print_place(const struct part *part, const struct place *place, uint64_t offset)
{
    if (!place->value) {
        printf("%s", place->item ? vmwire_item_kind_name(place->item->kind) : "beyond the end");
        return;
    }
    const struct vmwire_field *field = place->value->field;
    uint64_t byte = offset - (uint64_t)(place->value->data.data - part->question.bytes.data);
    uint64_t element = field->count > 1 && field->size ? byte / field->size : 0;
    print_text(stdout, place->item->idstr);
    putchar(' ');
    print_text(stdout, vmwire_bytes_of_string(field->name));
    if (field->count > 1)
        printf("[%" PRIu64 "]", element);
    printf(", byte %" PRIu64, field->count > 1 && field->size ? byte % field->size : byte);
}

static void print_demands(const struct part *part, const struct vmwire_finding *finding)
{
    const struct vmwire_required_byte *demand = finding->required;
    for (size_t left = finding->required_count; left;) {
        struct place place = find_place(part, demand->offset);
        size_t length = count_run(part, demand, left, place.value);
        printf("    %8" PRIx64 "  ", demand->offset);
        for (size_t i = 0; i < length; i++)
            printf("%02x ", demand[i].value);
        printf(" \"");
        for (size_t i = 0; i < length; i++)
            putchar(demand[i].value >= 32 && demand[i].value < 127 ? demand[i].value : '.');
        printf("\"  in ");
        print_place(part, &place, demand->offset);
        putchar('\n');
        demand += length;
        left -= length;
    }
}

static void print_sent_subsections(const struct part *part, const struct vmwire_finding *finding)
{
    const struct vmwire_subsection_value *subsection;
    for (size_t i = 0; (subsection = find_next_sent(part, finding, &i));) {
        printf("              the state sends ");
        print_text(stdout, subsection->name);
        putchar('\n');
    }
}

static void print_group(const struct finding_group *group)
{
    const struct vmwire_finding *finding = group->finding;
    printf("  %s%-9s at %" PRIx64 ", the tail of ",
           is_only_possible(group->part, finding) ? "possible: " : "",
           name_verdict(group->part, finding), finding->offset);
    print_text(stdout, vmwire_bytes_of_string(finding->owner->name));
    if (finding->path[0]) {
        printf(", ");
        print_text(stdout, vmwire_bytes_of_string(finding->path));
    }
    if (group->count > 1)
        printf(" (and %zu more elements)", group->count - 1);
    if (finding->differs)
        printf(": %s", finding->differs);
    putchar('\n');
    print_sent_subsections(group->part, finding);
    print_demands(group->part, finding);
}

/* ---- The whole file ---------------------------------------------------------------------------- */

struct counts {
    size_t tails, verdicts[VMWIRE_VERDICT_UNDECIDED + 1], outcomes[VMWIRE_OUTCOME_CORRUPT + 1];
};

static struct counts count_verdicts(const struct examination *examination)
{
    struct counts counts = {0};
    for (size_t i = 0; i < examination->part_count; i++)
        for (size_t j = 0; j < examination->parts[i].decision.tail_count; j++) {
            const struct vmwire_tail_verdict *tail = &examination->parts[i].decision.tails[j];
            counts.tails++;
            counts.verdicts[tail->verdict]++;
            for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++)
                counts.outcomes[outcome] += tail->findings[outcome] != NULL;
        }
    return counts;
}

static void print_undecided(const struct part *part)
{
    for (size_t i = 0; i < part->decision.tail_count; i++) {
        const struct vmwire_tail_verdict *tail = &part->decision.tails[i];
        if (!tail->reason)
            continue;
        printf("\nnot decided%s: at %" PRIx64 ", the tail of ",
               tail->verdict == VMWIRE_VERDICT_UNDECIDED ? "" : " whether more can happen",
               tail->offset);
        print_text(stdout, vmwire_bytes_of_string(tail->owner->name));
        printf(", ");
        print_text(stdout, vmwire_bytes_of_string(tail->path));
        printf(": %s\n", tail->reason);
    }
    if (part->incomplete)
        printf("\nnot decided: states that send subsections of which no layout is known\n");
}

static void print_conclusion(const struct examination *examination)
{
    struct counts counts = count_verdicts(examination);
    bool possible = examination->part_count && examination->parts[0].possible;
    print_text(stdout, vmwire_bytes_of_string(examination->file));
    printf(" under %s", examination->arguments->option->name);
    if (examination->reader) {
        printf(", read under %s with ", examination->reads->name);
        print_text(stdout, vmwire_bytes_of_string(examination->arguments->files[1]));
    }
    printf(": of %zu tails ", counts.tails);
    if (examination->arguments->ambiguity)
        printf("%zu are ambiguous: two states have the same bytes; ",
               counts.outcomes[VMWIRE_OUTCOME_CORRUPT]);
    else
        printf("%zu can %smake the reader reject, %zu truncate silently, %zu corrupt silently; ",
               counts.outcomes[VMWIRE_OUTCOME_REJECT], possible ? "possibly " : "",
               counts.outcomes[VMWIRE_OUTCOME_TRUNCATED], counts.outcomes[VMWIRE_OUTCOME_CORRUPT]);
    printf("%zu are clean, %zu not decided\n", counts.verdicts[VMWIRE_VERDICT_CLEAN],
           counts.verdicts[VMWIRE_VERDICT_UNDECIDED]);
    if (possible)
        printf(
            "(a schema alone: what the sections stand among is not known, nor are a dump's sizes "
            "those on the wire)\n");
}

void print_findings_text(const struct examination *examination)
{
    print_conclusion(examination);
    const struct vmwire_item *item = NULL;
    for (size_t i = 0; i < examination->group_count; i++) {
        if (examination->groups[i].finding->item != item) {
            item = examination->groups[i].finding->item;
            putchar('\n');
            print_text(stdout, vmwire_bytes_of_string(item->record->structure->name));
            printf(" \"");
            print_text(stdout, item->idstr);
            printf("\" instance %u\n", item->instance_id);
        }
        print_group(&examination->groups[i]);
    }
    for (size_t i = 0; i < examination->part_count; i++)
        print_undecided(&examination->parts[i]);
}
