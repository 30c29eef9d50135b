/* SPDX-License-Identifier: MIT */
/*
 * Reads a stream under one option and writes it under another meanwhile.
 */
#ifndef VMWIRE_PROGRAM_SHARED_CONVERT_STREAM_H
#define VMWIRE_PROGRAM_SHARED_CONVERT_STREAM_H

#include "vmwire/vmwire.h"

/* A stream to convert, and where its bytes go. */
struct conversion {
    const struct vmwire_option *from;
    struct vmwire_bytes input;
    const struct vmwire_schema *schema;
    struct vmwire_writing writing; /* with a sink */
};

/* Returns false with `error` set when the stream cannot be read, or not be written, or the sink takes no more. */
bool convert_stream(const struct conversion *conversion, struct vmwire_error *error);

/* Sets the length that the converted stream has. Ignores the sink. Otherwise as above. */
bool measure_converted(struct conversion conversion, uint64_t *length, struct vmwire_error *error);

#endif
