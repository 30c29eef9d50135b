/*
 * Compares what was written with what was read back.
 */
#include "outcome.h"

const char *outcome_name(enum outcome outcome)
{
    static const char *const names[] = {
        [OUTCOME_EXACT] = "exact",
        [OUTCOME_REJECT] = "reject",
        [OUTCOME_TRUNCATED] = "truncated",
        [OUTCOME_CORRUPT] = "corrupt",
    };
    return names[outcome];
}

static bool has_unread(const struct stream *stream)
{
    return stream->item_count && stream->items[stream->item_count - 1]->kind == ITEM_UNREAD;
}

enum outcome outcome_of(const struct stream *written, const struct stream *read)
{
    if (!read)
        return OUTCOME_REJECT;
    if (stream_equal(written, read))
        return OUTCOME_EXACT;
    return has_unread(read) && !has_unread(written) ? OUTCOME_TRUNCATED : OUTCOME_CORRUPT;
}
