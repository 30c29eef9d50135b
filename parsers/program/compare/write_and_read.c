/* SPDX-License-Identifier: MIT */
/*
 * Writes and reads streams in memory.
 */
#include "program/compare/write_and_read.h"

bool is_out_of_memory(const struct stream_setting *setting)
{
    return setting->error->kind == VMWIRE_ERROR_MEMORY;
}

bool write_under(const struct stream_setting *setting, const struct vmwire_option *option,
                 const struct vmwire_stream *stream, struct vmwire_bytes *bytes)
{
    struct vmwire_writing writing = {
        .option = option, .footers = setting->footers, .arena = setting->arena};
    struct vmwire_writer *writer = vmwire_writer_create(&writing, setting->error);
    bool written = writer != NULL;
    for (size_t i = 0; written && i < stream->item_count; i++)
        written = vmwire_writer_item(writer, stream->items[i], setting->error);
    *bytes = written ? vmwire_writer_output(writer) : (struct vmwire_bytes){NULL, 0};
    vmwire_writer_destroy(writer);
    return written;
}

const struct vmwire_stream *read_under(const struct stream_setting *setting,
                                       const struct vmwire_option *option,
                                       struct vmwire_bytes bytes, struct vmwire_cost *cost)
{
    return vmwire_stream_read_whole(option, bytes, setting->schema, setting->arena, cost,
                                    setting->error);
}

const struct vmwire_stream *lay_stream(const struct stream_setting *setting,
                                       const struct vmwire_option *option,
                                       const struct vmwire_stream *stream,
                                       struct vmwire_bytes *bytes)
{
    struct vmwire_cost cost;
    if (option->subsections != VMWIRE_SUBSECTION_INLINE)
        return read_under(setting, option, *bytes, &cost);
    struct vmwire_template *state = vmwire_arena_alloc(setting->arena, sizeof(*state));
    if (!vmwire_template_of_state(state, option, stream, setting->arena, setting->error))
        return NULL;
    *bytes = state->bytes;
    return &state->stream;
}
