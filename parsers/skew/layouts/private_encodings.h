/* SPDX-License-Identifier: MIT */
/*
 * Fields of private encodings whose bytes fit their layout in several ways, so that they stay whole (grammar/layouts): the
 * ways of both sides are compared. Knows nothing of fields that are split; those are compared as all others.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_PRIVATE_ENCODINGS_H
#define VMWIRE_SKEW_LAYOUTS_PRIVATE_ENCODINGS_H

#include "skew/layouts/compared_section.h"
#include "skew/shared/found.h"

/* Adds what is certain: that the reader takes another number of bytes. The differences of the section begin at `first`: those
 * that say it as a possibility are taken back. */
void compare_private_encodings(struct skew *skew, const struct compared_section *section,
                               size_t first);

#endif
