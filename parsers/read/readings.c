/* SPDX-License-Identifier: MIT */
/*
 * Goes over all (byte, place) pairs that some reading reaches. A place is where a reading is in the schema: the path, with
 * the elements; the next field, or at a tail the next subsection that may still come; the count of a counted array. From a
 * pair there is one step, but at a tail. So only the tails with a choice are kept, and the places where two readings can
 * meet again. Nesting is finite and no place comes back at the same byte: the pairs have no circle, and the number of
 * readings from each is the sum of those behind it. This file must not know which subsections a description tells.
 */
#include "read/readings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "read/field_length.h"
#include "read/lexer_iterable.h"

/* What may be kept of one section: the first number is for each byte that is left of the input; the second is for records
 * without bytes; the last bounds the memory for a section of any length. */
enum {
    KEPT_A_BYTE = 8,
    KEPT_LEAST = 1 << 20,
    KEPT_MOST = 1 << 22,
};

#define NONE UINT32_MAX

/* A record that a reading is in. The same record is the same number, whichever reading is in it. */
struct open_record {
    const struct vmwire_structure *structure;
    enum frame_kind kind;
    uint32_t parent; /* NONE: the section's own record */
    uint32_t
        field; /* where the parent goes on: the field and the element; behind a subsection, the next one */
    uint32_t element; /* that may come */
    uint32_t next;    /* in the bucket */
};

struct place {
    uint64_t offset; /* from the beginning of the record */
    uint32_t record;
    uint32_t field;
    uint32_t element; /* of the field; at a tail: the next subsection that may come */
    uint32_t counted; /* elements of a VMWIRE_LENGTH_STR8 field */
    bool tail;
};

/* A place that is kept. */
struct kept_place {
    struct place place;
    unsigned readings; /* from here to the end of the section: READINGS_... */
    uint32_t choice;   /* the next one to follow */
    uint32_t before; /* the kept place from which this one was reached first, and by which choice */
    uint32_t chosen;
    uint32_t next; /* in the bucket */
};

/* The kept places, or the records: what is equal is one. */
struct buckets {
    uint32_t *first;
    size_t count; /* a power of two */
};

struct counting {
    struct lexer *lexer;
    struct vmwire_arena *arena;
    const uint8_t *begin;
    bool footer; /* the section ends with one */
    struct open_record *records;
    size_t record_count, record_room;
    struct kept_place *kept;
    size_t kept_count, kept_room;
    struct buckets record_buckets, kept_buckets;
    uint32_t *stack; /* kept places whose readings are being counted */
    size_t depth, stack_room;
    uint64_t pairs, kept_limit;
    uint64_t furthest; /* byte that was looked at */

    /* The reading that goes on longest, where none is complete. */
    struct failure {
        bool found;
        uint64_t offset;
        enum vmwire_error_kind kind;
        uint32_t kept, chosen; /* the kept place before it, and the choice there */
        char message[256];
    } failure;
    uint32_t followed, followed_choice; /* the kept place that is followed, and the choice */
};

/* ---- What is kept -------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

static uint64_t hash_of_record(const struct open_record *record)
{
    uint64_t hash = mix(mix(0, (uintptr_t)record->structure), record->parent);
    return mix(mix(hash, record->field), record->element);
}

static uint64_t hash_of_place(const struct place *place)
{
    uint64_t hash = mix(mix(0, place->offset), place->record);
    hash = mix(mix(hash, place->field), place->element);
    return mix(hash, (uint64_t)place->counted << 1 | place->tail);
}

static bool same_record(const struct open_record *a, const struct open_record *b)
{
    return a->structure == b->structure && a->kind == b->kind && a->parent == b->parent &&
           a->field == b->field && a->element == b->element;
}

static bool same_place(const struct place *a, const struct place *b)
{
    return a->offset == b->offset && a->record == b->record && a->field == b->field &&
           a->element == b->element && a->counted == b->counted && a->tail == b->tail;
}

/* Makes room for one more in the array and in its buckets. True: the buckets are new and empty. */
static bool make_room(struct counting *counting, struct buckets *buckets, size_t count)
{
    if (count < buckets->count)
        return false;
    buckets->count = buckets->count ? 2 * buckets->count : 64;
    buckets->first = vmwire_arena_alloc(counting->arena, buckets->count * sizeof(*buckets->first));
    memset(buckets->first, 0xff, buckets->count * sizeof(*buckets->first));
    return true;
}

