/* SPDX-License-Identifier: MIT */
/*
 * Drives whose chunks are sent (section "block", QEMU's block migration), and nodes whose dirty bitmaps are: whether the reader's
 * machine has them, and as long.
 */
#ifndef VMWIRE_SKEW_VALUES_DRIVES_H
#define VMWIRE_SKEW_VALUES_DRIVES_H

#include "skew/shared/found.h"

/* Adds those that the reader's own stream does not show. */
void compare_drives(struct skew *skew);

/* Adds each bitmap: no stream is sure to show the nodes of its machine. */
void compare_bitmaps(struct skew *skew);

#endif
