/* SPDX-License-Identifier: MIT */
/*
 * What a description says of a stream: which subsections were sent, and where. Makes it of a stream's records, for
 * a stream that does not carry a description of its own. Knows records and schemas; knows nothing of JSON.
 */
#ifndef VMWIRE_DESCRIBE_H
#define VMWIRE_DESCRIBE_H

#include "vmwire/error.h"
#include "vmwire/option.h"
#include "vmwire/record.h"

#pragma GCC visibility push(default)

/*
 * Returns a schema with one device for each full section of the stream. Its structures have the embedded records and
 * the subsections that the option sends at a tail; other fields are left out. As in QEMU's description, the elements of a list are not
 * told (QEMU describes the last one only), and neither is the configuration. The schema lives in `arena`, and points
 * into the stream's own. Use it as `description` of a reading (reader.h), and for nothing else. Returns NULL with
 * `error` set when memory runs out (VMWIRE_ERROR_MEMORY).
 */
const struct vmwire_schema *vmwire_describe(const struct vmwire_stream *stream,
                                            const struct vmwire_option *option,
                                            struct vmwire_arena *arena, struct vmwire_error *error);

#pragma GCC visibility pop

#endif
