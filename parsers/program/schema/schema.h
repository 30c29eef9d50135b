/* SPDX-License-Identifier: MIT */
/*
 * vmwire schema: prints what a QEMU declares, from its executable.
 */
#ifndef VMWIRE_PROGRAM_SCHEMA_SCHEMA_H
#define VMWIRE_PROGRAM_SCHEMA_SCHEMA_H

#include "program/shared/arguments.h"

/* Returns the exit status. */
int run_schema(const struct arguments *arguments);

#endif
