/* SPDX-License-Identifier: MIT */
/*
 * The rules of a tail where the reader goes by the description. They must not know how a record is found in it.
 */
#include "read/lexer_described.h"

#include "read/choices.h"
#include "read/lexer_record.h"
#include "read/told.h"

static const struct frame *frame_at(const struct lexer *lexer, unsigned depth)
{
    return &lexer->frames[depth - 1];
}

/* A structure in a private encoding, which the description does not have. What looks like a subsection may be one, if the rest
 * fits then. */
static int may_begin_here(struct lexer *lexer)
{
    uint32_t ends;
    int plausible = lexer_plausible_name(lexer);
    if (plausible != 1)
        return plausible;
    int failed = choose(lexer, 2, "whether a subsection begins", &ends);
    if (failed == LEXER_ASKS)
        lexer->condition = lexer->tail;
    return failed ? failed : !ends;
}

int lexer_described_here(struct lexer *lexer)
{
    const struct frame *frame = frame_at(lexer, lexer->depth);
    if (frame->structure->declared)
        return may_begin_here(lexer);
    if (frame->told.structure)
        return told_next(lexer) != NULL;
    /* Behind the configuration and its subsections comes no byte 05 that is none. */
    if (frame_at(lexer, 1)->kind == FRAME_CONFIGURATION || !lexer_declares_any(lexer))
        return lexer_declares_any(lexer);
    return FAIL(lexer, VMWIRE_ERROR_NOT_DESCRIBED,
                "the description does not tell which subsections of \"%s\" were sent here",
                frame->structure->name);
}

LEXER_RULE(end_as_described)
{
    if (frame_at(lexer, lexer->depth)->structure->declared)
        return lexer_end_of_record(lexer, token);
    int follows = lexer_described_here(lexer);
    bool configuration = frame_at(lexer, 1)->kind == FRAME_CONFIGURATION;
    if (follows == LEXER_ERROR)
        return LEXER_ERROR;
    if (follows && !configuration)
        return FAIL(lexer, VMWIRE_ERROR_NOT_DESCRIBED,
                    "the description tells that subsection \"%s\" of \"%s\" was sent here",
                    told_next(lexer)->name, frame_at(lexer, lexer->depth)->structure->name);
    return lexer_end_of_record(lexer, token);
}
