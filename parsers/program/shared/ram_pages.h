/* SPDX-License-Identifier: MIT */
/*
 * Holds the pages of RAM against the list of blocks in front of them, while a reader reads them. Keeps no page.
 */
#ifndef VMWIRE_PROGRAM_SHARED_RAM_PAGES_H
#define VMWIRE_PROGRAM_SHARED_RAM_PAGES_H

#include "vmwire/skew.h"

enum {
    LISTED_BLOCKS_MOST =
        256, /* machines have some dozens; with a longer list no page is looked at */
    LOST_PAGES_MOST = 8,
};

struct listed_block {
    struct vmwire_bytes name;
    uint64_t length; /* in bytes */
};

struct ram_pages {
    struct listed_block listed[LISTED_BLOCKS_MOST];
    size_t count;                                  /* LISTED_BLOCKS_MOST: there are more */
    struct vmwire_bytes named;                     /* by the last page that names a block */
    const struct listed_block *own;                /* that block; NULL: it is not listed */
    struct vmwire_lost_page lost[LOST_PAGES_MOST]; /* the first one of each block */
    size_t lost_count;
};

/* Takes the next entry of a section of the stream. */
void take_ram_entry(struct ram_pages *pages, struct vmwire_bytes stream,
                    const struct vmwire_entry *entry);

#endif
