/* SPDX-License-Identifier: MIT */
/*
 * Finds out whether a program is a QEMU, and how it can be kept from doing harm.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_IDENTIFY_QEMU_H
#define VMWIRE_PROGRAM_REPLAY_IDENTIFY_QEMU_H

#include "program/shared/arguments.h"

/* Starts the program of --qemu once, with an empty machine. Returns the words in `safeguards` that each
 * command line has to end with: no configuration of the user, no default devices, no display, no guest
 * that runs, and a filter of system calls where the program has one; none with --trust. The list is
 * static and ends with NULL. Returns in `version` what QMP greets with. Sets `error` and returns false if the program is no QEMU, cannot run, or
 * memory runs out. */
bool identify_qemu(const char *const **safeguards, const char **version,
                   const struct arguments *arguments, struct vmwire_arena *arena,
                   struct vmwire_error *error);

#endif
