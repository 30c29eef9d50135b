/*
 * The steps of a reader within a record: data, lists, sentinels, and the ends of records.
 */
#ifndef VMWIRE_DECIDE_RECORD_STEPS_H
#define VMWIRE_DECIDE_RECORD_STEPS_H

#include "decide/tail_rules.h"

/* From a pair of positions on, to all pairs that the reader can reach by reading one thing. */
void follow_reader(struct engine *engine, size_t before, struct passed_tails *passed,
                   struct pair pair);

#endif
