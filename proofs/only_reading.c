/* SPDX-License-Identifier: MIT */
/*
 * Reads on from a tail as another reading would, from all offsets at once that it can be at: over the rest of the owner's
 * subsections, then over the rest of each record around it, then a footer. A set of offsets is enough: what a reading
 * does from an offset on does not depend on how it came there. Each byte is taken for itself, so that there are more
 * readings here than any state has. Must not know the engine.
 */
#include "only_reading.h"

#include <string.h>

/* The offsets that a reading can be at, in ascending order. */
struct offsets {
    uint64_t *list;
    size_t count, room;
};

/* The offsets that are kept at once, and those that are looked at for one tail. Beyond them the reason is refused. */
enum { MOST_OFFSETS = 1 << 16, MOST_STEPS = 1 << 24 };

struct other_readings {
    const struct tails *tails;
    const struct tail *tail;
    struct vmwire_arena *arena;
    struct offsets at;
    unsigned depth; /* of the records that are open */
    uint64_t steps;
    bool unknown; /* a length is not told, or there are too many offsets */
};

static void add_offset(struct other_readings *others, struct offsets *offsets, uint64_t offset)
{
    size_t place = offsets->count;
    while (place && offsets->list[place - 1] > offset)
        place--;
    if (place && offsets->list[place - 1] == offset)
        return;
    others->unknown |= offsets->count == MOST_OFFSETS;
    if (others->unknown)
        return;
    offsets->list = vmwire_arena_grow(others->arena, offsets->list, offsets->count, &offsets->room,
                                      sizeof(*offsets->list));
    memmove(offsets->list + place + 1, offsets->list + place,
            (offsets->count - place) * sizeof(*offsets->list));
    offsets->list[place] = offset;
    offsets->count++;
}

/* Whether there is still something to find. */
static bool goes_on(struct other_readings *others)
{
    others->unknown |= ++others->steps > MOST_STEPS;
    return others->at.count && !others->unknown;
}

static bool can_be(const struct other_readings *others, uint64_t offset, uint8_t value)
{
    return offset < others->tail->limit && can_byte_be(others->tails, offset, value, true);
}

/* Whether the byte can be one that a writer sends in the field. */
static bool can_be_in(const struct other_readings *others, uint64_t offset,
                      const struct vmwire_field *field)
{
    if (field->null_pointer)
        return can_be(others, offset, VMWIRE_VMS_NULLPTR_MARKER);
    if (field->class != VMWIRE_FIELD_ZEROS && field->class != VMWIRE_FIELD_BOOL)
        return offset < others->tail->limit;
    return can_be(others, offset, 0) ||
           (field->class == VMWIRE_FIELD_BOOL && can_be(others, offset, 1));
}

static void read_plain_field(struct other_readings *others, const struct vmwire_field *field)
{
    struct offsets behind = {0};
    uint64_t length = (uint64_t)field->size * field->count;
    others->unknown |= field->length != VMWIRE_LENGTH_FIXED;
    for (size_t i = 0; i < others->at.count && goes_on(others); i++) {
        uint64_t at = others->at.list[i], done = 0;
        bool any = !field->null_pointer && field->class != VMWIRE_FIELD_ZEROS &&
                   field->class != VMWIRE_FIELD_BOOL;
        if (length > others->tail->limit - at)
            continue;
        while (!any && done < length && can_be_in(others, at + done, field))
            done++;
        others->steps += done;
        if (any || done == length)
            add_offset(others, &behind, at + length);
    }
    others->at = behind;
}

static void read_record(struct other_readings *others, const struct vmwire_structure *structure);

static void read_list(struct other_readings *others, const struct vmwire_field *field)
{
    struct offsets ends = {0};
    while (goes_on(others)) {
        struct offsets elements = {0};
        for (size_t i = 0; i < others->at.count; i++) {
            if (can_be(others, others->at.list[i], 0))
                add_offset(others, &ends, others->at.list[i] + 1);
            if (can_be(others, others->at.list[i], 1))
                add_offset(others, &elements, others->at.list[i] + 1);
        }
        others->at = elements;
        others->unknown |= elements.count && !field->structure;
        if (goes_on(others))
            read_record(others, field->structure);
    }
    others->at = ends;
}

