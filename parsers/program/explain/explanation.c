/* SPDX-License-Identifier: MIT */
/*
 * What every part of an explanation asks.
 */
#include "program/explain/explanation.h"

#include "program/explain/places.h"

const char *explained_outcome_name(enum explained_outcome outcome)
{
    static const char *const names[] = {
        [EXPLAINED_ACCEPT] = "accept",       [EXPLAINED_REJECT] = "reject",
        [EXPLAINED_TRUNCATED] = "truncated", [EXPLAINED_CORRUPT] = "corrupt",
        [EXPLAINED_UNDECIDED] = "undecided",
    };
    return names[outcome];
}

uint64_t offset_in_sent_file(const struct explanation *explanation, uint64_t offset)
{
    const struct paged_out *stream = &explanation->writer->stream.stream;
    return offset == VMWIRE_ERROR_NO_OFFSET
               ? offset
               : offset_with_gaps(stream->gaps, stream->gap_count, offset);
}

/* Whether the reader comes to the end of the section as it was sent. */
bool is_section_read(const struct explanation *explanation, const struct vmwire_item *section)
{
    const struct found_cause *cause = &explanation->cause;
    uint64_t begin = (uint64_t)(section->raw.data - explanation->writer->side.bytes.data);
    if (!cause->difference || explanation->outcome == EXPLAINED_ACCEPT)
        return true;
    if (cause->kind == CAUSE_MISREADING && explanation->outcome > EXPLAINED_REJECT &&
        explanation->outcome < EXPLAINED_UNDECIDED)
        return has_read(&explanation->misreading, section);
    if (cause->kind != CAUSE_STREAM && explanation->outcome == EXPLAINED_CORRUPT)
        return true;
    if (cause->kind == CAUSE_STREAM)
        return true; /* what was not read is no item */
    return begin < cause->position;
}

const char *message_match_name(enum message_match match)
{
    static const char *const names[] = {
        [MESSAGE_EXPLAINED] = "explained",
        [MESSAGE_POSSIBLE] = "possible",
        [MESSAGE_NOT_TOLD] = "not-told",
        [MESSAGE_READ_OFF] = "read-off",
        [MESSAGE_CONTRADICTED] = "contradicted",
        [MESSAGE_FOREIGN] = "foreign",
        [MESSAGE_OTHER] = "other",
    };
    return names[match];
}
