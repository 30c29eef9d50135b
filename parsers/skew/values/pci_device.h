/* SPDX-License-Identifier: MIT */
/*
 * The PCI configurations of a section on both sides. Knows where a configuration is in a record, whole or split into named
 * parts; which of its bits count is in pci_config.h.
 */
#ifndef VMWIRE_SKEW_VALUES_PCI_DEVICE_H
#define VMWIRE_SKEW_VALUES_PCI_DEVICE_H

#include "skew/shared/found.h"

/* A configuration in a record tree. */
struct pci_space {
    struct vmwire_bytes bytes; /* length 0: there is none */
    const uint8_t *place;      /* in the stream */
    const char *path;
};

/* Looks whether the step of a walk is at one. `path` is that of the record. */
bool find_pci_space(const struct skew *skew, const struct vmwire_side *side,
                    const struct vmwire_record_walk *walk, enum vmwire_record_step step,
                    struct pci_space *space);

/* Adds the first byte that the reader refuses. `item`: the writer's section. */
void compare_pci_spaces(struct skew *skew, const struct vmwire_item *item,
                        const struct pci_space *writer, const struct pci_space *reader);

#endif
