/* SPDX-License-Identifier: MIT */
/*
 * Splits a field of a private encoding into those that grammar/layouts has for it: the parser gets them in its place, as
 * fields of the record around, with names that tell where they stand in it. Structures within are records with tails.
 */
#ifndef VMWIRE_READ_GROUPS_H
#define VMWIRE_READ_GROUPS_H

#include "read/lexer.h"

/* Makes the fields of a group the next ones to read. `exact`: it must end at `end`. Returns LEXER_AGAIN or LEXER_ERROR. */
int enter_group(struct lexer *lexer, const struct layout_group *group, const uint8_t *end,
                bool exact);

/* Reads a token of the group on top. */
int read_group(struct lexer *lexer, struct token *token);

/* Called where a declared structure ends: 0 where it has sent no subsection that it would not send, and all that it must
 * (`needed`); LEXER_ASKS or LEXER_ERROR otherwise. */
int check_absent_subsections(struct lexer *lexer);

/* The same for a subsection that begins in the structure on top. */
int check_sent_subsection(struct lexer *lexer, const char *name);

#endif
