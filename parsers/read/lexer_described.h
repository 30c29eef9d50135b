/* SPDX-License-Identifier: MIT */
/*
 * The functions of the rules in grammar/stream.re for a reader that goes by the description: it takes the subsections
 * that the description tells, in their places, and no others.
 */
#ifndef VMWIRE_READ_LEXER_DESCRIBED_H
#define VMWIRE_READ_LEXER_DESCRIBED_H

#include "read/lexer.h"

/* Whether the description says that a subsection follows at this tail. LEXER_ERROR: it does not tell, and the structure
 * declares subsections. */
int lexer_described_here(struct lexer *lexer);

/* The record ends here, if the description says so. */
LEXER_RULE(end_as_described);

#endif
