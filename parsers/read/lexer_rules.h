/* SPDX-License-Identifier: MIT */
/*
 * The functions that re2c makes of the rules in grammar/stream.re and grammar/asn1.re.
 */
#ifndef VMWIRE_READ_LEXER_RULES_H
#define VMWIRE_READ_LEXER_RULES_H

#include "read/lexer.h"

/* Reads one token by the rules of the lexer's option. Returns its kind (TOKEN_..., 0 at the end of the stream),
 * LEXER_ERROR or LEXER_AGAIN. */
static inline int lexer_token(struct lexer *lexer, struct token *token)
{
    return lexer->rules(lexer, token);
}

/* The rules of grammar/stream.re and of grammar/asn1.re. */
token_rules stream_token, asn1_token;

#endif
