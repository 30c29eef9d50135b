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

#endif
