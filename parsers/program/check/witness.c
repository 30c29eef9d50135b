/* SPDX-License-Identifier: MIT */
/*
 * Explains a finding's witness.
 */
#include "program/check/witness.h"

/* Returns the innermost field that has the byte. */
static const struct vmwire_value *find_value(const struct vmwire_record *record,
                                             const uint8_t *byte)
{
    const struct vmwire_value *found = NULL;
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_VALUE && byte >= walk.value->data.data &&
            byte < walk.value->data.data + walk.value->data.length)
            found = walk.value;
    return found;
}

static const struct vmwire_item *find_item(const struct vmwire_stream *stream, const uint8_t *byte)
{
    for (size_t i = 0; i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (byte >= item->raw.data && byte < item->raw.data + item->raw.length)
            return item;
    }
    return NULL;
}

const struct vmwire_structure *owner_of(const struct answer_group *group)
{
    return group->finding ? group->finding->owner : group->tail->owner;
}

uint64_t offset_in_file(const struct part *part, uint64_t offset)
{
    return offset_with_gaps(part->gaps, part->gap_count, offset);
}

struct place find_place(const struct part *part, uint64_t offset)
{
    const uint8_t *byte = part->question.bytes.data + offset;
    const struct vmwire_item *item = find_item(part->question.stream, byte);
    return (struct place){item, item && item->record ? find_value(item->record, byte) : NULL};
}

size_t count_run(const struct part *part, const struct vmwire_required_byte *required, size_t count,
                 const struct vmwire_value *value)
{
    if (!count)
        return 0; /* the finding needs no bytes: it happens in every state */
    size_t length = 1;
    const uint8_t *first = part->question.bytes.data + required[0].offset;
    size_t room = value ? (size_t)(value->data.data + value->data.length - first) : SIZE_MAX;
    while (length < count && length < room &&
           required[length].offset == required[0].offset + length)
        length++;
    return length;
}

const struct vmwire_subsection_value *
find_next_sent(const struct part *part, const struct vmwire_finding *finding, size_t *position)
{
    if (*position == finding->send_count)
        return NULL;
    const uint8_t *from = part->question.bytes.data + finding->sends[(*position)++].from;
    for (size_t i = 0; i < part->question.stream->item_count; i++) {
        const struct vmwire_item *item = part->question.stream->items[i];
        if (!item->record || from < item->raw.data || from >= item->raw.data + item->raw.length)
            continue;
        struct vmwire_record_walk walk;
        vmwire_record_walk_begin(&walk, item->record);
        for (enum vmwire_record_step step;
             (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
            if (step == VMWIRE_RECORD_SUBSECTION && walk.subsection->raw.data == from)
                return walk.subsection;
    }
    return NULL;
}

const char *omission_reason(int reason)
{
    static const char *const reasons[] = {
        [VMWIRE_OMITTED_UNKNOWN] = "no layout is known",
        [VMWIRE_OMITTED_LARGE] = "larger than is followed",
        [VMWIRE_OMITTED_SEPARATE] = "sent behind their section, where the reader may refuse them",
        [VMWIRE_OMITTED_ELEMENTS] = "another number of elements than is followed",
    };
    return reasons[reason];
}

bool is_only_possible(const struct part *part, const struct vmwire_finding *finding)
{
    bool possible = part->possible || finding->assumed;
    const struct vmwire_subsection_value *subsection;
    for (size_t i = 0; (subsection = find_next_sent(part, finding, &i));)
        possible |= subsection->record->structure->assumed;
    return possible;
}

const char *name_structure(const struct vmwire_structure *structure)
{
    return structure->name ? structure->name : "(old style)";
}

const char *name_verdict(const struct part *part, const struct vmwire_finding *finding)
{
    return part->question.ambiguity ? "ambiguous" : vmwire_outcome_name(finding->outcome);
}
