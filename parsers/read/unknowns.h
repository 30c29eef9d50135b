/* SPDX-License-Identifier: MIT */
/*
 * Finds what nothing on the wire tells of a section whose layout a program declares: whether QEMU's code has sent a field,
 * numbers that only the machine knows, which of several structures of one name it is. It tries them with the lexer itself,
 * so it must not know what the bytes are.
 */
#ifndef VMWIRE_READ_UNKNOWNS_H
#define VMWIRE_READ_UNKNOWNS_H

#include "read/found_ways.h"
#include "read/lexer.h"

/* A structure that a program declares for the section that begins, of this version if there is one; NULL: there is none. */
const struct vmwire_structure *find_declared(struct lexer *lexer, uint32_t version_id);

/* Called where the record of a section begins. Sets the choices that the lexer goes by, and the structure that is entered.
 * 0, or LEXER_ERROR: none fits, or more than one does. */
int find_unknowns(struct lexer *lexer);

/* Called instead where nothing is tried (read/choices.h). 0, or LEXER_ERROR: the program declares several structures, or none, for this section. */
int enter_without_trial(struct lexer *lexer);

/* Called where a field of a private encoding begins, in a section that is described. Whether its bytes up to `end` fit its
 * layout in exactly one way; sets the choices that the lexer goes by then. */
bool split_field(struct lexer *lexer, const struct layout_group *group, const uint8_t *end);

/* Finds all ways in which the field that begins fits its layout, up to `end`; with `exact`, those that end there. */
struct private_ways find_ways(struct lexer *lexer, const struct layout_group *group,
                              const uint8_t *end, bool exact);

#endif
