/* SPDX-License-Identifier: MIT */
/*
 * The function that re2c makes of the rules in grammar/stream.re.
 */
#ifndef VMWIRE_READ_LEXER_RULES_H
#define VMWIRE_READ_LEXER_RULES_H

#include "read/lexer.h"

/* Reads one token. Returns its kind (TOKEN_..., 0 at the end of the stream), LEXER_ERROR or LEXER_AGAIN. */
int lexer_token(struct lexer *lexer, struct token *token);

#endif
