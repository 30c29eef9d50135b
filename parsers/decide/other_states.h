/* SPDX-License-Identifier: MIT */
/*
 * States with other values in the fields that decide what follows: counts, conditions, markers. The search
 * follows the stream's own. An answer holds for the others, too, where it does not rest on bytes that they could move, and on
 * fields that the reader could read otherwise; where it does, it is left open.
 */
#ifndef VMWIRE_DECIDE_OTHER_STATES_H
#define VMWIRE_DECIDE_OTHER_STATES_H

#include "decide/search.h"
#include "decide/tail.h"

/* Called before the searches from a tail. */
void begin_to_look(struct engine *engine, const struct tail *tail);

/* Called behind each: it has gone past bytes without asking them. */
void note_looked_at(const struct engine *engine);

/* Whether a finding of each outcome is known. */
bool has_all_outcomes(const struct vmwire_tail_verdict *verdict);

/* Called when the tail is decided for the stream's own values, and it is known why it is clean. */
void leave_states_open(const struct engine *engine, const struct tail *tail);

#endif
