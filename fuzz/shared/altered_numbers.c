/* Numbers of the framing, each changed to one that is refused, or that does not matter; see altered.h. */
#include "altering.h"
#include "round.h"

/* ---- Choices ------------------------------------------------------------------------------------- */

bool refuse_number(struct alteration *alteration, const uint8_t *at, unsigned width, uint64_t value,
                   enum error_kind kind)
{
    alteration->at = at;
    alteration->removed = width;
    put_integer(&alteration->put, width, value);
    alteration->fate = REFUSED;
    alteration->kind = kind;
    return true;
}

/* Another number, of which one bit is not the same. */
static uint32_t another(struct accepted *accepted, const uint8_t *at)
{
    return be32(at) ^ (uint32_t)1 << some(accepted, 32);
}

const struct subsection_value *some_subsection(struct accepted *accepted)
{
    const struct subsection_value *chosen = NULL;
    size_t count = 0;
    for (size_t i = 0; i < accepted->stream->item_count; i++) {
        struct record_walk walk;
        if (!accepted->stream->items[i]->record)
            continue;
        record_walk_begin(&walk, accepted->stream->items[i]->record);
        for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;)
            if (step == RECORD_SUBSECTION && !some(accepted, ++count))
                chosen = walk.subsection;
    }
    return chosen;
}

/* The last one on the wire that is sent behind its section; and how many records there are before it. */
static const struct subsection_value *last_separate(struct accepted *accepted,
                                                    const struct item *item, uint32_t *records)
{
    struct record_walk walk;
    const struct subsection_value *last = NULL;
    *records = 0;
    record_walk_begin(&walk, item->record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;) {
        *records += step == RECORD_BEGIN;
        if (step == RECORD_SUBSECTION && is_separate(accepted, walk.subsection) &&
            (!last || walk.subsection->raw.data > last->raw.data))
            last = walk.subsection;
    }
    if (!last)
        return NULL;
    record_walk_begin(&walk, last->record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;)
        *records -= step == RECORD_BEGIN;
    return last;
}

/* ---- Sections ------------------------------------------------------------------------------------ */

static bool has_plain_footer(const struct accepted *accepted, const struct item *item)
{
    (void)accepted;
    return is_section(item) && item->footer && !looks_for_footer(item);
}

static bool footer_id(struct accepted *accepted, struct alteration *alteration)
{
    const struct item *item = some_item(accepted, has_plain_footer);
    if (!item)
        return false;
    const uint8_t *at = item->raw.data + item->raw.length - 4;
    return refuse_number(alteration, at, 4, another(accepted, at), ERROR_SECTION_ID);
}

static bool goes_on(const struct accepted *accepted, const struct item *item)
{
    (void)accepted;
    return item->kind == ITEM_SECTION_PART || item->kind == ITEM_SECTION_END;
}

static bool continued_id(struct accepted *accepted, struct alteration *alteration)
{
    const struct item *item = some_item(accepted, goes_on);
    if (!item)
        return false;
    uint32_t section_id = another(accepted, item->raw.data + 1);
    return !was_started(accepted->stream, section_id) &&
           refuse_number(alteration, item->raw.data + 1, 4, section_id, ERROR_SECTION_ID);
}

/* ---- Versions ------------------------------------------------------------------------------------ */

struct versions {
    uint32_t highest, lowest;
    const struct structure *structure;
};

/* What a reader says of it. */
static enum error_kind verdict(const struct versions *versions, uint32_t version_id)
{
    if (version_id > versions->highest || version_id < versions->lowest)
        return ERROR_VERSION_ID;
    return version_id == versions->structure->described_version_id || versions->structure->assumed
               ? ERROR_NONE
               : ERROR_NO_LAYOUT;
}

/* The least that is refused, and those beside the one that is described. */
static uint32_t refused_version(struct accepted *accepted, const struct versions *versions)
{
    uint32_t described = versions->structure->described_version_id;
    const uint32_t candidates[] = {versions->highest + 1, versions->lowest - 1, described + 1,
                                   described - 1};
    return candidates[some(accepted, sizeof(candidates) / sizeof(candidates[0]))];
}

bool has_version(const struct accepted *accepted, const struct item *item)
{
    (void)accepted;
    return item->kind == ITEM_SECTION_FULL && item->record->structure->name;
}

const uint8_t *version_of_section(const struct item *item)
{
    return item->idstr.data + item->idstr.length + 4;
}

static bool section_version(struct accepted *accepted, struct alteration *alteration)
{
    const struct item *item = some_item(accepted, has_version);
    if (!item)
        return false;
    const struct structure *structure = item->record->structure;
    struct versions versions = {structure->version_id, structure->minimum_version_id, structure};
    uint32_t version_id = refused_version(accepted, &versions);
    enum error_kind kind = verdict(&versions, version_id);
    return kind != ERROR_NONE &&
           refuse_number(alteration, version_of_section(item), 4, version_id, kind);
}

