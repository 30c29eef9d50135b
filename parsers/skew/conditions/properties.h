/* SPDX-License-Identifier: MIT */
/*
 * The properties of a device's types: which one fills a bit of its memory, and the value that a machine type gives it. Knows
 * nothing of what is asked about them.
 */
#ifndef VMWIRE_SKEW_CONDITIONS_PROPERTIES_H
#define VMWIRE_SKEW_CONDITIONS_PROPERTIES_H

#include "skew/conditions/places_in_memory.h"
#include "vmwire/program_facts.h"

/* A property of a type, own or inherited. */
struct found_property {
    const struct vmwire_type *type; /* that has it in a machine: the one that was asked */
    const struct vmwire_type
        *of; /* that declares it: this one, or the first one of those that it is derived from */
    const struct vmwire_property *property;
};

/* The next type that has the device's structure, from number `*next` on; NULL: there is no more. */
const struct vmwire_type *next_device_type(const struct device_place *at, size_t *next);

/* Whether another type is derived from it. */
bool is_base_type(const struct vmwire_program_facts *program, const struct vmwire_type *type);

/* Finds the type's property that fills this bit, counted from the device's start; false: there is none. */
bool find_property(const struct vmwire_type *type, uint64_t bit, struct found_property *found);

/* The text that the machine type gives the property; NULL: none. */
const char *property_text(const struct vmwire_machine *machine, const struct found_property *found);

/* The value that the property has in the machine type; false: it is not known. */
bool property_value(const struct vmwire_machine *machine, const struct found_property *found,
                    int64_t *value);

#endif