static uint32_t *record_bucket(const struct counting *counting, const struct open_record *record)
{
    const struct buckets *buckets = &counting->record_buckets;
    return &buckets->first[hash_of_record(record) & (buckets->count - 1)];
}

static uint32_t *place_bucket(const struct counting *counting, const struct place *place)
{
    const struct buckets *buckets = &counting->kept_buckets;
    return &buckets->first[hash_of_place(place) & (buckets->count - 1)];
}

static void link_record(struct counting *counting, uint32_t number)
{
    uint32_t *bucket = record_bucket(counting, &counting->records[number]);
    counting->records[number].next = *bucket;
    *bucket = number;
}

static void link_place(struct counting *counting, uint32_t number)
{
    uint32_t *bucket = place_bucket(counting, &counting->kept[number].place);
    counting->kept[number].next = *bucket;
    *bucket = number;
}

static uint32_t find_record(const struct counting *counting, const struct open_record *record)
{
    uint32_t number = counting->record_buckets.count ? *record_bucket(counting, record) : NONE;
    while (number != NONE && !same_record(&counting->records[number], record))
        number = counting->records[number].next;
    return number;
}

static uint32_t find_place(const struct counting *counting, const struct place *place)
{
    uint32_t number = counting->kept_buckets.count ? *place_bucket(counting, place) : NONE;
    while (number != NONE && !same_place(&counting->kept[number].place, place))
        number = counting->kept[number].next;
    return number;
}

static uint32_t number_of_record(struct counting *counting, struct open_record record)
{
    uint32_t number = find_record(counting, &record);
    if (number != NONE)
        return number;
    number = (uint32_t)counting->record_count;
    counting->records = vmwire_arena_grow(counting->arena, counting->records, number,
                                          &counting->record_room, sizeof(record));
    counting->records[counting->record_count++] = record;
    if (!make_room(counting, &counting->record_buckets, number))
        link_record(counting, number);
    else
        for (uint32_t i = 0; i <= number; i++)
            link_record(counting, i);
    return number;
}

/* Keeps the place, if it is not kept yet. */
static uint32_t keep_place(struct counting *counting, const struct place *place)
{
    uint32_t number = find_place(counting, place);
    if (number != NONE)
        return number;
    number = (uint32_t)counting->kept_count;
    counting->kept = vmwire_arena_grow(counting->arena, counting->kept, number,
                                       &counting->kept_room, sizeof(struct kept_place));
    counting->kept[counting->kept_count++] = (struct kept_place){
        .place = *place,
        .choice = place->tail ? place->element : 0,
        .before = counting->followed,
        .chosen = counting->followed_choice,
    };
    if (!make_room(counting, &counting->kept_buckets, number))
        link_place(counting, number);
    else
        for (uint32_t i = 0; i <= number; i++)
            link_place(counting, i);
    return number;
}

/* ---- Where a reading ends ------------------------------------------------------------------------ */

static uint64_t bytes_behind(const struct counting *counting, uint64_t offset)
{
    return (uint64_t)(counting->lexer->limit - counting->begin) - offset;
}

static void look_at(struct counting *counting, uint64_t offset, uint64_t length)
{
    counting->lexer->cost->bytes_examined += length;
    if (offset + length > counting->furthest)
        counting->furthest = offset + length;
}

/* A reading ends here. Of all that end, the one that goes on longest is told; first of all one that could go on if
 * the layout of a subsection were known. Returns false. */
static bool end_reading_at(struct counting *counting, uint64_t offset, enum vmwire_error_kind kind,
                           const char *format, ...) __attribute__((format(printf, 4, 5)));

