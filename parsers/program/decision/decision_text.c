/* SPDX-License-Identifier: MIT */
/*
 * Prints the table in blocks that fit a line.
 */
#include "program/decision/decision_text.h"

#include <stdio.h>
#include <string.h>

#include "program/decision/claims.h"
#include "program/decision/questions.h"

enum { LINE_WIDTH = 120, QUESTION_WIDTH = 27 };

/* Prints words in lines of at most LINE_WIDTH, behind `first` and, from the second line on, behind blanks. */
static void print_wrapped(const char *first, const char *text, int indent)
{
    size_t at = strlen(first);
    fputs(first, stdout);
    while (*text) {
        size_t word = strcspn(text, " ");
        if (at + word > LINE_WIDTH) {
            printf("\n%*s", indent, "");
            at = (size_t)indent;
        }
        fwrite(text, 1, word, stdout);
        at += word + 1;
        text += word;
        if (*text && text++)
            putchar(' ');
    }
    putchar('\n');
}

static size_t column_width(const struct decision *decision, size_t column)
{
    size_t width = strlen(variant_at(column).name);
    for (size_t i = 0; i < question_count; i++) {
        size_t length = strlen(answer_at(decision, i, column)->value);
        width = length > width ? length : width;
    }
    return width + 3; /* two blanks, and the sign of the grade */
}

static const char *grade_sign(enum grade grade)
{
    static const char *const signs[] = {
        [GRADE_NONE] = " ", [GRADE_GOOD] = " ", [GRADE_FAIR] = "~", [GRADE_BAD] = "!"};
    return signs[grade];
}

static void print_block(const struct decision *decision, const size_t *widths, size_t from,
                        size_t to)
{
    const char *group = "";
    printf("\n%-*s", QUESTION_WIDTH, "");
    for (size_t i = from; i < to; i++)
        printf("%*s", (int)widths[i], variant_at(i).name);
    putchar('\n');
    for (size_t i = 0; i < question_count; i++) {
        if (strcmp(group, questions[i].group) != 0)
            printf("%s\n", group = questions[i].group);
        printf("  %-*s", QUESTION_WIDTH - 2, questions[i].question);
        for (size_t j = from; j < to; j++) {
            const struct answer answer = *answer_at(decision, i, j);
            printf("%*s%s", (int)(widths[j] - strlen(answer.value)), grade_sign(answer.grade),
                   answer.value);
        }
        putchar('\n');
    }
}

static void print_conclusion(const struct decision *decision)
{
    for (size_t i = 0; i < CONCLUSIONS; i++)
        print_wrapped("- ", decision->conclusions[i], 2);
    putchar('\n');
    for (size_t i = 0; i < RECOMMENDATIONS; i++) {
        const struct recommendation made = decision->recommendations[i];
        printf("For %s: %s\n", made.situation, made.choose);
        print_wrapped("    ", made.because, 4);
        print_wrapped("    ", made.would_change, 4);
    }
}

static void print_claims(const struct decision *decision)
{
    puts("\nWhat was said, and what became of it");
    for (size_t i = 0; i < claim_count; i++) {
        const struct finding_on_claim found = decision->findings[i];
        char verdict[32];
        snprintf(verdict, sizeof(verdict), "  %-14s", verdict_name(found.verdict));
        print_wrapped(verdict, claims[i].statement, 16);
        print_wrapped("                ", found.because, 16);
    }
}

static void print_table(const struct decision *decision, const size_t *widths)
{
    printf("\n%zu %s under each option and variant. ! bad, ~ with a price, - not asked\n",
           decision->table->row_count, decision->table->row_count == 1 ? "stream" : "streams");
    for (size_t from = 0, to; from < count_variants(); from = to) {
        size_t width = QUESTION_WIDTH;
        for (to = from; to < count_variants() && (to == from || width + widths[to] <= LINE_WIDTH);
             to++)
            width += widths[to];
        print_block(decision, widths, from, to);
    }
}

/* Takes no memory once it prints: when it runs out, nothing is printed. */
void print_decision_text(const struct decision *decision)
{
    size_t *widths = vmwire_arena_alloc(decision->arena, count_variants() * sizeof(*widths));
    for (size_t i = 0; i < count_variants(); i++)
        widths[i] = column_width(decision, i);
    print_conclusion(decision);
    print_table(decision, widths);
    print_claims(decision);
    puts("\nEach answer with its reason and the command that shows it: --html FILE, or --json.");
}
