/* SPDX-License-Identifier: MIT */
/*
 * Says which QEMU options a manifest may have: those that start no program and reach no file, device
 * or network of the host, and use no more than a part of its memory. A list of what is allowed; all else is refused.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_ALLOWED_OPTIONS_H
#define VMWIRE_PROGRAM_REPLAY_ALLOWED_OPTIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Checks a command line, a list of strings; the first one, the program, counts for nothing. Returns
 * true if each option and each part of its value is allowed. Otherwise writes into `problem` which one
 * is not, and returns false. */
bool are_options_allowed(const json_t *command, char *problem, size_t size);

/* Checks migration capabilities in the same way: a list of strings, NULL: none. */
bool are_capabilities_allowed(const json_t *capabilities, char *problem, size_t size);

#endif
