/* SPDX-License-Identifier: MIT */
/*
 * Holds the pages of RAM against the list of blocks in front of them, and lists the drives and dirty bitmaps whose chunks are sent, while a reader
 * reads them. Keeps no page.
 */
#ifndef VMWIRE_PROGRAM_SHARED_RAM_PAGES_H
#define VMWIRE_PROGRAM_SHARED_RAM_PAGES_H

#include "vmwire/skew.h"

enum {
    LISTED_BLOCKS_MOST =
        256, /* machines have some dozens; with a longer list no page is looked at */
    LOST_PAGES_MOST = 8,
    DRIVES_MOST = 64, /* more are not looked at */
    BITMAPS_MOST = 64,
};

struct ram_pages {
    struct vmwire_listed_block listed[LISTED_BLOCKS_MOST];
    size_t count;                                  /* LISTED_BLOCKS_MOST: there are more */
    struct vmwire_bytes named;                     /* by the last page that names a block */
    struct vmwire_listed_block *own;               /* that block; NULL: it is not listed */
    struct vmwire_lost_page lost[LOST_PAGES_MOST]; /* the first one of each block */
    size_t lost_count;
    uint64_t address_bits; /* of all pages */
    bool whole;            /* there is a page that is sent byte for byte */
    struct vmwire_seen_drive drives[DRIVES_MOST];
    size_t drive_count;
    struct vmwire_bytes node; /* by the last chunk of a bitmap that names one */
    struct vmwire_seen_bitmap bitmaps[BITMAPS_MOST];
    size_t bitmap_count;
};

/* What the pages tell of the blocks: nothing, where the list is too long. */
struct vmwire_ram_seen ram_seen(const struct ram_pages *pages);

/* Takes the next entry of a section of the stream. */
void take_ram_entry(struct ram_pages *pages, struct vmwire_bytes stream,
                    const struct vmwire_entry *entry);

#endif
