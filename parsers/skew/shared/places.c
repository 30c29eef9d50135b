/* SPDX-License-Identifier: MIT */
#include "skew/shared/places.h"

#include <string.h>

uint64_t offset_in(const struct vmwire_side *side, const uint8_t *place)
{
    const struct vmwire_bytes bytes = side->bytes;
    bool there = place && place >= bytes.data && place <= bytes.data + bytes.length;
    return there ? (uint64_t)(place - bytes.data) : VMWIRE_ERROR_NO_OFFSET;
}

const char *text_of_bytes(const struct skew *skew, struct vmwire_bytes bytes)
{
    return vmwire_arena_string(skew->arena, (const char *)bytes.data, bytes.length);
}

uint64_t number_of_bytes(struct vmwire_bytes bytes)
{
    uint64_t number = 0;
    for (size_t i = 0; i < bytes.length; i++)
        number = number << 8 | bytes.data[i];
    return number;
}

bool idstr_is(struct vmwire_bytes idstr, const char *text)
{
    size_t length = strnlen((const char *)idstr.data, idstr.length);
    return length == strlen(text) && memcmp(idstr.data, text, length) == 0;
}

const struct vmwire_item *first_item(const struct vmwire_stream *stream, enum vmwire_item_kind kind,
                                     const char *idstr)
{
    for (size_t i = 0; i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (item->kind == kind && (!idstr || idstr_is(item->idstr, idstr)))
            return item;
    }
    return NULL;
}

uint64_t offset_of_subsection(const struct vmwire_side *side, const struct vmwire_item *item,
                              const char *name)
{
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    if (!item || !item->record)
        return VMWIRE_ERROR_NO_OFFSET;
    vmwire_record_walk_begin(&walk, item->record);
    while ((step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE)
        if (step == VMWIRE_RECORD_SUBSECTION &&
            strcmp(walk.subsection->subsection->name, name) == 0)
            return offset_in(side, walk.subsection->raw.data);
    return VMWIRE_ERROR_NO_OFFSET;
}

bool begins_section(const struct vmwire_item *item)
{
    return item->kind == VMWIRE_ITEM_SECTION_START || item->kind == VMWIRE_ITEM_SECTION_FULL;
}

struct vmwire_difference section_difference(const struct skew *skew, const char *rule,
                                            const struct vmwire_item *item)
{
    struct vmwire_difference difference = certain_difference(rule);
    difference.section = text_of_bytes(skew, item->idstr);
    difference.instance_id = item->instance_id;
    difference.section_offset = offset_in(skew->writer, item->raw.data);
    return difference;
}
