/* SPDX-License-Identifier: MIT */
/*
 * The functions of the rules in grammar/asn1.re: they read the length and the contents of a DER value, and give what
 * it stands for to the functions that the other lexer has too. They must not look at identifier octets.
 */
#ifndef VMWIRE_READ_LEXER_ASN1_H
#define VMWIRE_READ_LEXER_ASN1_H

#include "read/lexer.h"

int lexer_der_item(struct lexer *lexer, struct token *token, const uint8_t *cursor, int kind);
LEXER_MATCH(der_eof);
LEXER_MATCH(der_configuration);
LEXER_MATCH(der_description);
LEXER_MATCH(der_unread);
LEXER_MATCH(der_section_id);
LEXER_MATCH(der_idstr);
LEXER_MATCH(der_instance_id);
LEXER_MATCH(der_section_version);
LEXER_MATCH(der_continued_id);
LEXER_MATCH(der_footer);
LEXER_MATCH(der_footer_id);
LEXER_MATCH(der_record);
LEXER_RULE(der_field);
LEXER_MATCH(der_elements);
LEXER_MATCH(der_integer);
LEXER_MATCH(der_boolean);
LEXER_MATCH(der_octets);
LEXER_MATCH(der_string);
LEXER_MATCH(der_subsection_list);
LEXER_MATCH(der_subsection);
LEXER_RULE(der_end_of_record);
LEXER_MATCH(der_name);
LEXER_MATCH(der_subsection_version);
LEXER_MATCH(der_command_id);
LEXER_MATCH(der_payload);
LEXER_MATCH(der_package);
LEXER_RULE(der_package_begins);
LEXER_RULE(der_package_end);
int lexer_der_no_footer(struct lexer *lexer);
int lexer_der_end_of_list(struct lexer *lexer);
int lexer_der_entry(struct lexer *lexer, const uint8_t *cursor);

/* Leaves the entry, if the token of this kind was its last one. Returns the kind, or LEXER_ERROR. */
int lexer_entry_token(struct lexer *lexer, int kind);

/* Set the error: nothing stands where a value is expected; or a value of another type. Return LEXER_ERROR. */
int lexer_der_missing(struct lexer *lexer);
int lexer_der_wrong_value(struct lexer *lexer);

#endif
