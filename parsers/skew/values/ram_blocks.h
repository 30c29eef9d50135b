/* SPDX-License-Identifier: MIT */
/*
 * The lists of RAM blocks of both streams: their names and lengths, and a page that has no place in them. Knows nothing of
 * devices.
 */
#ifndef VMWIRE_SKEW_VALUES_RAM_BLOCKS_H
#define VMWIRE_SKEW_VALUES_RAM_BLOCKS_H

#include "skew/shared/found.h"

/* What a reader of this release does with mapped-ram. The writer has a stream. */
void check_mapped_ram(struct skew *skew);

/* Adds what differs. Both sides have a stream. A block that only the reader has is none: it keeps its contents. */
void compare_ram_blocks(struct skew *skew);

/* Adds the pages of the writer that have no place in its list of blocks. */
void check_ram_pages(struct skew *skew);

#endif
