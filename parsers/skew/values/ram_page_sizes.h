/* SPDX-License-Identifier: MIT */
/*
 * The size of the target's pages, in which RAM is sent.
 */
#ifndef VMWIRE_SKEW_VALUES_RAM_PAGE_SIZES_H
#define VMWIRE_SKEW_VALUES_RAM_PAGE_SIZES_H

#include "skew/shared/found.h"

/* Adds that the sides have pages of other sizes, and no configuration that says it first. Both have a stream. */
void compare_page_sizes(struct skew *skew);

#endif
