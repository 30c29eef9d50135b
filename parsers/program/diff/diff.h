/* SPDX-License-Identifier: MIT */
/*
 * vmwire diff: what differs between two streams, value by value.
 */
#ifndef VMWIRE_PROGRAM_DIFF_DIFF_H
#define VMWIRE_PROGRAM_DIFF_DIFF_H

#include "program/shared/arguments.h"

/* Returns the exit status: EXIT_CLEAN where the streams are the same. */
int run_diff(const struct arguments *arguments);

#endif
