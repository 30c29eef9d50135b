/* SPDX-License-Identifier: MIT */
/*
 * Decides one tail: takes the first wrong step, searches from there on, and gives the verdict. It must not
 * know how the walk came to the tail.
 */
#ifndef VMWIRE_DECIDE_TAIL_VERDICT_H
#define VMWIRE_DECIDE_TAIL_VERDICT_H

#include "decide/tail.h"

/* Fills in the tail's verdict. */
void decide_tail(struct engine *engine, struct tail *tail);

#endif
