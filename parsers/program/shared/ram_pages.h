/* SPDX-License-Identifier: MIT */
/*
 * Holds the pages of RAM against the list of blocks in front of them, while a reader reads them. Keeps no page.
 */
#ifndef VMWIRE_PROGRAM_SHARED_RAM_PAGES_H
#define VMWIRE_PROGRAM_SHARED_RAM_PAGES_H

#include "vmwire/skew.h"

/* Machines have some dozens of blocks. With a longer list no page is looked at. */
enum { LISTED_BLOCKS_MOST = 256 };

struct listed_block {
    struct vmwire_bytes name;
    uint64_t length; /* in bytes */
};

struct ram_pages {
    const uint8_t *begin; /* of the stream */
    struct listed_block listed[LISTED_BLOCKS_MOST];
    size_t count;                   /* LISTED_BLOCKS_MOST: there are more */
    struct vmwire_bytes named;      /* by the last page that names a block */
    const struct listed_block *own; /* that block; NULL: it is not listed */
};

/* Takes the next entry of a section. Sets `lost`, unless it is set. */
void take_ram_entry(struct ram_pages *pages, const struct vmwire_entry *entry,
                    struct vmwire_lost_page *lost);

#endif
