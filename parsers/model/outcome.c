/* SPDX-License-Identifier: MIT */
/*
 * Determines the outcome: compares the stream that was written with the stream that was read. Knows
 * nothing of how they were written and read.
 */
#include "vmwire/outcome.h"

const char *vmwire_outcome_name(enum vmwire_outcome outcome)
{
    static const char *const names[] = {
        [VMWIRE_OUTCOME_EXACT] = "exact",
        [VMWIRE_OUTCOME_REJECT] = "reject",
        [VMWIRE_OUTCOME_TRUNCATED] = "truncated",
        [VMWIRE_OUTCOME_CORRUPT] = "corrupt",
    };
    return names[outcome];
}

static enum vmwire_item_kind last_item_kind(const struct vmwire_stream *stream)
{
    return stream->item_count ? stream->items[stream->item_count - 1]->kind : VMWIRE_ITEM_EOF;
}

static uint64_t count_unread_bytes(const struct vmwire_stream *stream)
{
    uint64_t count = 0;
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->kind == VMWIRE_ITEM_UNREAD)
            count += stream->items[i]->raw.length;
    return count;
}

/* The bytes behind a wrong end are unread sections, even when they look like a description. A wrong end of a
 * package leaves what is behind it in the package. */
bool vmwire_is_truncated(const struct vmwire_stream *written, const struct vmwire_stream *read)
{
    enum vmwire_item_kind last = last_item_kind(read);
    return ((last == VMWIRE_ITEM_UNREAD || last == VMWIRE_ITEM_DESCRIPTION) &&
            last != last_item_kind(written)) ||
           count_unread_bytes(read) > count_unread_bytes(written);
}

enum vmwire_outcome vmwire_outcome_of(const struct vmwire_stream *written,
                                      const struct vmwire_stream *read)
{
    if (!read)
        return VMWIRE_OUTCOME_REJECT;
    if (vmwire_stream_equal(written, read))
        return VMWIRE_OUTCOME_EXACT;
    return vmwire_is_truncated(written, read) ? VMWIRE_OUTCOME_TRUNCATED : VMWIRE_OUTCOME_CORRUPT;
}