/* The fields from `first` on. Of the first, if it is an array of records, `element` elements are read. */
static void read_fields(struct other_readings *others, const struct vmwire_structure *structure,
                        size_t first, uint32_t element)
{
    for (size_t i = first; i < structure->field_count && goes_on(others); i++, element = 0) {
        const struct vmwire_field *field = &structure->fields[i];
        if (field->class == VMWIRE_FIELD_LIST)
            read_list(others, field);
        else if (field->class != VMWIRE_FIELD_RECORD)
            read_plain_field(others, field);
        else
            for (uint32_t j = element; j < field->count && goes_on(others); j++)
                read_record(others, field->structure);
    }
}

/* Whether the reader takes this version, and knows its layout. */
static bool takes_version(const struct vmwire_subsection *subsection, unsigned version)
{
    const struct vmwire_structure *structure = subsection->structure;
    return version <= subsection->version_id && version >= subsection->minimum_version_id &&
           (version == structure->described_version_id ||
            (structure->assumed && version >= structure->minimum_version_id &&
             version <= structure->version_id));
}

static bool can_be_header(const struct other_readings *others, uint64_t at,
                          const struct vmwire_subsection *subsection)
{
    size_t length = strlen(subsection->name);
    bool can = can_be(others, at, VMWIRE_QEMU_VM_SUBSECTION) &&
               can_be(others, at + 1, (uint8_t)length),
         version = false;
    for (size_t i = 0; can && i < length; i++)
        can = can_be(others, at + 2 + i, (uint8_t)subsection->name[i]);
    for (size_t i = 0; can && i < 3; i++)
        can = can_be(others, at + 2 + length + i, 0);
    for (unsigned i = 0; can && i <= UINT8_MAX; i++)
        version |= takes_version(subsection, i) && can_be(others, at + 2 + length + 3, (uint8_t)i);
    return version;
}

/* One subsection, sent or not. */
static void read_subsection(struct other_readings *others,
                            const struct vmwire_subsection *subsection)
{
    struct offsets without = others->at, inside = {0};
    for (size_t i = 0; subsection->structure && i < without.count; i++)
        if (can_be_header(others, without.list[i], subsection))
            add_offset(others, &inside, without.list[i] + 2 + strlen(subsection->name) + 4);
    if (!inside.count)
        return;
    others->at = inside;
    read_record(others, subsection->structure);
    for (size_t i = 0; i < without.count; i++)
        add_offset(others, &others->at, without.list[i]);
}

static void read_subsections(struct other_readings *others,
                             const struct vmwire_structure *structure, size_t first)
{
    for (size_t i = first; i < structure->subsection_count && goes_on(others); i++)
        read_subsection(others, &structure->subsections[i]);
}

/* Records are nested as deep as the reader accepts, at most: so this ends. */
static void read_record(struct other_readings *others, const struct vmwire_structure *structure)
{
    if (others->depth == VMWIRE_SCHEMA_NESTING_LIMIT) {
        others->at.count = 0;
        return;
    }
    others->depth++;
    read_fields(others, structure, 0, 0);
    if (structure->name)
        read_subsections(others, structure, 0);
    others->depth--;
}

/* ---- From the tail on ------------------------------------------------------------------------------ */

static size_t number_of(const struct vmwire_structure *structure,
                        const struct vmwire_subsection *subsection)
{
    return (size_t)(subsection - structure->subsections);
}

/* The readings that take another subsection than the one that is sent, if any; and where one is sent, or none can be,
 * those that end the record. */
