/* SPDX-License-Identifier: MIT */
/*
 * Writes a word as a shell reads it back. Knows nothing of commands.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_SHELL_WORD_H
#define VMWIRE_PROGRAM_COMPARE_SHELL_WORD_H

#include "vmwire/arena.h"

/* The word, in quotes if it needs them. */
const char *quote_word(struct vmwire_arena *arena, const char *word);

#endif
