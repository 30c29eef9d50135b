/*
 * Names for a terminal. They come from streams, descriptions and file systems: any bytes. Knows
 * UTF-8; knows nothing of what the names name.
 */
#ifndef VMWIRE_TEXT_H
#define VMWIRE_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"

/* How many bytes the character has that `bytes` begins with; 0 where that is not UTF-8 (RFC 3629,
 * section 4) or nothing is left. */
size_t text_character(struct bytes bytes, uint32_t *character);

/* Whether a terminal takes it for more than itself: control characters, and those that begin a new
 * line or change the direction of writing. All are below U+10000. */
bool text_is_control(uint32_t character);

/* Prints it so that it stays in its line and moves no cursor: bytes of control characters and those
 * that are not UTF-8 as \xNN. */
void print_text(FILE *output, struct bytes bytes);

#endif
