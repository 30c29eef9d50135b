/* SPDX-License-Identifier: MIT */
/*
 * Sums up the table, and loads the documents that come with the program.
 */
#include "program/decision/decision.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "program/decision/documents.h"

static const char *const grades[] = {
    [GRADE_NONE] = "none", [GRADE_GOOD] = "good", [GRADE_FAIR] = "fair", [GRADE_BAD] = "bad"};
static const char *const bases[] = {
    [BASIS_DECIDED] = "decided", [BASIS_MEASURED] = "measured",
    [BASIS_PROVED] = "proved",   [BASIS_CONSTRUCTION] = "by construction",
    [BASIS_SEEN] = "seen",       [BASIS_NONE] = "not asked"};

const char *grade_name(enum grade grade)
{
    return grades[grade];
}

const char *basis_name(enum basis basis)
{
    return bases[basis];
}

const char *say(const struct decision *decision, const char *format, ...)
{
    char text[4096];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    size_t kept = length < 0 ? 0 : (size_t)length;
    return vmwire_arena_string(decision->arena, text,
                               kept < sizeof(text) ? kept : sizeof(text) - 1);
}

bool make_decision(struct decision *decision, const struct table *table, struct vmwire_error *error)
{
    *decision = (struct decision){
        .arena = table->arena,
        .table = table,
        .sums = vmwire_arena_alloc(table->arena, count_variants() * sizeof(*decision->sums)),
        .figures =
            vmwire_arena_alloc(table->arena, vmwire_option_count * sizeof(*decision->figures)),
        .byte_grammars = load_document(DOCUMENT_BYTE_GRAMMARS, error),
        .costs = load_document(DOCUMENT_COSTS, error),
        .grammar = load_document(DOCUMENT_GRAMMAR, error),
    };
    for (size_t i = 0; i < count_variants(); i++)
        decision->sums[i] = sum_variant(table, i);
    for (size_t i = 0; i < vmwire_option_count; i++)
        decision->figures[i] = sum_option(table, i);
    return decision->byte_grammars && decision->costs && decision->grammar;
}

void end_decision(struct decision *decision)
{
    json_decref(decision->byte_grammars);
    json_decref(decision->costs);
    json_decref(decision->grammar);
}
