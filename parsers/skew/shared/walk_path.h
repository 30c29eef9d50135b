/* SPDX-License-Identifier: MIT */
/*
 * The path of a place in a record tree, as errors show it: names of fields and subsections from the section's record on.
 */
#ifndef VMWIRE_SKEW_SHARED_WALK_PATH_H
#define VMWIRE_SKEW_SHARED_WALK_PATH_H

#include "skew/shared/found.h"

/* The path of the walk's record, and of a field of it with this name; "" or NULL: of the record alone. */
const char *walk_path(const struct skew *skew, const struct vmwire_record_walk *walk,
                      const char *name);

#endif
