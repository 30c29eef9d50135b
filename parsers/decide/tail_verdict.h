/*
 * Decides one tail: the search from it on, and the verdict.
 */
#ifndef VMWIRE_DECIDE_TAIL_VERDICT_H
#define VMWIRE_DECIDE_TAIL_VERDICT_H

#include "decide/tail.h"

/* Fills in the tail's verdict. */
void decide_tail(struct engine *engine, struct tail *tail);

#endif
