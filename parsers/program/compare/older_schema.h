/* SPDX-License-Identifier: MIT */
/*
 * Makes a schema that of an older release for a while: without one subsection, or with marks of what exists already.
 * Knows nothing of options and streams.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_OLDER_SCHEMA_H
#define VMWIRE_PROGRAM_COMPARE_OLDER_SCHEMA_H

#include "vmwire/schema.h"

struct kept_list;

/* Takes the subsection out of all structures of that name. Returns what restore_subsection() needs, in `arena`. */
struct kept_list *leave_out_subsection(const struct vmwire_schema *schema, const char *owner,
                                       const char *name, struct vmwire_arena *arena);
void restore_subsection(struct kept_list *kept);

/* Takes the marks of vmwire_schema_set_existing() away again. */
void forget_existing(const struct vmwire_schema *schema);

#endif
