/*
 * The steps of a reader that takes a subsection at a tail: known ones, with their versions, and unknown names,
 * which it rejects.
 */
#ifndef VMWIRE_DECIDE_TAIL_STEPS_H
#define VMWIRE_DECIDE_TAIL_STEPS_H

#include "decide/tail_rules.h"

/* All ways in which the reader can take a subsection at a tail. */
void take_subsections(struct engine *engine, size_t before, const struct passed_tails *passed,
                      uint64_t offset, size_t frame, size_t node, size_t done);

/* Behind the name of a known subsection: its version, and its record. */
void follow_version(struct engine *engine, size_t before, const struct pair *pair);

#endif
