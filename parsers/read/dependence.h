/* SPDX-License-Identifier: MIT */
/*
 * Fields that depend on something: whether they are there, how many elements they have, and of how many bytes. It must not
 * move the lexer.
 */
#ifndef VMWIRE_READ_DEPENDENCE_H
#define VMWIRE_READ_DEPENDENCE_H

#include "read/lexer.h"

/* Finds the count and the size of the frame's next field; a field that is not there has no elements. 0, LEXER_ASKS or
 * LEXER_ERROR. */
int resolve_field(struct lexer *lexer, struct frame *frame, const struct vmwire_field *field);

/* Called where a record begins: the numbers of a subsection that are fields of the record around it. */
void inherit_numbers(struct frame *frame, const struct frame *owner);

/* The layout of the next field of the frame's structure; NULL: it is not split. */
const struct layout_group *find_group(const struct lexer *lexer, const struct frame *frame,
                                      const struct vmwire_field *field);

/* The bytes of one element. */
uint64_t dependent_length(const struct frame *frame, const struct vmwire_field *field);

/* What comes next of an element. */
enum element_bytes { ELEMENT_MARKER, ELEMENT_ITSELF };

/* Says what comes next; `frame->marked` tells of a marker whether the element follows it. 0, LEXER_ASKS or LEXER_ERROR. */
int find_element_bytes(struct lexer *lexer, struct frame *frame, const struct vmwire_field *field,
                       enum element_bytes *bytes);

/* In a trial: 0 where QEMU can have written these bytes as the field's value, LEXER_ERROR otherwise. */
int check_tried_value(struct lexer *lexer, const struct vmwire_field *field,
                      struct vmwire_bytes bytes);

/* Puts the field's value into the slot that it sets. 0; in a trial, LEXER_ERROR where another value was taken before. */
int set_slot(struct lexer *lexer, struct frame *frame, const struct vmwire_field *field,
             struct vmwire_bytes bytes);

#endif
