/* SPDX-License-Identifier: MIT */
/*
 * Decides what a function of QEMU says of a field or a subsection, by the version and by the properties that a machine type
 * gives the device. Knows nothing of streams.
 */
#ifndef VMWIRE_SKEW_CONDITIONS_CONDITIONS_H
#define VMWIRE_SKEW_CONDITIONS_CONDITIONS_H

#include "skew/conditions/places_in_memory.h"

/* Where the device's memory begins. `machine`: the name of the machine type; NULL: it is not known. */
struct device_place place_of_device(const struct vmwire_structure *declared, const char *machine);

/* The structure in a field. */
struct device_place place_inside(const struct device_place *at, const struct vmwire_field *field);

/* What the function says: 1 yes, 0 no, -1 that is not known. `condition` can be NULL. */
int decide_condition(const struct vmwire_condition *condition, uint32_t version_id,
                     const struct device_place *at);

#endif
