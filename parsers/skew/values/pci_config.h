/* SPDX-License-Identifier: MIT */
/*
 * Which bits of a PCI configuration QEMU compares, by the rules of grammar/loader.toml, and the first ones that differ.
 * Knows bytes; nothing of streams.
 */
#ifndef VMWIRE_SKEW_VALUES_PCI_CONFIG_H
#define VMWIRE_SKEW_VALUES_PCI_CONFIG_H

#include <stdbool.h>

#include "skew/shared/loader_tables.h"
#include "skew/shared/release.h"
#include "vmwire/bytes.h"

enum {
    PCI_CONFIG_SIZE = 256,
    PCIE_CONFIG_SIZE = 4096,
    PCI_CAPABILITY_LIST = 0x34, /* where the first capability is (pci_regs.h of Linux) */
    PCI_CAPABILITY_EXPRESS = 0x10,
};

/* What is known of a byte. */
struct pci_byte {
    uint8_t cmask, wmask, w1cmask, may, unless_set;
    bool unless;                          /* the reader's own value is 0, so `unless_set` counts */
    const struct pci_register *register_; /* NULL: none */
    const struct pci_capability *capability; /* NULL: of the header */
};

/* The masks of a device with this configuration of its own, which has PCI_CONFIG_SIZE or PCIE_CONFIG_SIZE bytes, in readers of these
 * releases. `bytes` has as many elements, all zero. */
void find_pci_masks(struct vmwire_bytes own, struct release_range releases, struct pci_byte *bytes);

/* What sets the value of the byte in this device; NULL: nothing is known. */
const char *advise_pci_byte(struct vmwire_bytes own, const struct pci_byte *byte);

/* Whether the list of capabilities of a header has this one. `config` has PCI_CONFIG_SIZE bytes. */
bool has_pci_capability(const uint8_t *config, uint8_t id);

/* Where the capability behind that at `at` begins, in the list of the header; with 0, the first one. 0: there is no more, or the
 * list leads out of the configuration. `row` is set to what it is; NULL: no row knows it. One that goes in a circle has no end. */
size_t next_pci_capability(struct vmwire_bytes own, size_t at, const struct pci_capability **row);

/* The first byte that QEMU refuses, or with `undecided` the first of which only the device's properties tell whether it does;
 * `length`: there is none. */
size_t first_refused_byte(const uint8_t *sent, const uint8_t *own, const struct pci_byte *bytes,
                          size_t length, bool undecided);

#endif
