/* SPDX-License-Identifier: MIT */
/*
 * Shows on a terminal how far a command over many streams has come.
 */
#ifndef VMWIRE_PROGRAM_SHARED_PROGRESS_H
#define VMWIRE_PROGRAM_SHARED_PROGRESS_H

#include <stddef.h>

/* Shows "DONE streams VERB, now NAME" in the last line of the terminal. Does nothing if standard error
 * is no terminal. */
void show_progress(size_t done, const char *verb, const char *name);

/* Clears that line. */
void clear_progress(void);

#endif
