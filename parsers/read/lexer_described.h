/* SPDX-License-Identifier: MIT */
/*
 * The functions of the rules in grammar/stream.re for a reader that goes by the description: it takes the subsections
 * that the description tells, in their places, and no others.
 */
#ifndef VMWIRE_READ_LEXER_DESCRIBED_H
#define VMWIRE_READ_LEXER_DESCRIBED_H

#include "read/lexer.h"

/* Loads the description at the end of the input, unless the caller of the reading has given one. Returns 0 or
 * LEXER_ERROR. */
int find_description(struct lexer *lexer);

/* Finds what the description says of the record that has just begun. */
void find_told_record(struct lexer *lexer);

/* Checks the name of a subsection, which was read last, against the description. `before`: where it begins. Returns 0 or
 * LEXER_ERROR. */
int check_told_name(struct lexer *lexer, const uint8_t *before);

/* Whether the description says that a subsection follows at this tail. LEXER_ERROR: it does not tell, and the structure
 * declares subsections. */
int lexer_described_here(struct lexer *lexer);

/* The record ends here, if the description says so. */
LEXER_RULE(end_as_described);

#endif
