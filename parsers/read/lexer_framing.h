/* SPDX-License-Identifier: MIT */
/*
 * The functions of the rules in grammar/stream.re for all that is outside records and iterables: the
 * stream, sections and their footers, commands and packages. They must not know what is in a record.
 */
#ifndef VMWIRE_READ_LEXER_FRAMING_H
#define VMWIRE_READ_LEXER_FRAMING_H

#include "read/lexer.h"

int lexer_not_a_stream(struct lexer *lexer);
LEXER_MATCH(stream_version);
LEXER_MATCH(configuration);
int lexer_unknown_item(struct lexer *lexer);
LEXER_MATCH(eof);
LEXER_MATCH(description);
LEXER_RULE(unread);
LEXER_RULE(idstr);
LEXER_MATCH(section_version);
LEXER_RULE(section_record);
LEXER_MATCH(continued_id);
LEXER_MATCH(footer);
int lexer_no_footer(struct lexer *lexer);
LEXER_MATCH(footer_id);
LEXER_MATCH(command_id);
LEXER_MATCH(command_length);
LEXER_MATCH(package);
LEXER_RULE(postcopy_run);
LEXER_RULE(package_end);
LEXER_RULE(loadvm_quit);
LEXER_RULE(payload);

/* What the functions above do with a number or a string once it is read. They return 0, or LEXER_ERROR; the lexer
 * stands before the number. take_idstr() returns a token's kind: the lexer stands before the length byte. */
int take_idstr(struct lexer *lexer, struct token *token, int section_type, uint32_t section_id);
int enter_content(struct lexer *lexer, uint32_t instance_id, uint32_t version_id);
int continue_iterable(struct lexer *lexer, struct token *token, uint32_t section_id);
int begin_footer(struct lexer *lexer);
int check_footer_id(struct lexer *lexer, uint32_t section_id);
int begin_command(struct lexer *lexer, uint16_t command);
int begin_payload(struct lexer *lexer, uint16_t length);

#endif
