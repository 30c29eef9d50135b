/* SPDX-License-Identifier: MIT */
/*
 * How many bytes a field has on the wire. It must not move the lexer.
 */
#ifndef VMWIRE_READ_FIELD_LENGTH_H
#define VMWIRE_READ_FIELD_LENGTH_H

#include "read/lexer.h"

/* The bytes of the next value of `field`, which begins at `cursor` in the record of `frame`. The count of a counted one
 * is in the four bytes before. 0 for VMWIRE_LENGTH_POINTERS: nothing tells the length. */
uint64_t value_length(struct lexer *lexer, const uint8_t *cursor, const struct frame *frame,
                      const struct vmwire_field *field);

#endif