static bool end_reading_at(struct counting *counting, uint64_t offset, enum vmwire_error_kind kind,
                           const char *format, ...)
{
    struct failure *failure = &counting->failure;
    bool unknown = kind == VMWIRE_ERROR_NO_LAYOUT,
         unknown_before = failure->kind == VMWIRE_ERROR_NO_LAYOUT;
    if (failure->found && (unknown != unknown_before ? unknown_before : offset <= failure->offset))
        return false;
    failure->found = true;
    failure->offset = offset;
    failure->kind = kind;
    failure->kept = counting->followed;
    failure->chosen = counting->followed_choice;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure->message, sizeof(failure->message), format, arguments);
    va_end(arguments);
    return false;
}

static bool end_at_byte(struct counting *counting, uint64_t offset, const char *expected)
{
    if (!bytes_behind(counting, offset))
        return end_reading_at(counting, offset, VMWIRE_ERROR_NO_READING,
                              "expected %s, but no bytes are left", expected);
    return end_reading_at(counting, offset, VMWIRE_ERROR_NO_READING, "expected %s, found %02x",
                          expected, counting->begin[offset]);
}

/* ---- The end of the section ---------------------------------------------------------------------- */

/* Whether the footer stands here. */
static bool read_footer(struct counting *counting, uint64_t offset)
{
    const struct lexer *lexer = counting->lexer;
    for (uint64_t i = 1; i <= 4; i++) {
        look_at(counting, offset + i, bytes_behind(counting, offset) > i);
        if (bytes_behind(counting, offset) <= i ||
            counting->begin[offset + i] != (uint8_t)(lexer->section_id >> 8 * (4 - i)))
            return end_at_byte(counting, offset + i, "the section's id in its footer");
    }
    return true;
}

/* Whether the header of a section that the reader knows stands here. */
static bool read_section_header(struct counting *counting, uint64_t offset)
{
    const uint8_t *bytes = counting->begin + offset;
    uint64_t left = bytes_behind(counting, offset);
    char idstr[256] = {0};
    if (left < 6 || left < 6 + (uint64_t)bytes[5] + 8)
        return end_reading_at(counting, offset, VMWIRE_ERROR_NO_READING,
                              "expected the header of a section, but the bytes end within it");
    memcpy(idstr, bytes + 6, bytes[5]);
    look_at(counting, offset, 6 + (uint64_t)bytes[5] + 8);
    uint32_t instance_id = vmwire_be32(bytes + 6 + bytes[5]),
             version_id = vmwire_be32(bytes + 6 + bytes[5] + 4);
    bool known = bytes[0] == VMWIRE_QEMU_VM_SECTION_FULL
                     ? vmwire_schema_device(counting->lexer->schema, idstr, instance_id) != NULL
                     : iterable_condition(idstr, version_id) >= 0;
    return known || end_reading_at(counting, offset + 6, VMWIRE_ERROR_NO_READING,
                                   "expected a section that the reader knows, found \"%s\"", idstr);
}

/* Whether the section can end here without a footer: another item follows. */
static bool read_next_item(struct counting *counting, uint64_t offset)
{
    if (!bytes_behind(counting, offset))
        return true;
    switch (counting->begin[offset]) {
    case VMWIRE_QEMU_VM_EOF:
    case VMWIRE_QEMU_VM_SECTION_PART:
    case VMWIRE_QEMU_VM_SECTION_END:
    case VMWIRE_QEMU_VM_COMMAND:
        return true;
    case VMWIRE_QEMU_VM_SECTION_START:
    case VMWIRE_QEMU_VM_SECTION_FULL:
        return read_section_header(counting, offset);
    default:
        return end_at_byte(counting, offset, "an item (00, 01, 02, 03, 04 or 08)");
    }
}

/* Whether a reading is complete here. */
static bool read_end_of_section(struct counting *counting, uint64_t offset)
{
    bool any = bytes_behind(counting, offset) > 0;
    look_at(counting, offset, any);
    if (!counting->footer)
        return read_next_item(counting, offset);
    if (any && counting->begin[offset] == VMWIRE_QEMU_VM_SECTION_FOOTER)
        return read_footer(counting, offset);
    return end_at_byte(counting, offset, "the section's footer (7e)");
}

/* ---- Fields -------------------------------------------------------------------------------------- */

/* The greatest byte that a writer sends in such a field; and, but for a marker of null pointers, the least is 0. */
static uint8_t greatest_byte(const struct vmwire_field *field)
{
    switch (field->class) {
    case VMWIRE_FIELD_ZEROS:
        return 0;
    case VMWIRE_FIELD_BOOL:
        return 1;
    default:
        return UINT8_MAX;
    }
}

