/*
 * Makes a finding of an outcome that a search has found: the bytes and the optional subsections that the
 * way to it needs.
 */
#ifndef VMWIRE_DECIDE_FINDING_H
#define VMWIRE_DECIDE_FINDING_H

#include "decide/tail.h"

const struct finding *make_finding(const struct engine *engine, enum outcome outcome,
                                   const struct tail *tail);

#endif
