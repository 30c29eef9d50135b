/* SPDX-License-Identifier: MIT */
/*
 * Fields of private encodings that a stream's reader has left whole: nothing in the stream tells how to split them. What they
 * can be is asked of the program of the side that reads.
 */
#ifndef VMWIRE_SKEW_SHARED_WHOLE_FIELD_H
#define VMWIRE_SKEW_SHARED_WHOLE_FIELD_H

#include "read/private_ways.h"
#include "skew/shared/found.h"

/* Whether the walk's value is such a field, in a section of this idstr. Sets `field`, for the reader's program; its bytes are
 * the value's. */
bool find_whole_field(const struct skew *skew, const char *idstr,
                      const struct vmwire_record_walk *walk, struct private_field *field);

#endif
