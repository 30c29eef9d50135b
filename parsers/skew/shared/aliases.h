/* SPDX-License-Identifier: MIT */
/*
 * Under which instance ids a reader takes a section besides its own (QEMU migration/savevm.c, find_se).
 */
#ifndef VMWIRE_SKEW_SHARED_ALIASES_H
#define VMWIRE_SKEW_SHARED_ALIASES_H

#include "skew/shared/found.h"

/* The section of the reader's stream that takes this one. NULL: none; where its machine may take it all the same, `when` is then
 * what must be so that it does not. */
const struct vmwire_item *find_taker(const struct skew *skew, const struct vmwire_item *sent,
                                     const char **when);

#endif
