/* SPDX-License-Identifier: MIT */
/*
 * Prints what a program declares as JSON: parsers/schema/declarations.schema.json documents it.
 */
#ifndef VMWIRE_PROGRAM_SCHEMA_PRINT_DECLARATIONS_H
#define VMWIRE_PROGRAM_SCHEMA_PRINT_DECLARATIONS_H

#include <stdio.h>

#include "program/shared/program_files.h"
#include "vmwire/declarations.h"

/* Prints with line breaks on a terminal, without elsewhere. Returns false when memory runs out: nothing is printed then. */
bool print_declarations(FILE *output, const struct vmwire_declarations *declarations,
                        const struct program_files *files);

#endif
