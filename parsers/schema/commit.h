/* SPDX-License-Identifier: MIT */
/*
 * Commits a source: adds everything that a walk has loaded to the schema. Knows nothing of the
 * kinds of sources.
 */
#ifndef VMWIRE_SCHEMA_COMMIT_H
#define VMWIRE_SCHEMA_COMMIT_H

#include "schema/source_walk.h"

/* Adds the loaded structures and devices to the schema. Returns false with the walk's error set
 * when that exceeds a limit (VMWIRE_ERROR_LIMIT); the schema then has no structure and no device of the
 * source. */
bool walk_commit(struct source_walk *walk);

#endif
