/* SPDX-License-Identifier: MIT */
/*
 * Writes bytes into a file or to standard output. Knows nothing of what they mean.
 */
#ifndef VMWIRE_PROGRAM_SHARED_OUTPUT_FILE_H
#define VMWIRE_PROGRAM_SHARED_OUTPUT_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "program/shared/arguments.h"

/* Returns false and sets `error` if the output is a regular file that the command also reads: a FILE, a
 * --schema or the --existing one, by whatever name. NULL and "-" name standard output. */
bool output_is_no_input(const char *output, const struct arguments *arguments,
                        struct vmwire_error *error);

/* A file that is being written. */
struct output_file {
    const char *name; /* as errors call it */
    FILE *stream;
    bool seeks;            /* a regular file: zeros need not be written */
    bool named;            /* there is a file `beside`, and it is this one */
    char target[PATH_MAX]; /* the file that the new one replaces; "": it is written in place */
    char beside[PATH_MAX]; /* the new one, until it is complete */
};

/* Begins to write; NULL and "-" name standard output. A regular file gets its new content only when all of it is written,
 * and keeps its mode and the links to it. Returns false with `error` set if the file cannot be written. */
bool begin_output(struct output_file *output, const char *file, struct vmwire_error *error);

/* Appends bytes; a NULL pointer with a length stands for zeros. `output` is a struct output_file: this is a
 * struct vmwire_byte_sink's function. */
bool append_output(void *output, struct vmwire_bytes bytes, struct vmwire_error *error);

/* Ends the file. `complete`: all was appended; otherwise what was there before stays, and the result is false. Returns
 * false with `error` set also if not all could be written. */
bool end_output(struct output_file *output, bool complete, struct vmwire_error *error);

/* Does all three with these bytes. */
bool write_output_file(const char *file, struct vmwire_bytes bytes, struct vmwire_error *error);

/* Writes all bytes into a new file of the folder. Neither overwrites a file nor follows a link. Removes the
 * file if it cannot write all of it; sets errno and returns false then. */
bool write_new_file(int folder, const char *name, struct vmwire_bytes bytes);

/* Sets an error about a file that cannot be written, with the reason that errno holds. Always returns false. */
bool set_write_error(struct vmwire_error *error, const char *file);

#endif
