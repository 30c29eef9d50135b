/* SPDX-License-Identifier: MIT */
/*
 * What a loader compares beside layouts: the values that both streams tell. A section that only one side has, and layouts, are
 * the business of others.
 */
#ifndef VMWIRE_SKEW_VALUES_H
#define VMWIRE_SKEW_VALUES_H

#include "skew/found.h"

/* Adds what differs. Adds nothing where a side has no stream: then its values are not known. */
void find_value_differences(struct skew *skew);

#endif
