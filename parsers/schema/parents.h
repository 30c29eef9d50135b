/* SPDX-License-Identifier: MIT */
#ifndef VMWIRE_SCHEMA_PARENTS_H
#define VMWIRE_SCHEMA_PARENTS_H

#include "vmwire/program_facts.h"

/* Sorts types by their names, and sets what each is derived from. A circle is cut, and so is a very long line. */
void set_parents(struct vmwire_type *types, size_t count);

#endif
