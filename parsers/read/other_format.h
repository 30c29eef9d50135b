/* SPDX-License-Identifier: MIT */
/*
 * Names what people hold instead of a migration stream, by its first bytes: rows of grammar/wire.toml. Knows nothing of streams.
 */
#ifndef VMWIRE_READ_OTHER_FORMAT_H
#define VMWIRE_READ_OTHER_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "vmwire/bytes.h"

/* Writes what the bytes are, and what to type, into `text`; false: that is not known. */
bool describe_other_format(struct vmwire_bytes bytes, char *text, size_t size);

#endif