static const uint8_t *version_of(const struct accepted *accepted,
                                 const struct subsection_value *value)
{
    bool ordinal =
        is_separate(accepted, value) && accepted->option->subsections == SUBSECTION_SECTION;
    return value->name.data + value->name.length + (ordinal ? 4 : 0);
}

static bool subsection_version(struct accepted *accepted, struct alteration *alteration)
{
    const struct subsection_value *value = some_subsection(accepted);
    if (!value)
        return false;
    const struct subsection *subsection = value->subsection;
    struct versions versions = {subsection->version_id, subsection->minimum_version_id,
                                subsection->structure};
    uint32_t version_id = refused_version(accepted, &versions);
    enum error_kind kind = verdict(&versions, version_id);
    return kind != ERROR_NONE && version_id <= UINT8_MAX &&
           refuse_number(alteration, version_of(accepted, value), 4, version_id, kind);
}

/* QEMU keeps its low byte only (migration/vmstate.c, vmstate_subsection_load). */
static bool upper_bytes_of_version(struct accepted *accepted, struct alteration *alteration)
{
    const struct subsection_value *value = some_subsection(accepted);
    if (!value)
        return false;
    alteration->at = version_of(accepted, value);
    alteration->removed = 4;
    put_integer(&alteration->put, 4, be32(alteration->at) ^ (uint32_t)0x100 << some(accepted, 24));
    alteration->fate = ANOTHER;
    return true;
}

/* ---- Subsections behind their section ------------------------------------------------------------ */

/* That of any item; NULL: none has one. */
static const struct subsection_value *some_last_separate(struct accepted *accepted,
                                                         uint32_t *records)
{
    const struct item *item = some_item(accepted, has_separate);
    return item ? last_separate(accepted, item, records) : NULL;
}

/* One more than the last record before it. */
static bool ordinal(struct accepted *accepted, struct alteration *alteration)
{
    uint32_t records;
    const struct subsection_value *last = some_last_separate(accepted, &records);
    if (!last)
        return false;
    bool section = accepted->option->subsections == SUBSECTION_SECTION;
    return refuse_number(alteration,
                         section ? last->name.data + last->name.length : last->raw.data + 1 + 4, 4,
                         records, ERROR_SECTION_ID);
}

static bool has_device(const struct schema *schema, struct bytes idstr)
{
    for (size_t i = 0; i < schema->device_count; i++) {
        const char *name = schema->devices[i].idstr;
        if (strlen(name) == idstr.length && memcmp(name, idstr.data, idstr.length) == 0)
            return true;
    }
    return false;
}

/* What is no subsection of the section before it is none. */
static bool owner(struct accepted *accepted, struct alteration *alteration)
{
    uint32_t records;
    const struct subsection_value *last = some_last_separate(accepted, &records);
    if (!last)
        return false;
    const uint8_t *id = last->raw.data + 1;
    if (accepted->option->subsections != SUBSECTION_SECTION)
        return refuse_number(alteration, id, 4, another(accepted, id), ERROR_SECTION_ID);
    const uint8_t *slash = last->name.data - 1;
    struct bytes idstr = {id + 4 + 1, id[4]};
    if (has_device(accepted->subject->schema, idstr)) /* it may be one of its own */
        return false;
    return some(accepted, 2) ? refuse_number(alteration, id, 4, another(accepted, id), ERROR_NONE)
                             : refuse_number(alteration, slash, 1, ';', ERROR_NONE);
}

/* ---- Null pointers ------------------------------------------------------------------------------- */

static bool null_pointer(struct accepted *accepted, struct alteration *alteration)
{
    const struct value *chosen = NULL;
    size_t count = 0;
    for (size_t i = 0; i < accepted->stream->item_count; i++) {
        struct record_walk walk;
        if (!accepted->stream->items[i]->record)
            continue;
        record_walk_begin(&walk, accepted->stream->items[i]->record);
        for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;)
            if (step == RECORD_VALUE && walk.value->field->null_pointer &&
                walk.value->field->length == LENGTH_FIXED && walk.value->data.length &&
                !some(accepted, ++count))
                chosen = walk.value;
    }
    if (!chosen)
        return false;
    size_t length = chosen->data.length;
    size_t which = some(accepted, 2) ? length - 1 : some(accepted, length);
    return refuse_number(alteration, chosen->data.data + which, 1, UINT8_MAX, ERROR_ITEM);
}

/* Where one offers nothing the next one has its turn: those that seldom do come last. */
alter *const alter_numbers[] = {
    footer_id, section_version,    undescribed_version,    continued_id, owner,
    ordinal,   subsection_version, upper_bytes_of_version, null_pointer, NULL};
