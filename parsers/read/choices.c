/* SPDX-License-Identifier: MIT */
#include "read/choices.h"

const char question_of_presence[] = "whether a field was sent";

bool tries_nothing(const struct lexer *lexer)
{
    return lexer->as_declared && lexer->declared_sections.knows;
}

int choose(struct lexer *lexer, uint32_t limit, const char *what, uint32_t *choice)
{
    struct unknowns *unknowns = &lexer->unknowns;
    if (unknowns->asking) {
        unknowns->limit = limit;
        unknowns->what = what;
        if (!unknowns->answered)
            return LEXER_ASKS;
        unknowns->answered = false;
        *choice = unknowns->answer;
        return 0;
    }
    if (unknowns->next == unknowns->count)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT, "nothing in the stream tells %s", what);
    *choice = unknowns->chosen[unknowns->next++];
    return 0;
}
