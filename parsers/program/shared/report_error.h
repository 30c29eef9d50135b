/* SPDX-License-Identifier: MIT */
/*
 * Prints an error for a person or for a machine.
 */
#ifndef VMWIRE_PROGRAM_SHARED_REPORT_ERROR_H
#define VMWIRE_PROGRAM_SHARED_REPORT_ERROR_H

#include "program/shared/arguments.h"

/* Prints the error as one line on standard error; --json makes it a JSON object. Enters `file` into
 * the error if it names no file yet. Always returns EXIT_BAD_INPUT. */
int report_error(const struct arguments *arguments, const char *file, struct vmwire_error *error);

/* Reports that memory ran out for an output. Always returns EXIT_BAD_INPUT. */
int report_out_of_memory(const struct arguments *arguments, const char *file);

/* Reports a wrong use of the command line, the same way, and where to find help. Always returns EXIT_BAD_INPUT. */
__attribute__((format(printf, 2, 3))) int report_usage_error(const struct arguments *arguments,
                                                             const char *format, ...);

#endif