/* Whether each byte is one that the field's class allows. The schema does not tell the values of other constants than
 * the markers of null pointers; nor what private encodings hold. */
static bool read_bytes_of_class(struct counting *counting, uint64_t offset, uint64_t length,
                                const struct vmwire_field *field)
{
    bool null_pointer = field->null_pointer && field->length == VMWIRE_LENGTH_FIXED;
    uint8_t least = null_pointer ? VMWIRE_VMS_NULLPTR_MARKER : 0;
    uint8_t most = null_pointer ? VMWIRE_VMS_NULLPTR_MARKER : greatest_byte(field);
    if (most == UINT8_MAX)
        return true;
    for (uint64_t i = 0; i < length; i++) {
        uint8_t byte = counting->begin[offset + i];
        if (byte >= least && byte <= most)
            continue;
        look_at(counting, offset, i + 1);
        counting->pairs += i;
        return end_at_byte(counting, offset + i,
                           least       ? "a null pointer's marker (30)"
                           : most == 0 ? "00, as in all bytes that are not used"
                                       : "a bool (00 or 01)");
    }
    look_at(counting, offset, length);
    counting->pairs += length;
    return true;
}

static bool read_data(struct counting *counting, struct place *place,
                      const struct vmwire_field *field)
{
    const struct open_record *record = &counting->records[place->record];
    const struct frame frame = {
        .structure = record->structure, .kind = record->kind, .field = place->field};
    uint64_t length = value_length(counting->lexer, counting->begin + place->offset, &frame, field);
    if (length > bytes_behind(counting, place->offset))
        return end_reading_at(counting, place->offset, VMWIRE_ERROR_NO_READING,
                              "expected %s of %llu bytes, but only %llu are left", field->type,
                              (unsigned long long)length,
                              (unsigned long long)bytes_behind(counting, place->offset));
    if (field->length == VMWIRE_LENGTH_POINTERS && length == 0)
        return end_reading_at(counting, place->offset, VMWIRE_ERROR_NO_LAYOUT,
                              "one of %u pointers is not null: what it points to is not described",
                              field->count);
    if (!read_bytes_of_class(counting, place->offset, length, field))
        return false;
    place->offset += length;
    if (place->offset > counting->furthest)
        counting->furthest = place->offset;
    if (field->length == VMWIRE_LENGTH_STR8)
        place->element++;
    else
        place->field++;
    return true;
}

/* ---- Steps --------------------------------------------------------------------------------------- */

static unsigned depth_of(const struct counting *counting, uint32_t record)
{
    unsigned depth = 0;
    for (; record != NONE; record = counting->records[record].parent)
        depth++;
    return depth;
}

/* Enters a record. `field` and `element` are where the one around it goes on. */
static bool enter(struct counting *counting, struct place *place,
                  const struct vmwire_structure *structure, enum frame_kind kind, uint32_t field,
                  uint32_t element)
{
    if (depth_of(counting, place->record) == VMWIRE_SCHEMA_NESTING_LIMIT)
        return end_reading_at(counting, place->offset, VMWIRE_ERROR_NO_READING,
                              "records are nested deeper than %d", VMWIRE_SCHEMA_NESTING_LIMIT);
    place->record = number_of_record(
        counting, (struct open_record){structure, kind, place->record, field, element, NONE});
    place->field = place->element = place->counted = 0;
    place->tail = false;
    return true;
}

enum walked { WALKED_TO_END, WALKED_TO_PLACE, WALKED_NOWHERE };

/* Leaves the record. WALKED_TO_PLACE: readings can meet here. */
static enum walked leave(struct counting *counting, struct place *place)
{
    const struct open_record *record = &counting->records[place->record];
    bool meets = record->structure->subsection_count > 0 && record->kind != FRAME_SUBSECTION;
    if (record->parent == NONE)
        return read_end_of_section(counting, place->offset) ? WALKED_TO_END : WALKED_NOWHERE;
    place->tail = record->kind == FRAME_SUBSECTION;
    place->field = record->field;
    place->element = record->element;
    place->counted = 0;
    place->record = record->parent;
    return meets ? WALKED_TO_PLACE : WALKED_NOWHERE;
}

