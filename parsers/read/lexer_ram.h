/* SPDX-License-Identifier: MIT */
/*
 * The functions of the rules in grammar/stream.re for sections of RAM. They must not know the schema, which does not describe
 * these sections.
 */
#ifndef VMWIRE_READ_LEXER_RAM_H
#define VMWIRE_READ_LEXER_RAM_H

#include "read/lexer.h"

LEXER_MATCH(ram_entry);
LEXER_MATCH(ram_3_entry);
void lexer_after_fill(struct lexer *lexer);
LEXER_RULE(block_name);
LEXER_RULE(listed_block);
LEXER_MATCH(block_length);
LEXER_MATCH(mapped_header);
int lexer_compressed_page(struct lexer *lexer, struct token *token, int kind,
                          const uint8_t *cursor);
int lexer_unknown_xbzrle(struct lexer *lexer);
void lexer_after_page_size(struct lexer *lexer);
int lexer_no_page_size(struct lexer *lexer);
void lexer_after_address(struct lexer *lexer);

#endif
