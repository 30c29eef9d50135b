/* SPDX-License-Identifier: MIT */
/*
 * Says in words what a function of QEMU asks, and which machine types decide over it. Decides nothing.
 */
#ifndef VMWIRE_SKEW_CONDITIONS_CONDITION_WORDS_H
#define VMWIRE_SKEW_CONDITIONS_CONDITION_WORDS_H

#include "skew/conditions/places_in_memory.h"
#include "skew/shared/found.h"

/* When the function says yes, or no: "property smm-compat of PIIX4_PM is on". NULL: no property decides, and no version. */
const char *describe_condition(const struct skew *skew, const struct vmwire_condition *condition,
                               const struct device_place *at, bool says);

/* Which machine types set the properties that it asks. NULL: none. */
const char *advise_condition(const struct skew *skew, const struct vmwire_condition *condition,
                             const struct device_place *at);

/* When the function says yes, and which machine types decide over it. NULL: no property decides, and no version. */
const char *describe_with_machines(const struct skew *skew,
                                   const struct vmwire_condition *condition,
                                   const struct device_place *at);

/* Whether a property is known that it asks. */
bool asks_property(const struct vmwire_condition *condition, const struct device_place *at);

#endif
