/* SPDX-License-Identifier: MIT */
/*
 * A file as bytes in memory. A regular file is mapped, so that the kernel never reads the RAM pages
 * that a reader skips. A pipe is first copied into an unnamed temporary file, because a stream's
 * description comes last. Knows nothing of the contents.
 */
#ifndef VMWIRE_INPUT_H
#define VMWIRE_INPUT_H

#include "vmwire/bytes.h"
#include "vmwire/error.h"

#pragma GCC visibility push(default)

struct vmwire_input {
    struct vmwire_bytes bytes;
};

/* Opens the file of this name; "-" is standard input. The caller releases it with vmwire_input_close().
 * Returns false with `error` set (VMWIRE_ERROR_FILE) when the file cannot be read. */
bool vmwire_input_open(struct vmwire_input *input, const char *file, struct vmwire_error *error);

/* Releases the bytes. */
void vmwire_input_close(struct vmwire_input *input);

#pragma GCC visibility pop

#endif
