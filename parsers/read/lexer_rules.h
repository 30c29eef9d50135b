/*
 * The rules of grammar/stream.re, as re2c compiles them.
 */
#ifndef VMWIRE_READ_LEXER_RULES_H
#define VMWIRE_READ_LEXER_RULES_H

#include "read/lexer.h"

/* The next token's kind (TOKEN_..., 0 at the end of the stream), LEXER_ERROR or LEXER_AGAIN. */
int lexer_token(struct lexer *lexer, struct token *token);

#endif
