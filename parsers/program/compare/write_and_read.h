/* SPDX-License-Identifier: MIT */
/*
 * Writes a stream under an option, and reads bytes under one. Knows nothing of the table.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_WRITE_AND_READ_H
#define VMWIRE_PROGRAM_COMPARE_WRITE_AND_READ_H

#include "vmwire/vmwire.h"

/* What all streams of one file are written and read with. */
struct stream_setting {
    const struct vmwire_schema *schema;
    bool footers; /* behind the sections */
    struct vmwire_arena *arena;
    struct vmwire_error *error;
};

bool is_out_of_memory(const struct stream_setting *setting);

/* False: the option cannot write the stream, or memory has run out. */
bool write_under(const struct stream_setting *setting, const struct vmwire_option *option,
                 const struct vmwire_stream *stream, struct vmwire_bytes *bytes);

/* NULL: the reader rejects the bytes, or memory has run out. */
const struct vmwire_stream *read_under(const struct stream_setting *setting,
                                       const struct vmwire_option *option,
                                       struct vmwire_bytes bytes, struct vmwire_cost *cost);

/* The stream as the option writes it, with `bytes` as the place of its records. `bytes` are those that write_under() has
 * made of it. NULL: the option's own reader does not read them back, or memory has run out. */
const struct vmwire_stream *lay_stream(const struct stream_setting *setting,
                                       const struct vmwire_option *option,
                                       const struct vmwire_stream *stream,
                                       struct vmwire_bytes *bytes);

#endif
