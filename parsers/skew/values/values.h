/* SPDX-License-Identifier: MIT */
/*
 * What a loader compares beside layouts: the values that both streams tell. A section that only one side has, and layouts, are
 * the business of others.
 */
#ifndef VMWIRE_SKEW_VALUES_VALUES_H
#define VMWIRE_SKEW_VALUES_VALUES_H

#include "skew/shared/found.h"

/* Adds what differs. Nothing where the writer has no stream; of a reader without one, only what its program does not take. */
void find_value_differences(struct skew *skew);

#endif
