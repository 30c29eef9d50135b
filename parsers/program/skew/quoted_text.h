/* SPDX-License-Identifier: MIT */
/*
 * Prints names within formats that have quotes of their own. Names may hold any bytes.
 */
#ifndef VMWIRE_PROGRAM_SKEW_QUOTED_TEXT_H
#define VMWIRE_PROGRAM_SKEW_QUOTED_TEXT_H

#include <stdio.h>

/* What becomes of characters that mean something in the format. All write control characters, and bytes that are not UTF-8, as
 * \xNN. */
enum quoting {
    QUOTING_NONE,
    QUOTING_CSV, /* a quote is doubled (RFC 4180) */
    QUOTING_XML, /* they become entities; so do for attributes line ends and tabs, which are control characters anyway */
};

/* NULL is the empty text. */
void print_quoted(FILE *output, const char *text, enum quoting quoting);

/* A message of QEMU: three points stand for each value that is not known, as %s. */
void print_message(FILE *output, const char *message, enum quoting quoting);

#endif
