/* SPDX-License-Identifier: MIT */
/*
 * The record "configuration" of both streams: machine type, page bits, capabilities, UUID; and whether there is one at all, and
 * footers. Knows nothing of devices.
 */
#ifndef VMWIRE_SKEW_VALUES_CONFIGURATION_H
#define VMWIRE_SKEW_VALUES_CONFIGURATION_H

#include "skew/shared/found.h"

/* Adds what differs. The writer has a stream; of a reader without one, its program tells its machine types. */
void compare_configurations(struct skew *skew);

/* Whether the stream tells that it was written with this capability on: one of those that must be equal. */
bool has_capability(const struct vmwire_stream *stream, const char *name);

/* Whether the configuration tells the size of the target's pages. */
bool sends_page_bits(const struct vmwire_stream *stream);

#endif
