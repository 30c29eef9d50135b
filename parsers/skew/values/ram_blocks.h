/* SPDX-License-Identifier: MIT */
/*
 * The lists of RAM blocks of both streams: their names and lengths. Knows nothing of pages and devices.
 */
#ifndef VMWIRE_SKEW_VALUES_RAM_BLOCKS_H
#define VMWIRE_SKEW_VALUES_RAM_BLOCKS_H

#include "skew/shared/found.h"

/* Adds what differs. Both sides have a stream. A block that only the reader has is none: it keeps its contents. */
void compare_ram_blocks(struct skew *skew);

#endif