static void part_at_tail(struct other_readings *others, const struct vmwire_record *record)
{
    const struct vmwire_structure *owner = record->structure;
    const struct vmwire_subsection_value *before = NULL;
    struct offsets parted = {0}, here = {0};
    for (const struct vmwire_subsection_value *each = record->subsections;
         each && each != others->tail->sent; each = each->next)
        before = each;
    add_offset(others, &here, others->tail->offset);
    size_t first = before ? number_of(owner, before->subsection) + 1 : 0;
    for (size_t i = first; i < owner->subsection_count; i++) {
        const struct vmwire_subsection *other = &owner->subsections[i];
        bool same = others->tail->sent && others->tail->sent->subsection == other;
        if (same || !other->structure || !can_be_header(others, others->tail->offset, other))
            continue;
        others->at = (struct offsets){0};
        add_offset(others, &others->at, others->tail->offset + 2 + strlen(other->name) + 4);
        read_record(others, other->structure);
        read_subsections(others, owner, i + 1);
        for (size_t j = 0; j < others->at.count; j++)
            add_offset(others, &parted, others->at.list[j]);
    }
    if (others->tail->sent)
        add_offset(others, &parted, others->tail->offset);
    others->at = parted;
}

/* The rest of the record around one that has ended. */
static void read_rest_around(struct other_readings *others, const struct vmwire_record *around,
                             const struct vmwire_value *value,
                             const struct vmwire_subsection_value *subsection)
{
    const struct vmwire_structure *structure = around->structure;
    if (value && value->field->class == VMWIRE_FIELD_LIST) {
        read_list(others, value->field);
        read_fields(others, structure, (size_t)(value->field - structure->fields) + 1, 0);
    } else if (value) {
        read_fields(others, structure, (size_t)(value->field - structure->fields),
                    value->element + 1);
    }
    if (structure->name)
        read_subsections(others, structure,
                         value ? 0 : number_of(structure, subsection->subsection) + 1);
}

/* Whether some reading is where the section can end. */
static bool comes_to_end(struct other_readings *others, const struct vmwire_item *item)
{
    if (!item->footer)
        return others->at.count > 0;
    for (size_t i = 0; i < others->at.count; i++) {
        uint64_t at = others->at.list[i];
        bool footer = can_be(others, at, VMWIRE_QEMU_VM_SECTION_FOOTER);
        for (unsigned j = 0; footer && j < 4; j++)
            footer = can_be(others, at + 1 + j, (uint8_t)(item->section_id >> 8 * (3 - j)));
        if (footer)
            return true;
    }
    return false;
}

/* Sets the walk at the tail of this number in the item: list_record() lists them in the same order. Returns the record
 * whose tail it is, and its depth. */
static const struct vmwire_record *find_tail(struct vmwire_record_walk *walk, size_t number,
                                             unsigned *depth)
{
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(walk)) != VMWIRE_RECORD_DONE;) {
        bool end = step == VMWIRE_RECORD_END && walk->record->structure->name;
        if ((end || step == VMWIRE_RECORD_SUBSECTION) && !number--) {
            *depth = walk->depth + end;
            return walk->frames[*depth - 1].record;
        }
    }
    return NULL;
}

bool is_only_reading(const struct tails *tails, const struct tail *tail)
{
    struct vmwire_record_walk walk;
    const struct tail *first = tail;
    unsigned depth = 0;
    while (first > tails->list && first[-1].item == tail->item)
        first--;
    vmwire_record_walk_begin(&walk, tail->item->record);
    const struct vmwire_record *record = find_tail(&walk, (size_t)(tail - first), &depth);
    if (!record || find_look(tails, tail->owner) != VMWIRE_LOOK_IF_ONLY_READING)
        return false;
    struct other_readings others = {
        .tails = tails,
        .tail = tail,
        .arena = vmwire_arena_create_within(tails->arena),
        .depth = depth,
    };
    part_at_tail(&others, record);
    for (; depth > 1; depth--) {
        const struct vmwire_record_walk_frame *frame = &walk.frames[depth - 1];
        others.depth = depth - 1;
        read_rest_around(&others, walk.frames[depth - 2].record, frame->as_value,
                         frame->as_subsection);
    }
    bool only = !others.unknown && !comes_to_end(&others, tail->item) && !others.unknown;
    vmwire_arena_destroy(others.arena);
    return only;
}
