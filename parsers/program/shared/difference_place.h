/* SPDX-License-Identifier: MIT */
/*
 * Where in a section a reader meets a difference.
 */
#ifndef VMWIRE_PROGRAM_SHARED_DIFFERENCE_PLACE_H
#define VMWIRE_PROGRAM_SHARED_DIFFERENCE_PLACE_H

#include "vmwire/skew.h"

/* For differences of one section: the one with the smaller number comes first. One of the header comes before the fields; that a
 * field is missing shows at the section's end, where its place is not known. */
static inline uint64_t place_in_section(const struct vmwire_difference *difference)
{
    if (difference->offset != VMWIRE_ERROR_NO_OFFSET)
        return difference->offset;
    return difference->bytes ? UINT64_MAX : 0;
}

#endif
