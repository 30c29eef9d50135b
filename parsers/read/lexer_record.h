/* SPDX-License-Identifier: MIT */
/*
 * The functions of the rules in grammar/stream.re for records: fields, tails, and subsections at a tail or
 * behind their section. They must not ask which option it is: grammar/stream.re has one tail rule for each.
 */
#ifndef VMWIRE_READ_LEXER_RECORD_H
#define VMWIRE_READ_LEXER_RECORD_H

#include "read/lexer.h"

/* Makes an element of this field the next record to read. */
void enter_element(struct lexer *lexer, const struct vmwire_field *field, uint32_t element);

/* Notes what a field of the configuration says about the encoding of RAM. */
void learn_ram_encoding(struct lexer *lexer, const struct vmwire_field *field,
                        struct vmwire_bytes data);

/* Checks the version of the subsection whose name was read last, and makes its record the next one to read. Returns 0,
 * or LEXER_ERROR. */
int enter_subsection(struct lexer *lexer, uint32_t sent_version_id);

/* Undoes the last token, an END, so that an error's path names the record that ended. */
void lexer_return_to_record(struct lexer *lexer);

LEXER_RULE(record);
LEXER_MATCH(record_version);
LEXER_MATCH(fields_length);
LEXER_RULE(field);
LEXER_MATCH(list_end);
LEXER_MATCH(list_element);
LEXER_RULE(end_of_record);
LEXER_RULE(not_a_subsection);
LEXER_MATCH(end_of_struct);
LEXER_MATCH(end_of_framed);
int lexer_no_end_of_record(struct lexer *lexer);
LEXER_RULE(name);
LEXER_MATCH(subsection_version);
LEXER_RULE(subsection_record);
LEXER_MATCH(owner_id);
LEXER_RULE(path);
LEXER_MATCH(at);
LEXER_RULE(separate_name);
LEXER_RULE(idstr_name);
LEXER_MATCH(instance_at);
LEXER_MATCH(separate_version);

/* A reader that goes by names looks at a tail for bytes that are not there. Returns LEXER_ERROR. */
int lexer_looks_beyond_end(struct lexer *lexer);

/* The questions of the tail rules. None of them moves the lexer over bytes. In the order of the functions: does
 * the structure declare a subsection; does it declare one that an older release had; does a plausible
 * name follow (or LEXER_ERROR, if the end comes too early to tell); does the caller say that it is a
 * subsection? The last one: does the only reading of the section take it for one (or LEXER_ERROR, where two readings
 * part)? It goes on to the reading's next choice. */
bool lexer_declares_any(const struct lexer *lexer);
bool lexer_declares_existing(const struct lexer *lexer);
int lexer_plausible_name(struct lexer *lexer);
bool lexer_chooser_takes(const struct lexer *lexer);
int lexer_only_reading_takes(struct lexer *lexer);

#endif