/* One element of a list, or its end. False: neither stands here. */
static bool read_list(struct counting *counting, struct place *place,
                      const struct vmwire_field *field)
{
    bool any = bytes_behind(counting, place->offset) > 0;
    uint8_t byte = any ? counting->begin[place->offset] : UINT8_MAX;
    look_at(counting, place->offset, any);
    if (byte > 1)
        return end_at_byte(counting, place->offset, "a list element (01) or the list's end (00)");
    if (byte && !field->structure)
        return end_reading_at(counting, place->offset, VMWIRE_ERROR_NO_LAYOUT,
                              "no description of the elements of list \"%s\"", field->name);
    place->offset++;
    if (byte)
        return enter(counting, place, field->structure, FRAME_EMBEDDED, place->field,
                     place->element + 1);
    place->field++;
    place->element = 0;
    return true;
}

/* The next field, or the tail. False: no reading goes on. `meets`: readings can meet here. */
static bool read_field(struct counting *counting, struct place *place, bool *meets)
{
    const struct vmwire_structure *structure = counting->records[place->record].structure;
    const struct vmwire_field *field = &structure->fields[place->field];
    bool skip = false;
    if (field->class == VMWIRE_FIELD_LIST) {
        uint32_t list = place->field;
        bool read = read_list(counting, place, field);
        *meets = read && place->field == list + 1;
        return read;
    }
    if (field->class == VMWIRE_FIELD_RECORD) {
        if (place->element < field->count)
            return enter(counting, place, field->structure, FRAME_EMBEDDED, place->field,
                         place->element + 1);
        skip = true;
    } else if (field->length == VMWIRE_LENGTH_STR8) {
        if (place->element == 0)
            place->counted = vmwire_be32(counting->begin + place->offset - 4);
        skip = place->element == place->counted;
    } else {
        skip = field->length == VMWIRE_LENGTH_FIXED && !field->size;
    }
    if (!skip)
        return read_data(counting, place, field);
    place->field++;
    place->element = place->counted = 0;
    return true;
}

static bool has_choice(const struct counting *counting, const struct place *place)
{
    return place->tail && bytes_behind(counting, place->offset) &&
           counting->begin[place->offset] == VMWIRE_QEMU_VM_SUBSECTION &&
           counting->records[place->record].structure->subsection_count;
}

static bool is_beyond_limit(const struct counting *counting)
{
    return counting->pairs > counting->lexer->pairs_left ||
           counting->kept_count + counting->record_count > counting->kept_limit;
}

/* Goes on to the next place that is kept, or to the end. */
static enum walked walk(struct counting *counting, struct place *place)
{
    for (;;) {
        const struct vmwire_structure *structure = counting->records[place->record].structure;
        bool meets = false;
        counting->pairs++;
        if (is_beyond_limit(counting))
            return WALKED_NOWHERE;
        if (has_choice(counting, place))
            return WALKED_TO_PLACE;
        if (place->field < structure->field_count && !place->tail) {
            if (!read_field(counting, place, &meets))
                return WALKED_NOWHERE;
            if (meets)
                return WALKED_TO_PLACE;
        } else if (!place->tail && structure->name) {
            place->tail = true;
            place->element = 0;
        } else {
            bool own = counting->records[place->record].parent == NONE;
            enum walked walked = leave(counting, place);
            if (own || walked == WALKED_TO_PLACE)
                return walked;
        }
    }
}

/* ---- Tails --------------------------------------------------------------------------------------- */

/* Whether the reader takes this version, and knows its layout. */
static bool read_version(struct counting *counting, uint64_t offset,
                         const struct vmwire_subsection *subsection)
{
    const struct vmwire_structure *structure = subsection->structure;
    uint32_t version = vmwire_be32(counting->begin + offset);
    look_at(counting, offset, 4);
    if (version > UINT8_MAX || version > subsection->version_id ||
        version < subsection->minimum_version_id)
        return end_reading_at(counting, offset, VMWIRE_ERROR_NO_READING,
                              "expected version %u of \"%s\", found %u", subsection->version_id,
                              subsection->name, version);
    bool known = structure && (version == structure->described_version_id ||
                               (structure->assumed && version >= structure->minimum_version_id &&
                                version <= structure->version_id));
    return known || end_reading_at(counting, offset, VMWIRE_ERROR_NO_LAYOUT,
                                   "the layout of version %u of \"%s\" is not known", version,
                                   subsection->name);
}

