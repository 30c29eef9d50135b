/*
 * Reads a stream under every option of its stream version.
 */
#include "program/replay/read_under_options.h"

#include <string.h>

/* Returns the outcome of a stream without an original: the reader cannot be seen to read something
 * else. */
static enum outcome guess_outcome(const struct stream *read)
{
    if (!read)
        return OUTCOME_REJECT;
    return find_unread(read) ? OUTCOME_TRUNCATED : OUTCOME_EXACT;
}

static void read_under_option(struct replay_cell *cell, const struct replay_stream *stream,
                              const struct protocol_option *option, struct arena *kept)
{
    struct cost cost;
    struct error error = {0};
    const struct stream *read = stream_read_whole(option, stream->bytes, stream->loaded.schema,
                                                  stream->arena, &cost, &error);
    cell->applies = true;
    cell->outcome = stream->original ? outcome_of(stream->meant, read) : guess_outcome(read);
    cell->expects = find_expected(stream->entry, option, &cell->expected);
    cell->message = "";
    cell->offset = ERROR_NO_OFFSET;
    if (!read) {
        cell->message = arena_string(kept, error.message, strlen(error.message));
        cell->offset = error.offset;
        cell->undecided = error.kind == ERROR_NO_LAYOUT;
    }
}

bool read_under_options(struct replay_row *row, const struct replay_stream *stream,
                        struct arena *kept)
{
    uint32_t version = read_stream_version(stream->bytes);
    bool any = false;
    for (size_t i = 0; i < protocol_option_count; i++)
        if (protocol_options[i].stream_version == version) {
            read_under_option(&row->cells[i], stream, &protocol_options[i], kept);
            any = true;
        }
    return any;
}
