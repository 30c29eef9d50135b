/* SPDX-License-Identifier: MIT */
/*
 * Reads the options of the command line. Knows no command.
 */
#ifndef VMWIRE_PROGRAM_COMMAND_LINE_H
#define VMWIRE_PROGRAM_COMMAND_LINE_H

#include "program/shared/arguments.h"

enum command_line_request {
    REQUEST_COMMAND, /* run the command */
    REQUEST_HELP,
    REQUEST_VERSION,
    REQUEST_NOTHING /* an option is wrong; the error has been printed */
};

/* Reads the options into `arguments`, whose list of schemas has room for argc entries. Moves the other
 * words to the end of argv; `optind` is the index of the first one (getopt(3)). */
enum command_line_request read_options(struct arguments *arguments, int argc, char **argv);

/* Prints a usage error, in which `format` has one %s, and where to find help. Returns
 * EXIT_BAD_INPUT. */
int report_usage_error(const char *format, const char *word);

/* Prints the options, one a line. */
void print_option_help(void);

#endif
