/* SPDX-License-Identifier: MIT */
/*
 * Turns an outcome that a search has reached into a finding: gathers the bytes and the optional subsections
 * that the way to it requires. It must not know how the search found that way.
 */
#ifndef VMWIRE_DECIDE_FINDING_H
#define VMWIRE_DECIDE_FINDING_H

#include "decide/tail.h"

/* The finding lives in the arena of what the engine returns. */
struct vmwire_finding *make_finding(const struct engine *engine, enum vmwire_outcome outcome,
                                    const struct tail *tail);

/* Whether two steps of the way want two values of one byte: no state has both. */
bool wants_two_values(const struct vmwire_finding *finding);

#endif
