/* SPDX-License-Identifier: MIT */
/*
 * The reason "only reading": no reading of the section parts at a tail from the writer's and comes to a footer.
 */
#ifndef VMWIRE_PROOFS_ONLY_READING_H
#define VMWIRE_PROOFS_ONLY_READING_H

#include "tails.h"

/* Returns true if it is certain that there is no such reading, in any state. */
bool is_only_reading(const struct tails *tails, const struct tail *tail);

#endif
