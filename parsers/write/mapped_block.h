/* SPDX-License-Identifier: MIT */
/*
 * Blocks of mapped RAM. They hold offsets in the file, so they change when they move. Knows nothing of items.
 */
#ifndef VMWIRE_WRITE_MAPPED_BLOCK_H
#define VMWIRE_WRITE_MAPPED_BLOCK_H

#include "write/output.h"

/* Offsets in the stream. */
struct mapped_place {
    uint64_t begins, bitmap, bitmap_end, pages, ends;
};

/* Where a block and its parts come, if it begins so many bytes behind what is written (QEMU migration/ram.c,
 * mapped_ram_setup_ramblock). */
struct mapped_place place_mapped_block(const struct vmwire_writer *writer,
                                       const struct vmwire_entry *entry, uint64_t behind);

void put_mapped_block(struct vmwire_writer *writer, const struct vmwire_entry *entry,
                      struct mapped_place place);

#endif
