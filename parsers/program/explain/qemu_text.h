/* SPDX-License-Identifier: MIT */
/*
 * What a message of QEMU names, as it was printed (--message). Knows nothing of causes.
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_QEMU_TEXT_H
#define VMWIRE_PROGRAM_EXPLAIN_QEMU_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the text has the name as a word of its own. */
bool text_names(const char *text, const char *name);

/* Whether it has the name of a section with this instance id, or without any. */
bool text_names_section(const char *text, const char *idstr, uint32_t instance_id);

/* Whether it names a device as one whose state was being loaded. */
bool text_names_any_device(const char *text);

/* Whether it has the message: each blank may be several, and %s, %d, ... stand for anything. */
bool text_has_message(const char *text, const char *message);

/* Part of a text. */
struct text_piece {
    const char *begin; /* NULL: there is none */
    size_t length;
};

/* Sets what stands in the text for each %s, %d, ... of a message that it has, of the first `most` ones; the others are empty. */
void text_values(const char *text, const char *message, struct text_piece *pieces, size_t most);

#endif
