/* SPDX-License-Identifier: MIT */
/*
 * Prints the answers for people.
 */
#include "program/check/answers_text.h"

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
        printf("    %8" PRIx64 "  ", offset_in_file(part, demand->offset));
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

/* The beginning of each value. */
static void print_changes(const struct vmwire_finding *finding)
{
    enum { SHOWN = 16 };
    for (size_t i = 0; i < finding->change_count; i++) {
        const struct vmwire_changed_value *change = &finding->changes[i];
        printf("              the state holds ");
        for (size_t byte = 0; byte < change->holds.length && byte < SHOWN; byte++)
            printf("%02x ", change->holds.data[byte]);
        printf("%sin ", change->holds.length > SHOWN ? "... " : "");
        if (change->item != finding->item) {
            print_text(stdout, change->item->idstr);
            putchar(' ');
        }
        print_text(stdout, vmwire_bytes_of_string(change->value->field->name));
        putchar('\n');
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

/* Where the answer is. Ends before the end of the line. */
static void print_tail(const struct answer_group *group)
{
    const struct vmwire_tail_verdict *tail = group->tail;
    const struct vmwire_structure *owner = owner_of(group);
    const char *path = group->finding ? group->finding->path : tail->path;
    printf("at %" PRIx64 ", %s", offset_in_file(group->part, tail->offset),
           tail->differs ? "in " : "the tail of ");
    if (owner->name)
        print_text(stdout, vmwire_bytes_of_string(owner->name));
    else
        printf("a section without a structure");
    if (path[0]) {
        printf(", ");
        print_text(stdout, vmwire_bytes_of_string(path));
    }
    if (group->count > 1)
        printf(" (and %zu more elements)", group->count - 1);
}

static void print_finding(const struct answer_group *group)
{
    const struct vmwire_finding *finding = group->finding;
    printf("  %s%-9s ", is_only_possible(group->part, finding) ? "possible: " : "",
           name_verdict(group->part, finding));
    print_tail(group);
    if (finding->differs)
        printf(": %s", finding->differs);
    putchar('\n');
    print_sent_subsections(group->part, finding);
    print_demands(group->part, finding);
    print_changes(finding);
}

/* ---- The whole file ---------------------------------------------------------------------------- */

static void print_device(const struct vmwire_item *item)
{
    putchar('\n');
    if (item->record->structure->name)
        print_text(stdout, vmwire_bytes_of_string(item->record->structure->name));
    else
        printf("section");
    printf(" \"");
    print_text(stdout, item->idstr);
    printf("\" instance %u\n", item->instance_id);
}

static void print_findings(const struct answer_groups *groups)
{
    const struct vmwire_item *item = NULL;
    for (size_t i = 0; i < groups->count; i++) {
        if (groups->list[i].tail->item != item)
            print_device(item = groups->list[i].tail->item);
        print_finding(&groups->list[i]);
    }
}

static void print_undecided(const struct answer_groups *groups)
{
    for (size_t i = 0; i < groups->count; i++) {
        const struct answer_group *group = &groups->list[i];
        bool findings = group->tail->verdict == VMWIRE_VERDICT_FINDINGS;
        printf("\nundecided%s: ", findings ? ", whether more can happen" : "");
        print_text(stdout, group->tail->item->idstr);
        putchar(' ');
        print_tail(group);
        printf(": %s\n", group->tail->reason);
    }
}

static void print_unfollowed(const struct part *part)
{
    if (part->too_large) {
        printf("\nundecided: ");
        print_text(stdout, vmwire_bytes_of_string(part->too_large->idstr));
        printf(": %s\n", DEVICE_TOO_LARGE);
    }
    for (int reason = 0; reason < VMWIRE_OMISSION_REASONS; reason++) {
        const struct vmwire_omission *omission = &part->omitted[reason];
        if (!omission->count)
            continue;
        printf("\nundecided: states that send ");
        print_text(stdout, vmwire_bytes_of_string(omission->first));
        if (omission->count > 1)
            printf(" (and %zu more %s)", omission->count - 1,
                   reason == VMWIRE_OMITTED_ELEMENTS ? "lists" : "subsections");
        printf(": %s\n", omission_reason(reason));
    }
}

static void print_subject(const struct examination *examination)
{
    print_text(stdout, vmwire_bytes_of_string(examination->file));
    printf(" under %s", examination->arguments->option->name);
    if (examination->reader) {
        printf(", read under %s with ", examination->reads->name);
        print_text(stdout, vmwire_bytes_of_string(examination->arguments->files[1]));
    }
}

static void print_gaps(const struct conclusion *conclusion)
{
    if (conclusion->unfollowed_subsections)
        printf(" Subsections not followed: %zu.", conclusion->unfollowed_subsections);
    if (conclusion->unfollowed_lists)
        printf(" Lists not followed: %zu.", conclusion->unfollowed_lists);
    if (conclusion->unfollowed_devices)
        printf(" Devices not followed: %zu.", conclusion->unfollowed_devices);
    printf(" Fields not analysed: %" PRIu64 " (%" PRIu64 " bytes).\n", conclusion->opaque_fields,
           conclusion->opaque_bytes);
}

static void print_conclusion(const struct examination *examination,
                             const struct conclusion *conclusion)
{
    bool possible = examination->part_count && examination->parts[0].possible;
    print_subject(examination);
    printf(": %s. Of %zu tails %zu are clean, ", conclusion->sentence, conclusion->tails,
           conclusion->clean);
    if (examination->arguments->ambiguity)
        printf("%zu are ambiguous (two states have the same bytes), ",
               conclusion->outcomes[VMWIRE_OUTCOME_CORRUPT]);
    else
        printf("%zu can %smake the reader reject, %zu truncate silently, %zu corrupt silently, ",
               conclusion->outcomes[VMWIRE_OUTCOME_REJECT], possible ? "possibly " : "",
               conclusion->outcomes[VMWIRE_OUTCOME_TRUNCATED],
               conclusion->outcomes[VMWIRE_OUTCOME_CORRUPT]);
    printf("%zu are undecided.", conclusion->undecided);
    print_gaps(conclusion);
    if (possible)
        printf(
            "(a schema alone: what the sections stand among is not known, nor are a dump's sizes "
            "those on the wire)\n");
}

void print_answers_text(const struct examination *examination, const struct conclusion *conclusion)
{
    print_conclusion(examination, conclusion);
    print_findings(&examination->findings);
    print_undecided(&examination->undecided);
    for (size_t i = 0; i < examination->part_count; i++)
        print_unfollowed(&examination->parts[i]);
}

void print_rejected_version_text(const struct examination *examination,
                                 const struct conclusion *conclusion)
{
    print_subject(examination);
    printf(": %s: at 4 is stream version %u, and the reader wants %u\n", conclusion->sentence,
           examination->arguments->option->stream_version, examination->reads->stream_version);
}
