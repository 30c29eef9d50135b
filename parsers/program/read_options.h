/* SPDX-License-Identifier: MIT */
/*
 * Reads the options of the command line. Knows no command.
 */
#ifndef VMWIRE_PROGRAM_COMMAND_LINE_H
#define VMWIRE_PROGRAM_COMMAND_LINE_H

#include "program/shared/arguments.h"

enum option_request {
    REQUEST_COMMAND, /* run the command */
    REQUEST_HELP,
    REQUEST_VERSION,
    REQUEST_NOTHING /* an option is wrong; the error has been printed */
};

/* Reads the options into `arguments`, whose list of schemas has room for argc entries. Moves the other
 * words to the end of argv; `optind` is the index of the first one (getopt(3)). */
enum option_request read_options(struct arguments *arguments, int argc, char **argv);

/* Returns an option that was given and that the command does not take, or NULL. */
const char *find_foreign_option(const struct arguments *arguments, const char *command);

/* Returns EXIT_CLEAN, or reports an option of the command that has no effect beside the others and returns
 * EXIT_BAD_INPUT. */
int check_option_pairs(const struct arguments *arguments, const char *command);

/* Prints the options that the command takes, one a line; NULL: all, with the commands that take each. */
void print_option_help(const char *command);

#endif
