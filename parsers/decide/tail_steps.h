/* SPDX-License-Identifier: MIT */
/*
 * Steps of the search at a tail: the reader takes a subsection. Where the owner has it, the reader goes on
 * with its version and its record; an unknown name makes the reader reject. Tails that the reader passes
 * are record_steps.h's.
 */
#ifndef VMWIRE_DECIDE_TAIL_STEPS_H
#define VMWIRE_DECIDE_TAIL_STEPS_H

#include "decide/tail_rules.h"

/* Follows all ways in which the reader can take a subsection at this tail. */
void take_subsections(struct engine *engine, size_t before, const struct passed_tails *passed,
                      uint64_t offset, size_t frame, size_t node, size_t done);

/* Follows the reader behind the name of a known subsection: over its version, into its record. */
void follow_version(struct engine *engine, size_t before, const struct pair *pair);

/* Likewise where the writer sends `sent`: a second writer may send another subsection of that name. */
void take_namesakes(struct engine *engine, const struct passed_tails *passed, uint64_t offset,
                    size_t frame, size_t node, const struct vmwire_subsection_value *sent);

#endif
