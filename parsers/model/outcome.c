/*
 * Determines the outcome: compares the stream that was written with the stream that was read. Knows
 * nothing of how they were written and read.
 */
#include "vmwire/outcome.h"

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

static enum item_kind last_item_kind(const struct stream *stream)
{
    return stream->item_count ? stream->items[stream->item_count - 1]->kind : ITEM_EOF;
}

/* The bytes behind a wrong end are unread sections, even when they look like a description. */
bool is_truncated(const struct stream *written, const struct stream *read)
{
    enum item_kind last = last_item_kind(read);
    return (last == ITEM_UNREAD || last == ITEM_DESCRIPTION) && last != last_item_kind(written);
}

enum outcome outcome_of(const struct stream *written, const struct stream *read)
{
    if (!read)
        return OUTCOME_REJECT;
    if (stream_equal(written, read))
        return OUTCOME_EXACT;
    return is_truncated(written, read) ? OUTCOME_TRUNCATED : OUTCOME_CORRUPT;
}
