/* SPDX-License-Identifier: MIT */
/*
 * Machine types: which one a side has, and which ones give a property a value. Knows nothing of conditions.
 */
#ifndef VMWIRE_SKEW_CONDITIONS_MACHINE_TYPES_H
#define VMWIRE_SKEW_CONDITIONS_MACHINE_TYPES_H

#include "skew/conditions/properties.h"
#include "skew/shared/found.h"

/* The machine type that the stream names; NULL: none. `stream` can be NULL. */
const char *configured_machine(const struct skew *skew, const struct vmwire_stream *stream);

/* The machine type of a side: its own, or that of its stream, or of the other side's: a reader refuses another one. NULL: it
 * is not known. */
const char *machine_of_side(const struct skew *skew, const struct vmwire_side *side);

/* Which machine types give the property a value, the newest of each family: "machine types up to pc-i440fx-6.2 set
 * x-not-migrate-acpi-index to on". NULL: none. */
const char *name_machines(const struct vmwire_program_facts *program,
                          const struct found_property *found, struct vmwire_arena *arena);

#endif
