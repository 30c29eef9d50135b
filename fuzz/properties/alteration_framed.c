/* SPDX-License-Identifier: MIT */
/* Alters one number of a framed record. Does not apply where the option frames none. */
#include "properties/alteration_framed.h"

/* Returns any record that is framed, and that is embedded if `embedded`; NULL: the stream has none. */
static const struct vmwire_record *pick_record(struct accepted_stream *accepted, bool embedded)
{
    const struct vmwire_record *chosen = NULL;
    size_t count = 0;
    for (size_t i = 0; i < accepted->stream->item_count; i++) {
        struct vmwire_record_walk walk;
        if (!accepted->stream->items[i]->record)
            continue;
        vmwire_record_walk_begin(&walk, accepted->stream->items[i]->record);
        for (enum vmwire_record_step step;
             (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
            if (step == VMWIRE_RECORD_BEGIN && walk.record->header.length &&
                (!embedded || walk.value) && !pick(accepted, ++count))
                chosen = walk.record;
    }
    return chosen;
}

/* A version just outside of the range that the reader accepts. */
bool alter_record_version(struct accepted_stream *accepted, struct alteration *alteration)
{
    const struct vmwire_record *record = pick_record(accepted, true);
    if (!record || !record->structure->name)
        return false;
    bool above = pick(accepted, 2) || !record->structure->minimum_version_id;
    if (above && record->structure->version_id == UINT32_MAX)
        return false;
    return replace_number(alteration, record->header.data, 4,
                          above ? record->structure->version_id + 1
                                : record->structure->minimum_version_id - 1,
                          VMWIRE_ERROR_VERSION_ID);
}

/* An array of pointers of which the first is null has as many bytes as the length leaves it. */
static bool has_length_of_its_own(const struct vmwire_structure *structure)
{
    for (size_t i = 0; i < structure->field_count; i++)
        if (structure->fields[i].length == VMWIRE_LENGTH_POINTERS)
            return false;
    return true;
}

/* Any other length is refused, wherever the reader notices it. */
bool alter_fields_length(struct accepted_stream *accepted, struct alteration *alteration)
{
    const struct vmwire_record *record = pick_record(accepted, false);
    if (!record || !has_length_of_its_own(record->structure))
        return false;
    uint32_t length = vmwire_be32(record->header.data + 4);
    uint32_t other = pick(accepted, 2) ? length + 1 : length ^ (uint32_t)1 << pick(accepted, 32);
    return replace_number(alteration, record->header.data + 4, 4, other, VMWIRE_ERROR_NONE);
}

/* The byte that closes a subsection's record. */
bool alter_end_of_record(struct accepted_stream *accepted, struct alteration *alteration)
{
    const struct vmwire_subsection_value *value = pick_subsection(accepted);
    if (!value || !value->record->header.length)
        return false;
    const uint8_t *end = value->raw.data + value->raw.length - 1;
    return replace_number(alteration, end, 1, 6 + pick(accepted, UINT8_MAX - 5), VMWIRE_ERROR_ITEM);
}
