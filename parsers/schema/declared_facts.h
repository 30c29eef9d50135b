/* SPDX-License-Identifier: MIT */
/*
 * Loads what a program has beside its declarations from their JSON: conditions, types, machine types.
 */
#ifndef VMWIRE_SCHEMA_DECLARED_FACTS_H
#define VMWIRE_SCHEMA_DECLARED_FACTS_H

#include "schema/source_walk.h"
#include "vmwire/program_facts.h"

/* Loads them from the walk's root: none, where it has none. Returns NULL with the walk's error set when they are not of the form
 * (VMWIRE_ERROR_SCHEMA) or exceed a limit. */
const struct vmwire_program_facts *load_facts(struct source_walk *walk, size_t structure_count);

#endif
