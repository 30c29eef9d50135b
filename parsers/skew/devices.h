/* SPDX-License-Identifier: MIT */
/*
 * Finds for each device that a writer without a stream can have what the reader has for it, and compares the two.
 */
#ifndef VMWIRE_SKEW_DEVICES_H
#define VMWIRE_SKEW_DEVICES_H

#include "skew/shared/found.h"

/* Adds what differs in the devices that the writer declares, dumps or describes. */
void compare_devices(struct skew *skew);

/* Says that the reader's dump does not have `count` structures, of which `first` is one: a dump has only those of device types. */
void note_undumped(struct skew *skew, size_t count, const char *first);

#endif
