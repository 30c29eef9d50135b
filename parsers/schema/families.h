/* SPDX-License-Identifier: MIT */
/*
 * Families: a family is all structures of one name that share a field. The structures of a family
 * share their subsections and versions. One name can have several families, because QEMU has
 * different structures of one name. Knows nothing of the kinds of sources.
 */
#ifndef VMWIRE_SCHEMA_FAMILIES_H
#define VMWIRE_SCHEMA_FAMILIES_H

#include "schema/source_walk.h"

/* Finds or makes the family of a loaded layout, and adds the layout's versions and subsections to
 * it. Returns false with the walk's error set beyond a limit (VMWIRE_ERROR_LIMIT). */
bool add_to_family(struct source_walk *walk, struct layout *layout);

/* Gives all structures the versions and subsections of their families. Call it after the last
 * source is added. */
void merge_structures(struct vmwire_schema *schema);

/* Whether any structure of the family has a subsection of this name. */
bool family_has_subsection(const struct family *family, const char *name);

#endif
