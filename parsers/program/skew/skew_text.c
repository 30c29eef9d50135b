/* SPDX-License-Identifier: MIT */
/*
 * Prints what differs for people.
 */
#include "program/skew/skew_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "program/shared/not_compared.h"
#include "program/shared/terminal_text.h"
#include "program/skew/device_name.h"
#include "program/skew/quoted_text.h"

enum { NAMES_SHOWN = 6 };

/* ---- One group ---- */

enum { INDENT = 4, LABEL = 8 };

static void print_label(const char *label)
{
    printf("%*s%-*s ", INDENT, "", LABEL, label);
}

static void print_row(const char *label, const char *text)
{
    if (!text || !*text)
        return;
    print_label(label);
    print_paragraph(stdout, text, INDENT + LABEL + 1);
}

static void print_section_name(const struct vmwire_difference *difference)
{
    print_quoted(stdout, difference->section ? difference->section : "the stream as a whole",
                 QUOTING_NONE);
    if (difference->instance_id)
        printf(" instance %" PRIu32, difference->instance_id);
}

static void print_section_names(const struct difference_group *group)
{
    size_t shown = 0;
    putchar('\n');
    for (size_t i = 0; i < group->count && shown < NAMES_SHOWN; i++) {
        if (i && same_section(group->members[i], group->members[i - 1]))
            continue;
        printf("%s", shown++ ? ", " : "");
        print_section_name(group->members[i]);
    }
    if (group->sections > shown)
        printf(", and %zu more", group->sections - shown);
    putchar('\n');
}

static void print_place(const struct difference_group *group)
{
    const struct vmwire_difference *difference = group->members[0];
    const char *path = difference->path && *difference->path ? difference->path : NULL;
    const char *structure = inner_structure(difference);
    if (!path && !structure)
        return;
    print_label("where");
    print_quoted(stdout, path, QUOTING_NONE);
    printf("%s", path && structure ? ", in " : structure ? "in " : "");
    print_quoted(stdout, structure, QUOTING_NONE);
    if (group->count > group->sections)
        printf(" (and %zu more places)", group->count - group->sections);
    putchar('\n');
}

static void print_sides(const struct vmwire_difference *difference)
{
    if (!difference->writer && !difference->reader)
        return;
    print_row("writer", difference->writer ? difference->writer : "nothing");
    print_row("reader", difference->reader ? difference->reader : "nothing");
}

/* `each`: of several fields. */
static void print_result(const struct vmwire_difference *difference, bool each)
{
    static const char *const results[] = {
        [VMWIRE_OUTCOME_EXACT] = "loaded",
        [VMWIRE_OUTCOME_REJECT] = "refused",
        [VMWIRE_OUTCOME_TRUNCATED] = "success is reported, but sections are left unread",
        [VMWIRE_OUTCOME_CORRUPT] = "success is reported, but values are wrong",
    };
    uint64_t bytes =
        difference->bytes < 0 ? -(uint64_t)difference->bytes : (uint64_t)difference->bytes;
    print_label("result");
    printf("%s%s", difference->certainty == VMWIRE_NOT_DECIDED ? "perhaps " : "",
           results[difference->outcome]);
    if (bytes)
        printf("; %" PRIu64 " byte%s too %s%s", bytes, bytes == 1 ? "" : "s",
               difference->bytes > 0 ? "many" : "few", each ? " each" : "");
    putchar('\n');
}

/* What was said directly before, of differences that are as certain, need not be said again. */
static bool is_said(const struct difference_groups *groups, size_t index, bool advice)
{
    const struct vmwire_difference *difference = groups->list[index].members[0],
                                   *before = index ? groups->list[index - 1].members[0] : NULL;
    return before && before->certainty == difference->certainty &&
           (advice ? same_text(before->advice, difference->advice)
                   : same_text(before->message, difference->message));
}

/* Whether they differ in nothing but their place and what stands there. */
static bool is_alike(const struct difference_group *a, const struct difference_group *b)
{
    const struct vmwire_difference *one = a->members[0], *other = b->members[0];
    return same_sections(a, b) && one->rule == other->rule && one->outcome == other->outcome &&
           one->bytes == other->bytes && same_text(one->when, other->when) &&
           same_text(one->message, other->message) && same_text(one->advice, other->advice);
}

/* Prints a run of groups that are alike. Returns the index behind it. */
static size_t print_run(const struct difference_groups *groups, size_t index)
{
    const struct difference_group *first = &groups->list[index];
    const struct vmwire_difference *difference = first->members[0];
    size_t end = index;
    printf("  ");
    print_quoted(stdout, difference->rule->about, QUOTING_NONE);
    putchar('\n');
    print_row(difference->certainty == VMWIRE_NOT_DECIDED ? "missing" : "when", difference->when);
    for (; end < groups->count && is_alike(&groups->list[end], first); end++) {
        print_place(&groups->list[end]);
        print_sides(groups->list[end].members[0]);
    }
    print_result(difference, end - index > 1);
    if (difference->message && !is_said(groups, index, false)) {
        print_label("QEMU");
        putchar('"');
        print_message(stdout, difference->message, QUOTING_NONE);
        puts("\"");
    }
    if (!is_said(groups, index, true))
        print_row("advice", difference->advice);
    return end;
}

/* ---- The whole ---- */

static void print_counts(const struct crossing *crossing, const struct arguments *arguments)
{
    const size_t *counts = crossing->counts;
    if (crossing->count)
        printf("%zu certain, %zu when the state needs it, %zu not decided", counts[VMWIRE_CERTAIN],
               counts[VMWIRE_WHEN_NEEDED], counts[VMWIRE_NOT_DECIDED]);
    if (crossing->accepted) {
        printf("%s%zu accepted by ", crossing->count ? "; " : "", crossing->accepted);
        print_quoted(stdout, arguments->baseline, QUOTING_NONE);
    }
    if (crossing->count || crossing->accepted)
        putchar('\n');
}

static void print_not_compared(const struct crossing *crossing)
{
    const char *sentences[NOT_COMPARED_MOST];
    const struct vmwire_side *writer = &crossing->writer->side;
    const size_t count = list_not_compared(writer, &crossing->reader->side, sentences);
    for (size_t i = 0; i < count; i++)
        printf("%s%s\n", i || !crossing->count ? "" : "\n", sentences[i]);
}

void print_skew_text(const struct crossing *crossing, const struct difference_groups *groups,
                     const struct arguments *arguments)
{
    static const char *const headings[CERTAINTIES] = {
        [VMWIRE_CERTAIN] = "On every migration:",
        [VMWIRE_WHEN_NEEDED] = "When the state needs it:",
        [VMWIRE_NOT_DECIDED] = "Not decided:",
    };
    print_quoted(stdout, crossing->writer->words, QUOTING_NONE);
    printf(" to ");
    print_quoted(stdout, crossing->reader->words, QUOTING_NONE);
    printf(": ");
    print_quoted(stdout, crossing->sentence, QUOTING_NONE);
    puts(".");
    print_counts(crossing, arguments);
    for (size_t i = 0; i < groups->count;) {
        const struct difference_group *group = &groups->list[i];
        enum vmwire_certainty certainty = group->members[0]->certainty;
        if (!i || certainty != group[-1].members[0]->certainty)
            printf("\n%s\n", headings[certainty]);
        if (!i || !same_sections(group, group - 1))
            print_section_names(group);
        i = print_run(groups, i);
    }
    print_not_compared(crossing);
}
