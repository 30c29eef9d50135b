/* SPDX-License-Identifier: MIT */
/*
 * Counts the readings of a section's record before the lexer reads it: the ways in which a writer of this schema could
 * have written its bytes. The lexer then asks at each tail what the only reading does there. It must not know what the
 * grammar builds, nor what a description says was sent.
 */
#ifndef VMWIRE_READ_READINGS_H
#define VMWIRE_READ_READINGS_H

#include "read/lexer.h"

/* Counts the readings of the record that begins at the cursor: of a section, or of the configuration. False: there are
 * more places alive than are followed; the error is set. */
bool count_readings(struct lexer *lexer, const struct vmwire_structure *structure);

/* Whether no reading goes on over the next `length` bytes. Then sets the error. */
bool readings_end_within(struct lexer *lexer, uint64_t length);

/* The lexer has read on. True: no reading goes on so far; the error is set. */
bool readings_have_ended(struct lexer *lexer);

#endif
