/* SPDX-License-Identifier: MIT */
/*
 * What was read before and decides what follows, as grammar/layouts says: the values of fields by their names, and answers
 * that only QEMU's code knows. It must not move the lexer.
 */
#ifndef VMWIRE_READ_KNOWN_NAMES_H
#define VMWIRE_READ_KNOWN_NAMES_H

#include "read/lexer.h"

/* A field that was read. */
struct known_name {
    const struct known_name *before;
    const char *structure, *name; /* as in struct layout_name */
    int64_t value;                /* of an integer */
    struct vmwire_bytes bytes;
};

struct known_answer {
    const struct known_answer *before;
    const struct layout_choice *choice;
    uint32_t answer;
};

/* Adds a field, if anything refers to one of this name. */
void note_name(struct lexer *lexer, const char *name, int64_t value, struct vmwire_bytes bytes);

/* The same for a field that a structure has. */
void note_field(struct lexer *lexer, const struct vmwire_field *field, struct vmwire_bytes bytes);

/* Adds a subsection that was sent. */
void note_subsection(struct lexer *lexer, const char *name);

/* Called where the record on top ends. `single`: it is not one of several elements. Its fields are from now on known with its
 * name in front, or forgotten. */
void leave_names(struct lexer *lexer, bool single);

/* The last field of this name; NULL: there is none. */
const struct known_name *find_name(const struct lexer *lexer, const struct layout_name *name);

/* Finds a number. `frame` is where its field stands. 0, LEXER_ASKS or LEXER_ERROR. */
int find_number(struct lexer *lexer, const struct frame *frame, const struct layout_value *value,
                uint64_t *number);

/* Adds the numbers that the facts of the structure have, where its fields begin. `frame` is its own. 0, LEXER_ASKS or
 * LEXER_ERROR. */
int note_numbers(struct lexer *lexer, struct frame *frame);

/* Finds whether all conditions hold. 0, LEXER_ASKS or LEXER_ERROR. */
int check_conditions(struct lexer *lexer, const struct frame *frame,
                     struct layout_conditions conditions, bool *hold);

/* In a trial: 0 where the integers are in the set, LEXER_ERROR or LEXER_ASKS otherwise. */
int check_values(struct lexer *lexer, const struct frame *frame, const struct layout_values *values,
                 const int64_t *numbers, size_t count, const char *name);

#endif
