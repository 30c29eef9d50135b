/* SPDX-License-Identifier: MIT */
/*
 * Follows the description beside the records that the lexer reads. It must not know the rules of a tail.
 */
#ifndef VMWIRE_READ_TOLD_H
#define VMWIRE_READ_TOLD_H

#include "read/lexer.h"

/* Loads the description at the end of the input, unless the caller of the reading has given one. Returns 0 or
 * LEXER_ERROR. */
int find_description(struct lexer *lexer);

/* Finds what the description says of the record that has just begun. */
void find_told_record(struct lexer *lexer);

/* Checks the name of a subsection, which was read last, against the description. `before`: where it begins. Returns 0 or
 * LEXER_ERROR. */
int check_told_name(struct lexer *lexer, const uint8_t *before);

/* The subsection that the description tells next; NULL: no more, or it tells nothing of the record. */
const struct vmwire_subsection *told_next(struct lexer *lexer);

#endif
