/* SPDX-License-Identifier: MIT */
/*
 * The conclusion first, then the cause, then the stream around it.
 */
#include "program/explain/explain_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "program/explain/causes.h"
#include "program/explain/rules.h"
#include "program/shared/terminal_text.h"
#include "program/skew/quoted_text.h"

enum { COLUMN_MOST = 52, OPEN_SHOWN = 8, LATER_SHOWN = 6, INDENT = 2, LABEL = 8 };

static void print_text_of(const char *text)
{
    print_quoted(stdout, text, QUOTING_NONE);
}

static void print_row(const char *label, const char *text)
{
    if (!text || !*text)
        return;
    printf("%*s%-*s ", INDENT, "", LABEL, label);
    print_paragraph(stdout, text, INDENT + LABEL + 1);
}

/* ---- The cause ---- */

static void print_section_row(const struct vmwire_difference *difference)
{
    if (!difference->section)
        return;
    printf("  %-8s ", "section");
    print_text_of(difference->section);
    printf(" instance %" PRIu32 "\n", difference->instance_id);
}

static void print_where_row(const struct vmwire_difference *difference)
{
    const char *path = difference->path && *difference->path ? difference->path : NULL;
    const char *structure = difference->structure;
    if (!path && !structure)
        return;
    printf("  %-8s ", "where");
    print_text_of(path);
    printf("%s", path && structure ? ", in " : structure ? "in " : "");
    print_text_of(structure);
    putchar('\n');
}

static void print_cause(const struct explanation *explanation)
{
    const struct vmwire_difference *difference = explanation->cause.difference;
    if (!difference)
        return;
    puts("\nCause");
    print_row("what", difference->rule->about);
    print_section_row(difference);
    print_where_row(difference);
    if (difference->writer || difference->reader) {
        print_row(explanation->cause.kind == CAUSE_STREAM ? "found" : "writer",
                  difference->writer ? difference->writer : "nothing");
        print_row("reader", difference->reader                        ? difference->reader
                            : explanation->cause.kind == CAUSE_STREAM ? NULL
                                                                      : "nothing");
    }
    print_row("when", difference->when);
    print_row("bytes", explanation->bytes_words);
    if (difference->message && explanation->outcome != EXPLAINED_TRUNCATED &&
        explanation->outcome != EXPLAINED_CORRUPT) {
        printf("  %-8s ", "QEMU");
        print_message(stdout, difference->message, QUOTING_NONE);
        putchar('\n');
    }
    print_row("do", difference->advice);
}

/* ---- Fields side by side ---- */

static int width_of(const struct vmwire_beside *beside, size_t count)
{
    size_t width = strlen("writer");
    for (size_t i = 0; i < count; i++) {
        size_t length = beside[i].writer ? strlen(beside[i].writer) : 0;
        if (length > width)
            width = length;
    }
    return (int)(width < COLUMN_MOST ? width : COLUMN_MOST);
}

/* Control characters are wider than they count. */
static void print_column(const char *text, int width)
{
    int length = text ? (int)strlen(text) : 0;
    print_text_of(text);
    printf("%*s", length < width ? width - length : 0, "");
}

static void print_beside(const struct explanation *explanation)
{
    const struct vmwire_difference *difference = explanation->cause.difference;
    const int width = difference ? width_of(difference->beside, difference->beside_count) : 0;
    if (!difference || !difference->beside_count)
        return;
    printf("\n%9s     %-*s  %s\n", "offset", width, "writer", "reader");
    for (size_t i = 0; i < difference->beside_count; i++) {
        const struct vmwire_beside *beside = &difference->beside[i];
        uint64_t offset = offset_in_sent_file(explanation, beside->offset);
        if (offset == VMWIRE_ERROR_NO_OFFSET)
            printf("%9s", "");
        else
            printf("%9" PRIx64, offset);
        printf("  %c  ", beside->differs ? '!' : ' ');
        print_column(beside->writer ? beside->writer : "-", width);
        printf("  ");
        print_text_of(beside->reader ? beside->reader : "-");
        putchar('\n');
    }
}

/* ---- The stream ---- */

static void print_tree(const struct explanation *explanation)
{
    const struct lines *tree = &explanation->tree;
    if (!tree->count)
        return;
    printf("\n%9s %9s\n", "offset", "bytes");
    for (size_t i = 0; i < tree->count; i++) {
        const struct place_line *line = &tree->list[i];
        if (line->offset == VMWIRE_ERROR_NO_OFFSET)
            printf("%9s %9s", "", "");
        else
            printf("%9" PRIx64 " %9" PRIu64, line->offset, line->bytes);
        printf("  %*s", 2 * (int)line->depth, "");
        print_text_of(line->text);
        putchar('\n');
    }
}

static void print_rest(const struct vmwire_difference *difference)
{
    print_row("writer", difference->writer ? difference->writer : "nothing");
    print_row("reader", difference->reader ? difference->reader : "nothing");
    print_row(difference->certainty == VMWIRE_NOT_DECIDED ? "missing" : "when", difference->when);
}

