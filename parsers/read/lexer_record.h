/*
 * Rules of grammar/stream.re inside a record: fields, tails, and subsections wherever an option has put them.
 */
#ifndef VMWIRE_READ_LEXER_RECORD_H
#define VMWIRE_READ_LEXER_RECORD_H

#include "read/lexer.h"

/* The record that begins next, and what it is to the one around it. */
void enter_record(struct lexer *lexer, const struct structure *structure, enum frame_kind kind);

/* Back to the end of the record that the last token, an END, has left: for an error's path only. */
void lexer_return_to_record(struct lexer *lexer);

LEXER_RULE(record);
LEXER_RULE(field);
LEXER_MATCH(list_end);
LEXER_MATCH(list_element);
LEXER_RULE(end_of_record);
LEXER_RULE(not_a_subsection);
LEXER_MATCH(end_of_struct);
LEXER_RULE(name);
LEXER_MATCH(subsection_version);
LEXER_MATCH(owner_id);
LEXER_MATCH(ordinal);
LEXER_RULE(separate_name);
LEXER_MATCH(separate_version);

/* The questions that the tail rules ask. None of them moves the lexer. */
bool lexer_declares_any(const struct lexer *lexer);
bool lexer_declares_existing(const struct lexer *lexer);
bool lexer_plausible_name(struct lexer *lexer);
bool lexer_owner_declares_name(struct lexer *lexer);
bool lexer_chooser_takes(const struct lexer *lexer);

#endif
