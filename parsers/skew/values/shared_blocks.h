/* SPDX-License-Identifier: MIT */
/*
 * Blocks of RAM that are shared, and left out with x-ignore-shared.
 */
#ifndef VMWIRE_SKEW_VALUES_SHARED_BLOCKS_H
#define VMWIRE_SKEW_VALUES_SHARED_BLOCKS_H

#include "skew/shared/found.h"

/* Adds blocks that only the reader leaves out, with x-ignore-shared on both sides: their pages are sent, and it takes none of them. */
void compare_shared_blocks(struct skew *skew);

#endif
