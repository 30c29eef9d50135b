/* SPDX-License-Identifier: MIT */
/*
 * Decides what a function of QEMU says of a field or a subsection, by the version and by the properties that a machine type
 * gives the device; and says in words what it asks. Knows nothing of streams.
 */
#ifndef VMWIRE_SKEW_CONDITIONS_H
#define VMWIRE_SKEW_CONDITIONS_H

#include "skew/found.h"
#include "skew/places_in_memory.h"

/* Where the device's memory begins. `machine`: the name of the machine type; NULL: it is not known. */
struct device_place place_of_device(const struct vmwire_structure *declared, const char *machine);

/* The structure in a field. */
struct device_place place_inside(const struct device_place *at, const struct vmwire_field *field);

/* What the function says: 1 yes, 0 no, -1 that is not known. `condition` can be NULL. */
int decide_condition(const struct vmwire_condition *condition, uint32_t version_id,
                     const struct device_place *at);

/* In words when the function says yes, or no: "property smm-compat of PIIX4_PM is on". NULL: no property decides, and no
 * version. */
const char *describe_condition(const struct skew *skew, const struct vmwire_condition *condition,
                               const struct device_place *at, bool says);

/* Which machine types set the properties that it asks: "machine types up to pc-i440fx-6.2 set x-not-migrate-acpi-index to
 * on". NULL: none. */
const char *advise_condition(const struct skew *skew, const struct vmwire_condition *condition,
                             const struct device_place *at);

/* Whether it is known that neither a property nor the version decides, but the device's state. */
bool asks_only_state(const struct vmwire_condition *condition, const struct device_place *at);

/* The machine type of a side: its own, or that of its stream, or of the other side's: a reader refuses another one. NULL: it
 * is not known. */
const char *machine_of_side(const struct skew *skew, const struct vmwire_side *side);

#endif
