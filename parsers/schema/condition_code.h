/* SPDX-License-Identifier: MIT */
/*
 * What a function asks that decides whether a field exists (field_exists) or a subsection is sent (needed). Knows nothing of
 * properties.
 */
#ifndef VMWIRE_SCHEMA_CONDITION_CODE_H
#define VMWIRE_SCHEMA_CONDITION_CODE_H

#include "schema/machine_code.h"

/* Reads the function at the address: its first argument is the structure, its second one the version. */
struct vmwire_condition read_condition(struct code_reader *reader, uint64_t function);

#endif