/* They are in the section of the cause. */
static void print_others(const struct explanation *explanation)
{
    const size_t count = explanation->other_count;
    const struct vmwire_skew_rule *last = NULL;
    if (count)
        puts("\nIt can as well be");
    for (size_t i = 0; i < count && i < OPEN_SHOWN; i++) {
        const struct vmwire_difference *difference = explanation->others[i];
        if (difference->rule != last)
            print_row("what", difference->rule->about);
        print_where_row(difference);
        print_rest(difference);
        last = difference->rule;
    }
    if (count > OPEN_SHOWN)
        printf("  and %zu more: --json has them\n", count - OPEN_SHOWN);
}

static void print_questions(const struct explanation *explanation)
{
    const size_t count = explanation->open_count;
    puts("\nNot decided");
    for (size_t i = 0; i < count && i < OPEN_SHOWN; i++) {
        const struct vmwire_difference *difference = explanation->open[i];
        printf("  ");
        print_text_of(difference->section ? difference->section : "the stream as a whole");
        if (difference->path && *difference->path) {
            printf(", ");
            print_text_of(difference->path);
        }
        printf(": ");
        print_text_of(difference->rule->about);
        putchar('\n');
        print_rest(difference);
    }
    if (count > OPEN_SHOWN)
        printf("  and %zu more: vmwire skew shows them\n", count - OPEN_SHOWN);
    putchar('\n');
}

static void print_open(const struct explanation *explanation)
{
    size_t count = explanation->open_count;
    if (!count)
        return;
    if (explanation->outcome == EXPLAINED_UNDECIDED) {
        print_questions(explanation);
        return;
    }
    printf("%zu more question%s open: vmwire skew shows %s.\n", count, count == 1 ? " is" : "s are",
           count == 1 ? "it" : "them");
}

static void print_later(const struct explanation *explanation)
{
    const size_t count = explanation->later_count;
    if (!count)
        return;
    printf("\nOnce that is out of the way, the reader refuses for %zu more reason%s\n", count,
           count == 1 ? "" : "s");
    for (size_t i = 0; i < count && i < LATER_SHOWN; i++) {
        const struct vmwire_difference *difference = explanation->later[i]->difference;
        printf("  ");
        print_text_of(difference->section ? difference->section : "the stream as a whole");
        if (difference->instance_id)
            printf(" instance %" PRIu32, difference->instance_id);
        printf(": ");
        print_text_of(difference->rule->about);
        putchar('\n');
    }
    puts(count > LATER_SHOWN ? "  and so on: vmwire skew shows all"
                             : "  vmwire skew shows what to do there");
}

/* How the message is related to what is shown. */
static const char *say_of_message(const struct explanation *explanation)
{
    const struct vmwire_difference *cause = explanation->cause.difference;
    switch (explanation->message_match) {
    case MESSAGE_FOREIGN:
        return "The message that is given is none of a QEMU that loads a stream: the reader did "
               "not come to that. Apart from it:";
    case MESSAGE_OTHER:
        return "Nothing ties the message that is given to this stream: what follows was found "
               "without it.";
    case MESSAGE_CONTRADICTED:
        return "By the files that are given the reader does not say what the message says: are "
               "they, and the message, of one migration? What follows was found without it.";
    case MESSAGE_READ_OFF:
        return "The files that are given do not tell the reader's value: what follows is what the "
               "message says.";
    case MESSAGE_NOT_TOLD:
        return cause && cause->rule != stream_rule(RULE_OWN_CHECK) &&
                       cause->rule != stream_rule(RULE_NOTHING_NAMED) &&
                       cause->rule != stream_rule(RULE_UNTOLD_LENGTH)
                   ? "The files that are given do not tell why; what the reader checks is known "
                     "from the message."
                   : "The files that are given do not tell the cause of the message.";
    case MESSAGE_POSSIBLE:
        return cause && cause->certainty == VMWIRE_CERTAIN
                   ? "The reader refuses for this, and the message that is given can be what it "
                     "says then."
                   : "This can be the cause of the message that is given; what is missing decides "
                     "it.";
    default:
        return find_before_cause(explanation)
                   ? "This fits the message that is given, but by the files the reader refuses "
                     "before that, as is said at the end."
                   : "This is the cause of the message that is given.";
    }
}

void print_explain_text(const struct explanation *explanation)
{
    const char *message = explanation->arguments->message ? say_of_message(explanation) : NULL;
    const bool first = explanation->message_match == MESSAGE_FOREIGN;
    if (message && first)
        puts(message);
    print_text_of(explanation->writer->words);
    printf(" to ");
    print_text_of(explanation->reader->words);
    printf(": ");
    print_text_of(explanation->sentence);
    puts(".");
    if (message && !first)
        puts(message);
    print_cause(explanation);
    print_others(explanation);
    print_later(explanation);
    print_tree(explanation);
    print_beside(explanation);
    putchar('\n');
    print_open(explanation);
    for (size_t i = 0; i < explanation->note_count; i++) {
        print_text_of(explanation->notes[i]);
        putchar('\n');
    }
}
