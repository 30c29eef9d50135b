/* SPDX-License-Identifier: MIT */
/*
 * Writes items as DER. Knows nothing of QEMU's own encoding but what entries of iterable sections hold.
 */
#ifndef VMWIRE_WRITE_DER_ITEMS_H
#define VMWIRE_WRITE_DER_ITEMS_H

#include "write/output.h"

/* Returns false with `error` set: the item has no encoding. */
bool put_der_item(struct vmwire_writer *writer, const struct vmwire_item *item,
                  struct vmwire_error *error);

/* The parts of an iterable section before its footer. */
void put_der_iterable_header(struct vmwire_writer *writer, const struct vmwire_item *section);
void put_der_entry(struct vmwire_writer *writer, const struct vmwire_entry *entry);

#endif