/* Whether the header of this subsection stands here, with its exact name. */
static bool read_header(struct counting *counting, struct place *place,
                        const struct vmwire_subsection *subsection)
{
    size_t length = strlen(subsection->name);
    uint64_t left = bytes_behind(counting, place->offset);
    const uint8_t *bytes = counting->begin + place->offset;
    if (!vmwire_option_sends_inline(counting->lexer->option, subsection))
        return false;
    look_at(counting, place->offset, left < 2 ? left : 2);
    if (left < 2 || bytes[1] != length || left - 2 < length)
        return false;
    look_at(counting, place->offset + 2, length);
    if (memcmp(bytes + 2, subsection->name, length) != 0)
        return false;
    if (left - 2 - length < 4)
        return end_reading_at(counting, place->offset + 2 + length, VMWIRE_ERROR_NO_READING,
                              "expected a subsection's version id (4 bytes), but only %llu are "
                              "left",
                              (unsigned long long)(left - 2 - length));
    place->offset += 2 + length;
    if (!read_version(counting, place->offset, subsection))
        return false;
    place->offset += 4;
    return true;
}

/* Follows a choice from a kept place: at a tail one subsection, or behind the last one the end of the record; elsewhere
 * there is only one. WALKED_TO_PLACE: `place` is what to keep next. */
static enum walked follow_choice(struct counting *counting, uint32_t number, uint32_t choice,
                                 struct place *place)
{
    *place = counting->kept[number].place;
    counting->followed = number;
    counting->followed_choice = choice;
    counting->pairs++;
    if (!place->tail)
        return walk(counting, place);
    const struct vmwire_structure *structure = counting->records[place->record].structure;
    if (choice < structure->subsection_count) {
        const struct vmwire_subsection *subsection = &structure->subsections[choice];
        bool taken = read_header(counting, place, subsection) &&
                     enter(counting, place, subsection->structure, FRAME_SUBSECTION, 0, choice + 1);
        return taken ? walk(counting, place) : WALKED_NOWHERE;
    }
    bool own = counting->records[place->record].parent == NONE;
    enum walked walked = leave(counting, place);
    return own || walked == WALKED_TO_PLACE ? walked : walk(counting, place);
}

/* The number of the last choice. */
static uint32_t last_choice(const struct counting *counting, const struct kept_place *kept)
{
    if (!kept->place.tail)
        return 0;
    return (uint32_t)counting->records[kept->place.record].structure->subsection_count;
}

/* ---- Counting ------------------------------------------------------------------------------------ */

static void push(struct counting *counting, uint32_t number)
{
    counting->stack = vmwire_arena_grow(counting->arena, counting->stack, counting->depth,
                                        &counting->stack_room, sizeof(*counting->stack));
    counting->stack[counting->depth++] = number;
}

static void add_readings(struct kept_place *kept, unsigned readings)
{
    kept->readings += readings;
    if (kept->readings > READINGS_TWO)
        kept->readings = READINGS_TWO;
}

/* All choices of the place on top are counted: adds its readings to those of the place below. */
static void pop(struct counting *counting)
{
    unsigned readings = counting->kept[counting->stack[--counting->depth]].readings;
    if (counting->depth)
        add_readings(&counting->kept[counting->stack[counting->depth - 1]], readings);
}

/* False: a limit is reached. */
static bool count_from(struct counting *counting, uint32_t root)
{
    push(counting, root);
    while (counting->depth) {
        uint32_t number = counting->stack[counting->depth - 1];
        struct kept_place *kept = &counting->kept[number];
        struct place place;
        if (kept->choice > last_choice(counting, kept)) {
            pop(counting);
            continue;
        }
        enum walked walked = follow_choice(counting, number, kept->choice++, &place);
        if (is_beyond_limit(counting))
            return false;
        if (walked == WALKED_TO_END)
            add_readings(&counting->kept[number], READINGS_ONE);
        if (walked != WALKED_TO_PLACE)
            continue;
        uint32_t known = find_place(counting, &place);
        if (known == NONE)
            push(counting, keep_place(counting, &place));
        else
            add_readings(&counting->kept[number], counting->kept[known].readings);
    }
    return true;
}

