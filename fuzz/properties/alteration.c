/* SPDX-License-Identifier: MIT */
/* Picks parts of a stream and builds replacements; see alteration.h. */
#include "properties/alteration.h"

#include <string.h>

#include "properties/findings.h"

/* ---- Choices --------------------------------------------------------------------------------------- */

unsigned pick(struct accepted_stream *accepted, size_t count)
{
    fuzz_require(count, "nothing to choose from");
    accepted->state = accepted->state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (unsigned)((accepted->state >> 33) % count);
}

const struct vmwire_item *pick_item(struct accepted_stream *accepted,
                                    bool (*fits)(const struct accepted_stream *,
                                                 const struct vmwire_item *))
{
    const struct vmwire_item *chosen = NULL;
    size_t count = 0;
    for (size_t i = 0; i < accepted->stream->item_count; i++)
        if (fits(accepted, accepted->stream->items[i]) && !pick(accepted, ++count))
            chosen = accepted->stream->items[i];
    return chosen;
}

size_t pick_place(struct accepted_stream *accepted,
                  bool (*fits)(const struct accepted_stream *, const struct vmwire_item *))
{
    size_t chosen = SIZE_MAX, count = 0, depth = 0;
    for (size_t i = 0; i < accepted->stream->item_count; i++) {
        const struct vmwire_item *item = accepted->stream->items[i];
        depth -= item->kind == VMWIRE_ITEM_PACKAGE_END;
        if (!depth && fits(accepted, item) && !pick(accepted, ++count))
            chosen = i;
        depth += item->kind == VMWIRE_ITEM_PACKAGE;
    }
    return chosen;
}

const struct vmwire_subsection_value *pick_subsection(struct accepted_stream *accepted)
{
    const struct vmwire_subsection_value *chosen = NULL;
    size_t count = 0;
    for (size_t i = 0; i < accepted->stream->item_count; i++) {
        struct vmwire_record_walk walk;
        if (!accepted->stream->items[i]->record)
            continue;
        vmwire_record_walk_begin(&walk, accepted->stream->items[i]->record);
        for (enum vmwire_record_step step;
             (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
            if (step == VMWIRE_RECORD_SUBSECTION && !pick(accepted, ++count))
                chosen = walk.subsection;
    }
    return chosen;
}

/* ---- Bytes ----------------------------------------------------------------------------------------- */

void put_bytes(struct replacement *put, const void *bytes, size_t count)
{
    fuzz_require(count <= REPLACEMENT_CAPACITY - put->count, "no room for %zu bytes", count);
    memcpy(put->bytes + put->count, bytes, count);
    put->count += count;
}

void put_integer(struct replacement *put, unsigned width, uint64_t value)
{
    while (width--) {
        uint8_t byte = (uint8_t)(value >> 8 * width);
        put_bytes(put, &byte, 1);
    }
}

void put_string(struct replacement *put, const char *string)
{
    put_integer(put, 1, strlen(string));
    put_bytes(put, string, strlen(string));
}

void put_footer(struct replacement *put, uint32_t section_id)
{
    put_integer(put, 1, VMWIRE_QEMU_VM_SECTION_FOOTER);
    put_integer(put, 4, section_id);
}

void put_sentinel(const struct accepted_stream *accepted, struct replacement *put)
{
    if (accepted->option->sentinel)
        put_integer(put, 1, VMWIRE_FLAGDAY_END_OF_STRUCT);
}

/* ---- Items ----------------------------------------------------------------------------------------- */

bool is_section(const struct vmwire_item *item)
{
    return item->kind >= VMWIRE_ITEM_SECTION_START && item->kind <= VMWIRE_ITEM_SECTION_FULL;
}

bool is_iterable(const struct vmwire_item *item)
{
    return is_section(item) && item->kind != VMWIRE_ITEM_SECTION_FULL;
}

bool is_any_section(const struct accepted_stream *accepted, const struct vmwire_item *item)
{
    (void)accepted;
    return is_section(item);
}

bool was_started(const struct vmwire_stream *stream, uint32_t section_id)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->kind == VMWIRE_ITEM_SECTION_START &&
            stream->items[i]->section_id == section_id)
            return true;
    return false;
}

bool is_sent_behind(const struct accepted_stream *accepted,
                    const struct vmwire_subsection_value *value)
{
    return !vmwire_option_sends_inline(accepted->option, value->subsection);
}

bool has_subsection_behind(const struct accepted_stream *accepted, const struct vmwire_item *item)
{
    struct vmwire_record_walk walk;
    if (!item->record || accepted->option->subsections == VMWIRE_SUBSECTION_INLINE)
        return false;
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_SUBSECTION && is_sent_behind(accepted, walk.subsection))
            return true;
    return false;
}

bool has_version(const struct accepted_stream *accepted, const struct vmwire_item *item)
{
    (void)accepted;
    return item->kind == VMWIRE_ITEM_SECTION_FULL && item->record->structure->name;
}

const uint8_t *version_of_section(const struct vmwire_item *item)
{
    return item->idstr.data + item->idstr.length + 4;
}

/* ---- Alterations ----------------------------------------------------------------------------------- */

bool replace_number(struct alteration *alteration, const uint8_t *at, unsigned width,
                    uint64_t value, enum vmwire_error_kind kind)
{
    alteration->at = at;
    alteration->removed = width;
    put_integer(&alteration->put, width, value);
    alteration->expectation = EXPECT_REFUSED;
    alteration->kind = kind;
    return true;
}

static bool can_follow_insertion(const struct accepted_stream *accepted,
                                 const struct vmwire_item *item)
{
    (void)accepted;
    return is_section(item) || item->kind == VMWIRE_ITEM_COMMAND || item->kind == VMWIRE_ITEM_EOF;
}

bool insert_before_item(struct accepted_stream *accepted, struct alteration *alteration)
{
    size_t place = pick_place(accepted, can_follow_insertion);
    if (place == SIZE_MAX)
        return false;
    alteration->at = accepted->stream->items[place]->raw.data;
    return true;
}
