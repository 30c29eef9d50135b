/* SPDX-License-Identifier: MIT */
/*
 * Makes the description of a stream that carries none, by what a program declares.
 */
#ifndef VMWIRE_PROGRAM_SHARED_MAKE_DESCRIPTION_H
#define VMWIRE_PROGRAM_SHARED_MAKE_DESCRIPTION_H

#include "vmwire/vmwire.h"

/* Returns the description, as JSON text, of the sections that no other description tells, and sets `digest` to that of the
 * tree, for check_description(). The caller frees the text. Returns
 * NULL with `error` set where the reader does not accept the stream. */
char *make_description(const struct vmwire_option *option, struct vmwire_bytes stream,
                       const struct vmwire_schema *schema, uint64_t *digest,
                       struct vmwire_error *error);

/* Whether the stream, read by the schema with that description, has the tree with this digest. Otherwise sets `error`. */
bool check_description(const struct vmwire_option *option, struct vmwire_bytes stream,
                       const struct vmwire_schema *schema, uint64_t digest,
                       struct vmwire_error *error);

#endif
