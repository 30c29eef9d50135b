/* SPDX-License-Identifier: MIT */
/*
 * A file as bytes in memory. A regular file is mapped, so that the kernel never reads the RAM pages
 * that a reader skips. A pipe or a device is first copied into an unnamed file in the folder that the
 * environment variable TMPDIR names, or in /tmp, because a stream's description comes last: so it needs as much
 * room there as it has bytes. Knows nothing of the contents.
 */
#ifndef VMWIRE_INPUT_H
#define VMWIRE_INPUT_H

#include "vmwire/bytes.h"
#include "vmwire/error.h"

#pragma GCC visibility push(default)

struct vmwire_input {
    struct vmwire_bytes bytes;
};

/* The bytes at the beginning of a pipe by which it is judged. */
enum { VMWIRE_INPUT_HEAD = 1 << 16 };

/* The bytes that a pipe can have in all: 64 GiB. */
#define VMWIRE_INPUT_LIMIT (UINT64_C(1) << 36)

/* Judges a pipe by its first bytes, so that one that is no input of the wanted kind is not copied to its end: it may have
 * none. */
struct vmwire_input_judge {
    void *context;
    /* Returns the number of bytes that such an input can have in all. 0: it is none, so no more is read, and `head` is
     * all that the input is said to have. Called each time bytes arrive, until VMWIRE_INPUT_HEAD are there. */
    uint64_t (*limit)(void *context, struct vmwire_bytes head);
};

/* Opens the file of this name; "-" is standard input. `judge`: NULL, or is asked about a pipe. The caller releases the
 * input with vmwire_input_close(). Returns false with `error` set when the file cannot be read (VMWIRE_ERROR_FILE), or a
 * pipe has more bytes than it can have (VMWIRE_ERROR_LIMIT). */
bool vmwire_input_open(struct vmwire_input *input, const char *file,
                       const struct vmwire_input_judge *judge, struct vmwire_error *error);

/* Does the same with a file that the caller has opened for reading, and closes in the end. An error names it `file`. */
bool vmwire_input_open_descriptor(struct vmwire_input *input, int descriptor, const char *file,
                                  const struct vmwire_input_judge *judge,
                                  struct vmwire_error *error);

/* Releases the bytes. */
void vmwire_input_close(struct vmwire_input *input);

#pragma GCC visibility pop

#endif
