/* SPDX-License-Identifier: MIT */
/*
 * Writes bytes into a file or to standard output. Knows nothing of what they mean.
 */
#ifndef VMWIRE_PROGRAM_SHARED_OUTPUT_FILE_H
#define VMWIRE_PROGRAM_SHARED_OUTPUT_FILE_H

#include <stdbool.h>

#include "program/shared/arguments.h"

/* Returns false and sets `error` if the output is a regular file that the command also reads: a FILE, a
 * --schema or the --existing one, by whatever name. NULL and "-" name standard output. */
bool output_is_no_input(const char *output, const struct arguments *arguments,
                        struct vmwire_error *error);

/* Writes all bytes; NULL and "-" name standard output. A regular file gets its new content only when
 * all of it is written, and keeps its mode and the links to it. Sets `error` and returns false if it
 * cannot write. */
bool write_output_file(const char *file, struct vmwire_bytes bytes, struct vmwire_error *error);

/* Writes all bytes into a new file of the folder. Neither overwrites a file nor follows a link. Removes the
 * file if it cannot write all of it; sets errno and returns false then. */
bool write_new_file(int folder, const char *name, struct vmwire_bytes bytes);

/* Sets an error about a file that cannot be written, with the reason that errno holds. Always returns false. */
bool set_write_error(struct vmwire_error *error, const char *file);

#endif
