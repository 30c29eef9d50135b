/* SPDX-License-Identifier: MIT */
/*
 * Makes objects of answers.
 */
#include "program/decision/decision_json.h"

#include <math.h>
#include <stdio.h>

#include "program/decision/claims.h"
#include "program/decision/commands_shown.h"
#include "program/decision/questions.h"
#include "program/shared/json_line.h"

static json_t *make_columns(void)
{
    json_t *columns = json_array();
    for (size_t i = 0; i < count_variants(); i++) {
        const struct variant variant = variant_at(i);
        json_t *column = json_object();
        put_json_string(&column, "kind", "column");
        put_json_string(&column, "name", variant.name);
        put_json_string(&column, "about", variant.about);
        put_json_boolean(&column, "variant", i >= vmwire_option_count);
        append_json(&columns, column);
    }
    return columns;
}

static json_t *make_cell(const struct answer *answer, size_t column)
{
    json_t *cell = json_object();
    put_json_string(&cell, "column", variant_at(column).name);
    put_json_string(&cell, "value", answer->value);
    put_json_string(&cell, "grade", grade_name(answer->grade));
    put_json_string(&cell, "basis", basis_name(answer->basis));
    put_json_string(&cell, "by", answer->by);
    put_json_string(&cell, "detail", answer->detail);
    if (!isnan(answer->number))
        put_json_real(&cell, "number", answer->number);
    return cell;
}

static json_t *make_questions(const struct decision *decision)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < question_count; i++) {
        json_t *row = json_object(), *cells = json_array();
        put_json_string(&row, "kind", "question");
        put_json_string(&row, "id", questions[i].id);
        put_json_string(&row, "group", questions[i].group);
        put_json_string(&row, "question", questions[i].question);
        put_json_string(&row, "about", questions[i].about);
        for (size_t j = 0; j < count_variants(); j++)
            append_json(&cells, make_cell(answer_at(decision, i, j), j));
        put_json(&row, "cells", cells);
        append_json(&rows, row);
    }
    return rows;
}

static json_t *make_claims(const struct decision *decision)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < claim_count; i++) {
        const struct finding_on_claim found = decision->findings[i];
        json_t *row = json_object();
        put_json_string(&row, "kind", "claim");
        put_json_string(&row, "id", claims[i].id);
        put_json_string(&row, "statement", claims[i].statement);
        put_json_string(&row, "by", claims[i].by);
        put_json_string(&row, "verdict", verdict_name(found.verdict));
        put_json_string(&row, "because", found.because);
        put_json_string(&row, "questions", claims[i].questions);
        put_json_string(&row, "command", show_compare(decision));
        append_json(&rows, row);
    }
    return rows;
}

static json_t *make_recommendations(const struct decision *decision)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < RECOMMENDATIONS; i++) {
        const struct recommendation made = decision->recommendations[i];
        json_t *row = json_object();
        put_json_string(&row, "kind", "recommendation");
        put_json_string(&row, "for", made.situation);
        put_json_string(&row, "choose", made.choose);
        put_json_string(&row, "because", made.because);
        put_json_string(&row, "would_change", made.would_change);
        append_json(&rows, row);
    }
    return rows;
}

static json_t *make_conclusion(const struct decision *decision)
{
    json_t *sentences = json_array();
    for (size_t i = 0; i < CONCLUSIONS; i++)
        append_json(&sentences, json_string(decision->conclusions[i]));
    return sentences;
}

void put_decision(json_t **report, const struct decision *decision)
{
    put_json(report, "conclusion", make_conclusion(decision));
    put_json(report, "recommendation", make_recommendations(decision));
    put_json(report, "columns", make_columns());
    put_json(report, "questions", make_questions(decision));
    put_json(report, "claims", make_claims(decision));
    put_json(report, "grammar", json_incref(decision->grammar));
    put_json(report, "byte_grammars", json_incref(decision->byte_grammars));
    put_json(report, "costs", json_incref(json_object_get(decision->costs, "options")));
}

/* A value with a comma, a quote or a line's end stands in quotes. */
static void print_csv_value(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    putchar('"');
}

void print_decision_csv(const struct decision *decision)
{
    print_csv_value("question");
    for (size_t i = 0; i < count_variants(); i++) {
        putchar(',');
        print_csv_value(variant_at(i).name);
    }
    for (size_t i = 0; i < question_count; i++) {
        fputs("\r\n", stdout);
        print_csv_value(questions[i].question);
        for (size_t j = 0; j < count_variants(); j++) {
            putchar(',');
            print_csv_value(answer_at(decision, i, j)->value);
        }
    }
    fputs("\r\n", stdout);
}
