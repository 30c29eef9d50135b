/* SPDX-License-Identifier: MIT */
/*
 * Where a structure lies in the memory of its device.
 */
#ifndef VMWIRE_SKEW_CONDITIONS_PLACES_IN_MEMORY_H
#define VMWIRE_SKEW_CONDITIONS_PLACES_IN_MEMORY_H

#include "vmwire/schema.h"

struct device_place {
    const struct vmwire_program_facts *program; /* NULL: nothing is known of it */
    const struct vmwire_machine *machine;       /* NULL: not known */
    size_t number;                              /* of the device's structure */
    bool known;                                 /* the structure is in the device's own memory */
    uint64_t offset;                            /* bytes from the device's start */
};

#endif
