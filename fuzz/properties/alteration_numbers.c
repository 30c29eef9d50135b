/* SPDX-License-Identifier: MIT */
/* Changes numbers of the framing to values that the reader refuses or ignores; see alteration_numbers.h. */
#include "properties/alteration_numbers.h"

#include <string.h>

#include "properties/alteration_framed.h"
#include "properties/alteration_schemas.h"
#include "properties/roundtrip.h"

/* Returns the number at that place with one bit changed. */
static uint32_t flip_bit(struct accepted_stream *accepted, const uint8_t *at)
{
    return vmwire_be32(at) ^ (uint32_t)1 << pick(accepted, 32);
}

/* Returns the last subsection on the wire that is sent behind its section. */
static const struct vmwire_subsection_value *last_sent_behind(struct accepted_stream *accepted,
                                                              const struct vmwire_item *item)
{
    struct vmwire_record_walk walk;
    const struct vmwire_subsection_value *last = NULL;
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_SUBSECTION && is_sent_behind(accepted, walk.subsection) &&
            (!last || walk.subsection->raw.data > last->raw.data))
            last = walk.subsection;
    return last;
}

/* ---- Sections ------------------------------------------------------------------------------------ */

static bool has_plain_footer(const struct accepted_stream *accepted, const struct vmwire_item *item)
{
    (void)accepted;
    return is_section(item) && item->footer && !length_depends_on_footer(item);
}

static bool alter_footer_id(struct accepted_stream *accepted, struct alteration *alteration)
{
    const struct vmwire_item *item = pick_item(accepted, has_plain_footer);
    if (!item)
        return false;
    const uint8_t *at = item->raw.data + item->raw.length - 4;
    return replace_number(alteration, at, 4, flip_bit(accepted, at), VMWIRE_ERROR_SECTION_ID);
}

static bool continues_section(const struct accepted_stream *accepted,
                              const struct vmwire_item *item)
{
    (void)accepted;
    return item->kind == VMWIRE_ITEM_SECTION_PART || item->kind == VMWIRE_ITEM_SECTION_END;
}

static bool alter_continued_id(struct accepted_stream *accepted, struct alteration *alteration)
{
    const struct vmwire_item *item = pick_item(accepted, continues_section);
    if (!item)
        return false;
    uint32_t section_id = flip_bit(accepted, item->raw.data + 1);
    return !was_started(accepted->stream, section_id) &&
           replace_number(alteration, item->raw.data + 1, 4, section_id, VMWIRE_ERROR_SECTION_ID);
}

/* ---- Versions ------------------------------------------------------------------------------------ */

struct versions {
    uint32_t highest, lowest;
    const struct vmwire_structure *structure;
};

/* Returns the error that a reader reports for a version. */
static enum vmwire_error_kind version_error(const struct versions *versions, uint32_t version_id)
{
    if (version_id > versions->highest || version_id < versions->lowest)
        return VMWIRE_ERROR_VERSION_ID;
    return version_id == versions->structure->described_version_id || versions->structure->assumed
               ? VMWIRE_ERROR_NONE
               : VMWIRE_ERROR_NO_LAYOUT;
}

/* Returns a version just outside of the accepted range, or next to the described one. */
static uint32_t refused_version(struct accepted_stream *accepted, const struct versions *versions)
{
    uint32_t described = versions->structure->described_version_id;
    const uint32_t candidates[] = {versions->highest + 1, versions->lowest - 1, described + 1,
                                   described - 1};
    return candidates[pick(accepted, sizeof(candidates) / sizeof(candidates[0]))];
}
static bool alter_section_version(struct accepted_stream *accepted, struct alteration *alteration)
{
    const struct vmwire_item *item = pick_item(accepted, has_version);
    if (!item)
        return false;
    const struct vmwire_structure *structure = item->record->structure;
    struct versions versions = {structure->version_id, structure->minimum_version_id, structure};
    uint32_t version_id = refused_version(accepted, &versions);
    enum vmwire_error_kind kind = version_error(&versions, version_id);
    return kind != VMWIRE_ERROR_NONE &&
           replace_number(alteration, version_of_section(item), 4, version_id, kind);
}

static const uint8_t *version_of(const struct accepted_stream *accepted,
                                 const struct vmwire_subsection_value *value)
{
    bool in_section = is_sent_behind(accepted, value) &&
                      accepted->option->subsections == VMWIRE_SUBSECTION_SECTION;
    return value->name.data + value->name.length + (in_section ? 4 : 0);
}

static bool alter_subsection_version(struct accepted_stream *accepted,
                                     struct alteration *alteration)
{
    const struct vmwire_subsection_value *value = pick_subsection(accepted);
    if (!value)
        return false;
    const struct vmwire_subsection *subsection = value->subsection;
    struct versions versions = {subsection->version_id, subsection->minimum_version_id,
                                subsection->structure};
    uint32_t version_id = refused_version(accepted, &versions);
    enum vmwire_error_kind kind = version_error(&versions, version_id);
    return kind != VMWIRE_ERROR_NONE && version_id <= UINT8_MAX &&
           replace_number(alteration, version_of(accepted, value), 4, version_id, kind);
}

