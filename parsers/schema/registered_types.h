/* SPDX-License-Identifier: MIT */
/*
 * The types that a program makes when it starts: its functions fill a TypeInfo on the stack and register it, often one for each
 * row of a table (QEMU hw/net/e1000.c, e1000_register_types).
 */
#ifndef VMWIRE_SCHEMA_REGISTERED_TYPES_H
#define VMWIRE_SCHEMA_REGISTERED_TYPES_H

#include "schema/type_info.h"

/* Adds them to the types; those that are there already stay as they are. */
void add_registered_types(struct code_reader *reader, struct found_types *types);

#endif
