/* SPDX-License-Identifier: MIT */
/*
 * How much of the machine the options of a manifest may use: memory, processors, queues.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_AMOUNT_LIMITS_H
#define VMWIRE_PROGRAM_REPLAY_AMOUNT_LIMITS_H

#include "program/replay/option_words.h"

enum { AMOUNT_LIMITS = 8 };

/* What the options of one command use until now. */
struct amounts {
    double totals[AMOUNT_LIMITS];
};

void begin_amounts(struct amounts *amounts);

/* Counts KEY=VALUE of the option, which stands here without a dash; a value without a key has an empty one. Returns NULL if
 * the command stays within all limits; otherwise the limit, as "16 GiB of memory in all". A value that is no amount counts
 * as too much where an amount has to be. */
const char *exceed_limit(struct amounts *amounts, const char *option, struct word key,
                         struct word value);

#endif
