/* SPDX-License-Identifier: MIT */
/*
 * What nothing on the wire tells is chosen: in a trial by the search (read/unknowns.h), and then as it has found.
 */
#ifndef VMWIRE_READ_CHOICES_H
#define VMWIRE_READ_CHOICES_H

#include "read/lexer.h"

/* Whether nothing is tried in this section (struct vmwire_declared_sections). */
bool tries_nothing(const struct lexer *lexer);

/* Whether QEMU's code has sent a field: one of the questions that `what` can be. */
extern const char question_of_presence[];

/* One of `limit` possibilities, from 0. 0; LEXER_ASKS: the search has to try them; LEXER_ERROR: nothing tells it. */
int choose(struct lexer *lexer, uint32_t limit, const char *what, uint32_t *choice);

#endif
