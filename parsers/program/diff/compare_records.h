/* SPDX-License-Identifier: MIT */
/*
 * Compares two records, and all that is in them, by paths. Knows nothing of the items that they are in.
 */
#ifndef VMWIRE_PROGRAM_DIFF_COMPARE_RECORDS_H
#define VMWIRE_PROGRAM_DIFF_COMPARE_RECORDS_H

#include "program/diff/difference.h"

/* `scratch` has what is needed meanwhile; it may be reset afterwards. Both arenas must be within an attempt. */
void compare_records(struct differences *differences, struct vmwire_arena *scratch,
                     struct compared_section *section, const struct vmwire_record *a,
                     const struct vmwire_record *b);

#endif
