/* SPDX-License-Identifier: MIT */
/*
 * The machine types of a QEMU with the values that they give to properties of devices, so that these stay as they were in the
 * release of that name (QEMU include/hw/boards.h, compat_props_add).
 */
#ifndef VMWIRE_SCHEMA_COMPAT_PROPERTIES_H
#define VMWIRE_SCHEMA_COMPAT_PROPERTIES_H

#include "schema/type_info.h"

/* Adds the machine types to the facts, which have the device types. */
void add_machines(struct code_reader *reader, const struct found_types *types,
                  struct vmwire_program_facts *facts);

#endif
