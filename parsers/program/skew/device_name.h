/* SPDX-License-Identifier: MIT */
/*
 * The names of devices in differences: without their place in a machine they are the same in all machines.
 */
#ifndef VMWIRE_PROGRAM_SKEW_DEVICE_NAME_H
#define VMWIRE_PROGRAM_SKEW_DEVICE_NAME_H

#include "vmwire/skew.h"

/* The device of a section: what stands behind the path in its idstr (QEMU migration/savevm.c, vmstate_register_with_alias_id). A part
 * of `section`. NULL: of no section. */
const char *device_of_section(const char *section);

/* Copies the text without addresses on a PCI bus (QEMU hw/pci/pci.c, pcibus_get_dev_path) and the `/` behind them. NULL: NULL. */
const char *without_addresses(struct vmwire_arena *arena, const char *text);

/* Whether both are the same text, or both NULL. */
bool same_text(const char *a, const char *b);

/* The number of different sections among the differences of this certainty; those of no section count as one. */
size_t count_devices(const struct vmwire_difference *const *list, size_t count,
                     enum vmwire_certainty certainty);

#endif
