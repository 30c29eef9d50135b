/* SPDX-License-Identifier: MIT */
/*
 * Prints names on a terminal. Names come from streams, descriptions and file systems and may hold
 * any bytes. Knows UTF-8 only.
 */
#ifndef VMWIRE_PROGRAM_SHARED_TERMINAL_TEXT_H
#define VMWIRE_PROGRAM_SHARED_TERMINAL_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "vmwire/bytes.h"

/* Decodes the first character of `bytes`. Returns its length in bytes; 0 if the bytes are not
 * UTF-8 (RFC 3629, section 4) or there are none. */
size_t decode_character(struct vmwire_bytes bytes, uint32_t *character);

/* Returns true for a character that a terminal obeys instead of showing it: a control character, an
 * end of line, a change of the direction of writing. All of them are below U+10000. */
bool is_control_character(uint32_t character);

/* Prints the text on one line without moving the cursor: writes control characters, and bytes that
 * are not UTF-8, as \xNN. */
void print_text(FILE *output, struct vmwire_bytes bytes);

/* Prints sentences as print_text() does, and ends the line. The lines behind the first one begin with `indent` blanks; a line has
 * up to 120 characters where its words let it. The first line is taken to be at column `indent`. */
void print_paragraph(FILE *output, const char *text, int indent);

#endif
