/*
 * Families: the structures of one name that resemble each other. Each knows the subsections and versions of the
 * others; QEMU has namesakes that have nothing in common.
 */
#ifndef VMWIRE_SCHEMA_FAMILIES_H
#define VMWIRE_SCHEMA_FAMILIES_H

#include "schema/source_walk.h"

/* Gives a layout that a walk has loaded its family, and adds to that what the layout tells. False with the walk's error
 * set beyond a limit. */
bool add_to_family(struct walk *walk, struct layout *layout);

/* Gives all structures the version ids and subsections of their families, once all sources are there. */
void merge_structures(struct schema *schema);

#endif