/* QEMU reads only the low byte of a subsection's version (migration/vmstate.c, vmstate_subsection_load). */
static bool alter_upper_version_bytes(struct accepted_stream *accepted,
                                      struct alteration *alteration)
{
    const struct vmwire_subsection_value *value = pick_subsection(accepted);
    if (!value)
        return false;
    alteration->at = version_of(accepted, value);
    alteration->removed = 4;
    put_integer(&alteration->put, 4,
                vmwire_be32(alteration->at) ^ (uint32_t)0x100 << pick(accepted, 24));
    alteration->expectation = EXPECT_DIFFERENT;
    return true;
}

/* ---- Subsections behind their section ------------------------------------------------------------ */

/* Returns the last subsection behind any section; NULL: there is none. */
static const struct vmwire_subsection_value *pick_last_sent_behind(struct accepted_stream *accepted)
{
    const struct vmwire_item *item = pick_item(accepted, has_subsection_behind);
    return item ? last_sent_behind(accepted, item) : NULL;
}

/* A place where no record ends: it is larger than the stream. */
static bool alter_place(struct accepted_stream *accepted, struct alteration *alteration)
{
    const struct vmwire_subsection_value *last = pick_last_sent_behind(accepted);
    if (!last)
        return false;
    bool section = accepted->option->subsections == VMWIRE_SUBSECTION_SECTION;
    const uint8_t *at = section ? last->name.data + last->name.length : last->name.data - 1 - 4;
    return replace_number(alteration, at, 4, vmwire_be32(at) | (uint32_t)1 << 31,
                          VMWIRE_ERROR_OWNER);
}

/* A path that no record has: its last byte is one that no name has. */
static bool alter_path(struct accepted_stream *accepted, struct alteration *alteration)
{
    const struct vmwire_subsection_value *last = pick_last_sent_behind(accepted);
    if (!last || accepted->option->subsections != VMWIRE_SUBSECTION_ITEM || !last->raw.data[1 + 4])
        return false;
    const uint8_t *end = last->name.data - 1 - 4;
    return replace_number(alteration, end - 1, 1, UINT8_MAX, VMWIRE_ERROR_NONE);
}

static bool has_device(const struct vmwire_schema *schema, struct vmwire_bytes idstr)
{
    for (size_t i = 0; i < schema->device_count; i++) {
        const char *name = schema->devices[i].idstr;
        if (strlen(name) == idstr.length && memcmp(name, idstr.data, idstr.length) == 0)
            return true;
    }
    return false;
}

/* Names another section as the owner of the subsection. */
static bool alter_owner(struct accepted_stream *accepted, struct alteration *alteration)
{
    const struct vmwire_subsection_value *last = pick_last_sent_behind(accepted);
    if (!last)
        return false;
    const uint8_t *id = last->raw.data + 1;
    if (accepted->option->subsections != VMWIRE_SUBSECTION_SECTION)
        return replace_number(alteration, id, 4, flip_bit(accepted, id), VMWIRE_ERROR_SECTION_ID);
    const uint8_t *slash = last->name.data - 1;
    struct vmwire_bytes idstr = {id + 4 + 1, id[4]};
    if (has_device(accepted->test_case->schema, idstr)) /* it may be a section of its own */
        return false;
    return pick(accepted, 2)
               ? replace_number(alteration, id, 4, flip_bit(accepted, id), VMWIRE_ERROR_NONE)
               : replace_number(alteration, slash, 1, ';', VMWIRE_ERROR_NONE);
}

/* ---- Null pointers ------------------------------------------------------------------------------- */

static bool alter_null_pointer(struct accepted_stream *accepted, struct alteration *alteration)
{
    const struct vmwire_value *chosen = NULL;
    size_t count = 0;
    for (size_t i = 0; i < accepted->stream->item_count; i++) {
        struct vmwire_record_walk walk;
        if (!accepted->stream->items[i]->record)
            continue;
        vmwire_record_walk_begin(&walk, accepted->stream->items[i]->record);
        for (enum vmwire_record_step step;
             (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
            if (step == VMWIRE_RECORD_VALUE && walk.value->field->null_pointer &&
                walk.value->field->length == VMWIRE_LENGTH_FIXED && walk.value->data.length &&
                !pick(accepted, ++count))
                chosen = walk.value;
    }
    if (!chosen)
        return false;
    size_t length = chosen->data.length;
    size_t which = pick(accepted, 2) ? length - 1 : pick(accepted, length);
    return replace_number(alteration, chosen->data.data + which, 1, UINT8_MAX, VMWIRE_ERROR_ITEM);
}

/* When one does not apply, the next is tried. Those that rarely apply come last. */
alteration_function *const alteration_numbers[] = {alter_footer_id,
                                                   alter_section_version,
                                                   alter_to_undescribed_version,
                                                   alter_continued_id,
                                                   alter_owner,
                                                   alter_place,
                                                   alter_path,
                                                   alter_subsection_version,
                                                   alter_upper_version_bytes,
                                                   alter_null_pointer,
                                                   alter_record_version,
                                                   alter_fields_length,
                                                   alter_end_of_record,
                                                   NULL};
