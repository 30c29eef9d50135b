/*
 * Makes all that a walk has loaded part of its schema.
 */
#ifndef VMWIRE_SCHEMA_COMMIT_H
#define VMWIRE_SCHEMA_COMMIT_H

#include "schema/source_walk.h"

/* False with the walk's error set where that is beyond the limits; the schema is then as it was. */
bool walk_commit(struct walk *walk);

#endif
