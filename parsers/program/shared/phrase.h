/* SPDX-License-Identifier: MIT */
/*
 * Texts in an arena. Knows nothing of what they say.
 */
#ifndef VMWIRE_PROGRAM_SHARED_PHRASE_H
#define VMWIRE_PROGRAM_SHARED_PHRASE_H

#include "vmwire/vmwire.h"

/* The bytes in hexadecimal with blanks between; behind the first `most` of them three points. All of these allocate from the
 * arena, within an attempt of the caller. */
const char *phrase_hex(struct vmwire_arena *arena, struct vmwire_bytes bytes, size_t most);

/* The bytes as characters between quotes, a point for each that is none. */
const char *phrase_characters(struct vmwire_arena *arena, struct vmwire_bytes bytes);

/* The first sentence of a text, without its full stop and its capital. */
const char *phrase_first_sentence(struct vmwire_arena *arena, const char *text);

#endif
