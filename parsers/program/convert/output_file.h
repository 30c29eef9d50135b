/* SPDX-License-Identifier: MIT */
/*
 * Writes bytes into a file or to standard output.
 */
#ifndef VMWIRE_PROGRAM_CONVERT_OUTPUT_FILE_H
#define VMWIRE_PROGRAM_CONVERT_OUTPUT_FILE_H

#include <stdbool.h>

#include "vmwire/vmwire.h"

/* Writes all bytes; NULL and "-" name standard output. A regular file gets its new content only when
 * all of it is written, and keeps its mode and the links to it. Sets `error` and returns false if it
 * cannot write. */
bool write_output_file(const char *file, struct vmwire_bytes bytes, struct vmwire_error *error);

#endif