/* ---- The choices that the lexer is told ---------------------------------------------------------- */

struct choices {
    struct vmwire_arena *arena;
    struct reading_choice *list;
    size_t count, room;
};

static const struct vmwire_subsection *subsection_of(const struct counting *counting,
                                                     const struct place *place, uint32_t choice)
{
    const struct vmwire_structure *structure = counting->records[place->record].structure;
    return choice < structure->subsection_count ? &structure->subsections[choice] : NULL;
}

static void add_choice(const struct counting *counting, struct choices *choices, uint32_t number,
                       uint32_t choice)
{
    const struct place *place = &counting->kept[number].place;
    if (!place->tail)
        return;
    choices->list = vmwire_arena_grow(choices->arena, choices->list, choices->count, &choices->room,
                                      sizeof(*choices->list));
    uint64_t begin = (uint64_t)(counting->begin - counting->lexer->begin);
    choices->list[choices->count++] =
        (struct reading_choice){begin + place->offset, subsection_of(counting, place, choice)};
}

/* The readings that a choice leads to, and the place; NONE: to the end of the section, or nowhere. */
static unsigned readings_behind(struct counting *counting, uint32_t number, uint32_t choice,
                                uint32_t *place_number)
{
    struct place place;
    enum walked walked = follow_choice(counting, number, choice, &place);
    *place_number = NONE;
    if (walked != WALKED_TO_PLACE)
        return walked == WALKED_TO_END ? READINGS_ONE : READINGS_NONE;
    *place_number = find_place(counting, &place);
    return counting->kept[*place_number].readings;
}

/* Follows the readings up to the end, or to where two of them part. */
static void tell_readings(struct counting *counting, uint32_t number, struct choices *choices,
                          struct readings *readings)
{
    while (number != NONE) {
        const struct place place = counting->kept[number].place;
        uint32_t last = last_choice(counting, &counting->kept[number]), chosen = NONE, to = NONE;
        for (uint32_t choice = place.tail ? place.element : 0; choice <= last; choice++) {
            uint32_t next;
            if (!readings_behind(counting, number, choice, &next))
                continue;
            if (chosen != NONE) {
                readings->parting.one = subsection_of(counting, &place, chosen);
                readings->parting.other = subsection_of(counting, &place, choice);
                return;
            }
            chosen = choice;
            to = next;
        }
        add_choice(counting, choices, number, chosen);
        number = to;
    }
}

/* Tells the choices of the reading that goes on longest. They are gathered from the last one on. */
static void tell_failure(const struct counting *counting, struct choices *choices,
                         struct readings *readings)
{
    const struct failure *failure = &counting->failure;
    uint32_t choice = failure->chosen;
    for (uint32_t number = failure->kept; number != NONE; number = counting->kept[number].before) {
        add_choice(counting, choices, number, choice);
        choice = counting->kept[number].chosen;
    }
    for (size_t i = 0; i < choices->count / 2; i++) {
        struct reading_choice kept = choices->list[i];
        choices->list[i] = choices->list[choices->count - 1 - i];
        choices->list[choices->count - 1 - i] = kept;
    }
    readings->failure.offset =
        (uint64_t)(counting->begin - counting->lexer->begin) + failure->offset;
    readings->failure.kind = failure->kind;
    readings->failure.message =
        vmwire_arena_string(choices->arena, failure->message, strlen(failure->message));
}

static bool tell(struct counting *counting)
{
    const uint32_t root = 0;
    struct lexer *lexer = counting->lexer;
    struct choices choices = {.arena = lexer->arena};
    struct readings *readings = &lexer->readings;
    *readings = (struct readings){.count = counting->kept[root].readings};
    lexer->pairs_left = counting->kept_limit = UINT64_MAX; /* these pairs were gone over before */
    if (readings->count == READINGS_NONE)
        tell_failure(counting, &choices, readings);
    else if (counting->kept_count > 1)
        tell_readings(counting, root, &choices, readings);
    readings->choices = choices.list;
    readings->choice_count = choices.count;
    return true;
}

