/* SPDX-License-Identifier: MIT */
/*
 * Reads a stream under every option of its stream version.
 */
#include "program/replay/read_under_options.h"

#include <string.h>

/* Returns the outcome of a stream without an original: the reader cannot be seen to read something
 * else. */
static enum vmwire_outcome guess_outcome(const struct vmwire_stream *read)
{
    if (!read)
        return VMWIRE_OUTCOME_REJECT;
    return find_unread(read) ? VMWIRE_OUTCOME_TRUNCATED : VMWIRE_OUTCOME_EXACT;
}

/* Returns false with `error` set when memory runs out: the outcome is not known then. */
static bool read_under_option(struct replay_cell *cell, const struct replay_stream *stream,
                              const struct vmwire_option *option, struct vmwire_arena *kept,
                              struct vmwire_error *error)
{
    struct vmwire_cost cost;
    const struct vmwire_stream *read = vmwire_stream_read_whole(
        option, stream->bytes, stream->loaded.schema, stream->arena, &cost, error);
    if (!read && error->kind == VMWIRE_ERROR_MEMORY)
        return false;
    cell->applies = true;
    cell->outcome = stream->original ? vmwire_outcome_of(stream->meant, read) : guess_outcome(read);
    cell->expects = find_expected(stream->entry, option, &cell->expected);
    cell->message = "";
    cell->offset = VMWIRE_ERROR_NO_OFFSET;
    if (!read) {
        cell->message = vmwire_arena_string(kept, error->message, strlen(error->message));
        cell->offset = error->offset;
        cell->undecided = error->kind == VMWIRE_ERROR_NO_LAYOUT;
    }
    return true;
}

bool read_under_options(struct replay_row *row, const struct replay_stream *stream,
                        struct vmwire_arena *kept, struct vmwire_error *error)
{
    uint32_t version = read_stream_version(stream->bytes);
    bool any = false;
    for (size_t i = 0; i < vmwire_option_count; i++)
        if (vmwire_options[i].stream_version == version) {
            if (!read_under_option(&row->cells[i], stream, &vmwire_options[i], kept, error))
                return false;
            any = true;
        }
    return any || vmwire_error_set(error, VMWIRE_ERROR_STREAM_VERSION, 4,
                                   "no option reads stream version %u", version);
}
