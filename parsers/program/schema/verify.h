/* SPDX-License-Identifier: MIT */
/*
 * Holds what was found in a program against what the program says itself (-dump-vmstate).
 */
#ifndef VMWIRE_PROGRAM_SCHEMA_VERIFY_H
#define VMWIRE_PROGRAM_SCHEMA_VERIFY_H

#include "program/shared/arguments.h"
#include "program/shared/program_files.h"
#include "vmwire/declarations.h"

/* Runs the program, compares and prints the result. Returns EXIT_CLEAN where each structure of the dump is found, equal;
 * EXIT_FINDINGS where one is not; EXIT_BAD_INPUT with the error reported. */
int verify_declarations(const struct vmwire_declarations *declarations,
                        const struct program_files *files, const struct arguments *arguments);

#endif