/* ---- For the lexer ------------------------------------------------------------------------------- */

static uint64_t kept_limit(uint64_t bytes)
{
    return bytes < (KEPT_MOST - KEPT_LEAST) / KEPT_A_BYTE ? KEPT_LEAST + KEPT_A_BYTE * bytes
                                                          : KEPT_MOST;
}

static void count_cost(const struct counting *counting, uint64_t pairs)
{
    struct lexer *lexer = counting->lexer;
    uint64_t peak = vmwire_arena_peak(counting->arena);
    lexer->cost->pairs += pairs;
    if (counting->furthest > lexer->cost->longest_lookahead)
        lexer->cost->longest_lookahead = counting->furthest;
    lexer->readings_allocated += vmwire_arena_total(counting->arena);
    if (peak > lexer->readings_peak)
        lexer->readings_peak = peak;
}

/* Counts them for sections with a footer, or for those without. False: a limit is reached. */
static bool count_with(struct counting *counting, const struct vmwire_structure *structure,
                       bool footer)
{
    struct lexer *lexer = counting->lexer;
    *counting = (struct counting){
        .lexer = lexer,
        .arena = counting->arena,
        .begin = lexer->cursor,
        .footer = footer,
        .pairs = counting->pairs,
        .kept_limit = kept_limit(bytes_left(lexer)),
        .furthest = counting->furthest,
        .followed = NONE,
    };
    const struct place root = {
        .record = number_of_record(
            counting, (struct open_record){structure, lexer->entering.kind, NONE, 0, 0, NONE})};
    return count_from(counting, keep_place(counting, &root));
}

/* The first section tells whether the stream has footers. It has, if the section has a reading that ends with one. Where
 * it has no reading at all, the one that goes on longest is told. */
static bool count_all(struct counting *counting, const struct vmwire_structure *structure)
{
    const struct lexer *lexer = counting->lexer;
    if (lexer->entering.kind == FRAME_CONFIGURATION || lexer->footers == FOOTERS_ABSENT)
        return count_with(counting, structure, false);
    if (!count_with(counting, structure, true))
        return false;
    if (counting->kept[0].readings || lexer->footers == FOOTERS_PRESENT)
        return true;
    struct counting with = *counting;
    if (!count_with(counting, structure, false))
        return false;
    if (!counting->kept[0].readings && with.failure.offset >= counting->failure.offset) {
        with.pairs = counting->pairs;
        *counting = with;
    }
    return true;
}

bool count_readings(struct lexer *lexer, const struct vmwire_structure *structure)
{
    struct counting counting = {.lexer = lexer, .arena = vmwire_arena_create_within(lexer->arena)};
    bool counted = count_all(&counting, structure);
    uint64_t pairs = counting.pairs, left = lexer->pairs_left;
    counted = counted ? tell(&counting)
                      : vmwire_error_set(lexer->error, VMWIRE_ERROR_LIMIT, lexer_offset(lexer),
                                         "more places are alive than are followed: %llu (byte, "
                                         "place) pairs of the section's readings",
                                         (unsigned long long)pairs);
    lexer->pairs_left = left - (pairs < left ? pairs : left);
    count_cost(&counting, pairs);
    vmwire_arena_destroy(counting.arena);
    return counted;
}

static bool set_failure(struct lexer *lexer)
{
    const struct readings *readings = &lexer->readings;
    vmwire_error_set(lexer->error, readings->failure.kind, readings->failure.offset,
                     "no reading of the section goes on here: %s", readings->failure.message);
    return true;
}

bool readings_end_within(struct lexer *lexer, uint64_t length)
{
    const struct readings *readings = &lexer->readings;
    return lexer->counts_readings && readings->count == READINGS_NONE &&
           readings->failure.message && readings->failure.offset < lexer_offset(lexer) + length &&
           set_failure(lexer);
}

bool readings_have_ended(struct lexer *lexer)
{
    return readings_end_within(lexer, 0);
}
