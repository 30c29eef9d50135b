/* SPDX-License-Identifier: MIT */
/*
 * Steps of the search within a record: the reader reads data, lists and sentinels, passes tails, and leaves
 * records. It calls tail_steps.h where the reader takes a subsection, and item_steps.h where a section ends.
 */
#ifndef VMWIRE_DECIDE_RECORD_STEPS_H
#define VMWIRE_DECIDE_RECORD_STEPS_H

#include "decide/tail_rules.h"

/* Adds all pairs and outcomes that the reader can reach from `pair` by reading one thing. `passed`: the tails
 * that it has passed at this byte; more are added. */
void follow_reader(struct engine *engine, size_t before, struct passed_tails *passed,
                   struct pair pair);

#endif
