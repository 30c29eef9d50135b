/* SPDX-License-Identifier: MIT */
/*
 * Finds for each device that a writer without a stream can have what the reader has for it, and compares the two.
 */
#ifndef VMWIRE_SKEW_DEVICES_H
#define VMWIRE_SKEW_DEVICES_H

#include "skew/layouts/compared_section.h"
#include "skew/shared/found.h"

/* Adds what differs in the devices that the writer declares, dumps or describes. */
void compare_devices(struct skew *skew);

/* Says that the reader's dump does not have the structure of the section, or that of the writer. `written`: the writer's section;
 * NULL: none is given. */
void add_undumped_section(struct skew *skew, const struct compared_section *section, bool reads);

#endif
