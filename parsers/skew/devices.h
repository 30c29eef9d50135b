/* SPDX-License-Identifier: MIT */
/*
 * Finds for each device that a writer without a stream can have what the reader has for it, and compares the two.
 */
#ifndef VMWIRE_SKEW_DEVICES_H
#define VMWIRE_SKEW_DEVICES_H

#include "skew/shared/found.h"

/* Adds what differs in the devices that the writer declares, dumps or describes. */
void compare_devices(struct skew *skew);

/* Structures that a side's dump does not have: it has only those of device types. */
struct undumped {
    size_t count;
    const char *first;
};

/* Counts one more. */
void add_undumped(struct undumped *undumped, const char *name);

/* Says how many there are, if any: of the reader's dump, or of the writer's. */
void note_undumped(struct skew *skew, struct undumped undumped, bool reads);

#endif
