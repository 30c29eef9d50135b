/* SPDX-License-Identifier: MIT */
/* Mutates the tree of a stream: its sections, the subsections of its records, their versions and ids. */
#ifndef VMWIRE_FUZZ_TREE_H
#define VMWIRE_FUZZ_TREE_H

#include "mutator/mutation.h"

void mutate_tree(struct mutation *mutation);

/* Inserts a copy of a section of another state of the same schema. */
void splice_section(struct mutation *mutation, const struct vmwire_stream *other);

#endif
