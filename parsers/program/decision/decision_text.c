/* SPDX-License-Identifier: MIT */
/*
 * Prints the table in blocks that fit a line.
 */
#include "program/decision/decision_text.h"

#include <stdio.h>
#include <string.h>

#include "program/decision/questions.h"

enum { LINE_WIDTH = 120, QUESTION_WIDTH = 27 };

static size_t column_width(const struct decision *decision, size_t column)
{
    size_t width = strlen(variant_at(column).name);
    for (size_t i = 0; i < question_count; i++) {
        size_t length = strlen(answer_question(decision, &questions[i], column).value);
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
            const struct answer answer = answer_question(decision, &questions[i], j);
            printf("%*s%s", (int)(widths[j] - strlen(answer.value)), grade_sign(answer.grade),
                   answer.value);
        }
        putchar('\n');
    }
}

void print_decision_text(const struct decision *decision)
{
    size_t *widths = vmwire_arena_alloc(decision->arena, count_variants() * sizeof(*widths));
    for (size_t i = 0; i < count_variants(); i++)
        widths[i] = column_width(decision, i);
    printf("%zu streams under each option and variant. ! bad, ~ with a price, - not asked\n",
           decision->table->row_count);
    for (size_t from = 0, to; from < count_variants(); from = to) {
        size_t width = QUESTION_WIDTH;
        for (to = from; to < count_variants() && (to == from || width + widths[to] <= LINE_WIDTH);
             to++)
            width += widths[to];
        print_block(decision, widths, from, to);
    }
    printf(
        "\nEach answer with its reason and the command that shows it: --html FILE, or --json.\n");
}
