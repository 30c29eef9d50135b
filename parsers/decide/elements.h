/* SPDX-License-Identifier: MIT */
/*
 * Decides streams in which each value has its tag and its length (DER). There reader and writer cannot drift apart: a
 * section is read element by element, or refused. Knows nothing of pairs of positions.
 */
#ifndef VMWIRE_DECIDE_ELEMENTS_H
#define VMWIRE_DECIDE_ELEMENTS_H

#include "vmwire/decide.h"

/* As vmwire_decide(), within an attempt. `work` holds what is only needed meanwhile. */
bool decide_elements(const struct vmwire_question *question, struct vmwire_arena *arena,
                     struct vmwire_arena *work, struct vmwire_decision *decision);

#endif
