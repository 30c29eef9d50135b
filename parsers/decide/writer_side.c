/* SPDX-License-Identifier: MIT */
/*
 * Marks each byte of the stream with its class, finds the skips, and lays out places. It must not know the
 * reader.
 */
#include "decide/writer_side.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vmwire/wire.h"

static void note_look(const struct writer_side *writer, uint64_t offset)
{
    if (*writer->furthest < offset)
        *writer->furthest = offset;
}

bool byte_can_hold(const struct writer_side *writer, uint64_t offset, uint8_t value)
{
    if (offset >= writer->limit)
        return false;
    uint8_t now = writer->bytes.data[offset];
    note_look(writer, offset);
    switch (class_at(writer, offset)) {
    case VMWIRE_FIELD_FREE:
    case CLASS_LENGTH:
        return true;
    case VMWIRE_FIELD_ZEROS:
        return value == 0;
    case VMWIRE_FIELD_BOOL:
        return value <= 1;
    case VMWIRE_FIELD_OPAQUE:
    case VMWIRE_FIELD_CHECKED:
        *writer->was_held |= value != now;
        return writer->opaque_is_free || value == now;
    case CLASS_MOVES:
        *writer->was_held |= value != now;
        if (writer->opaque_is_free && value != now)
            *writer->moved_at = offset;
        return writer->opaque_is_free || value == now;
    default:
        return value == now;
    }
}

bool byte_depends_on_state(const struct writer_side *writer, uint64_t offset)
{
    return offset < writer->limit && class_at(writer, offset) == CLASS_LENGTH;
}

/* A byte of this class holds no greater value, whatever it holds now. */
static unsigned greatest_value(uint8_t class)
{
    return class == VMWIRE_FIELD_ZEROS ? 0 : class == VMWIRE_FIELD_BOOL ? 1 : UINT8_MAX;
}

bool find_value_except(const struct writer_side *writer, uint64_t offset, const uint8_t *than,
                       size_t than_count, uint8_t *result)
{
    if (offset >= writer->limit)
        return false;
    note_look(writer, offset);
    const uint8_t class = class_at(writer, offset);
    const unsigned greatest = greatest_value(class);
    *result = writer->bytes.data[offset];
    for (unsigned other = 0; memchr(than, *result, than_count); other++) {
        if (other > greatest || class == VMWIRE_FIELD_CONSTANT)
            return false;
        if (byte_can_hold(writer, offset, (uint8_t)other))
            *result = (uint8_t)other;
    }
    return true;
}

static bool is_unknown(uint8_t class)
{
    return class == CLASS_MOVES || vmwire_field_class_is_unknown(class);
}

bool byte_can_change(const struct writer_side *writer, uint64_t offset)
{
    uint8_t class = class_at(writer, offset);
    note_look(writer, offset);
    *writer->was_held |= is_unknown(class);
    return class == VMWIRE_FIELD_FREE || class == VMWIRE_FIELD_BOOL ||
           (is_unknown(class) && writer->opaque_is_free);
}

/* ---- Skips and places ---------------------------------------------------------------------------- */

/* The index of the first skip that begins at `offset` or behind it. */
static size_t skip_index(const struct writer_side *writer, uint64_t offset)
{
    size_t low = 0, high = writer->skip_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (writer->skips[middle].from < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t next_skip_begins(const struct writer_side *writer, uint64_t offset)
{
    size_t skip = skip_index(writer, offset + 1);
    return skip < writer->skip_count ? writer->skips[skip].from : UINT64_MAX;
}

bool find_skip(const struct writer_side *writer, uint64_t offset, uint64_t *to)
{
    if (!(marks_at(writer, offset) & SKIP_BEGINS))
        return false;
    assert(writer->skips);
    *to = writer->skips[skip_index(writer, offset)].to;
    return true;
}

bool is_unordered(const struct writer_side *writer, uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < writer->unordered_count; i++)
        if (writer->unordered[i].from < to && writer->unordered[i].to >= from)
            return true;
    return false;
}

/* Lays the places out. The first `kept` turns take as many skips as before; the others take all (`skipping`) or
 * none. */
static void lay_places(const struct writer_side *writer, uint64_t offset, size_t count, size_t kept,
                       bool skipping, struct places *places)
{
    places->turn_count = 0;
    places->count = 0;
    places->at[0] = offset;
    for (uint64_t plain = next_skip_begins(writer, offset);
         places->count < count && offset + places->count < writer->limit &&
         offset + places->count + 1 < plain;
         places->count++)
        places->at[places->count + 1] = offset + places->count + 1;
    while (places->count < count && places->at[places->count] < writer->limit) {
        uint64_t next = places->at[places->count] + 1;
        if (marks_at(writer, next) & SKIP_BEGINS) {
            struct turn *turn = &places->turns[places->turn_count];
            size_t wanted = places->turn_count < kept ? turn->taken : skipping ? SIZE_MAX : 0;
            *turn = (struct turn){.place = places->count + 1};
            while (turn->taken < wanted && find_skip(writer, next, &next))
                turn->taken++;
            turn->more = marks_at(writer, next) & SKIP_BEGINS;
            places->turn_count++;
        }
        places->at[++places->count] = next;
    }
}

void lay_first_places(const struct writer_side *writer, uint64_t offset, size_t count,
                      struct places *places)
{
    lay_places(writer, offset, count, 0, false, places);
}

/* The turns change as an odometer does: the last one that can takes one more skip, and those behind it start
 * anew. */
bool lay_next_places(const struct writer_side *writer, size_t count, size_t tried,
                     struct places *places)
{
    size_t last = places->turn_count;
    while (last && (places->turns[last - 1].place > tried || !places->turns[last - 1].more))
        last--;
    if (!last)
        return false;
    places->turns[last - 1].taken++;
    lay_places(writer, places->at[0], count, last, false, places);
    return true;
}

void relay_places(const struct writer_side *writer, size_t count, size_t kept, bool skipping,
                  struct places *places)
{
    size_t before = 0;
    while (before < places->turn_count && places->turns[before].place < kept)
        before++;
    lay_places(writer, places->at[0], count, before, skipping, places);
}

/* ---- Classes ------------------------------------------------------------------------------------- */

static uint8_t *class_page(struct writer_side *writer, uint64_t offset, struct vmwire_arena *arena)
{
    uint8_t **page = &writer->class_pages[offset / CLASS_PAGE];
    if (!*page)
        *page = vmwire_arena_alloc(arena, CLASS_PAGE);
    return *page;
}

static void add_mark(struct writer_side *writer, uint64_t offset, uint8_t mark,
                     struct vmwire_arena *arena)
{
    class_page(writer, offset, arena)[offset % CLASS_PAGE] |= mark;
}

static void set_class(struct writer_side *writer, struct vmwire_extent extent, uint8_t class,
                      struct vmwire_arena *arena)
{
    for (uint64_t at = extent.from, next; at < extent.to; at = next) {
        next = at - at % CLASS_PAGE + CLASS_PAGE;
        uint64_t to = next < extent.to ? next : extent.to;
        memset(class_page(writer, at, arena) + at % CLASS_PAGE, class, to - at);
    }
}

/* The bytes of a value, and their class. */
struct extent_of_value {
    struct vmwire_extent extent;
    uint8_t class; /* enum vmwire_field_class, or CLASS_MOVES */
    const char *name;
};

struct extents {
    struct extent_of_value *of;
    size_t count, room;
};

static void add_extents(const struct writer_side *writer, const struct vmwire_record *record,
                        struct extents *values, struct vmwire_arena *arena)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step != VMWIRE_RECORD_VALUE || walk.value->field->class == VMWIRE_FIELD_LIST)
            continue;
        uint64_t from = (uint64_t)(walk.value->data.data - writer->bytes.data);
        values->of =
            vmwire_arena_grow(arena, values->of, values->count, &values->room, sizeof(*values->of));
        const struct vmwire_field *field = walk.value->field;
        bool moves = field->determines && field->class == VMWIRE_FIELD_CHECKED;
        values->of[values->count++] =
            (struct extent_of_value){{from, from + walk.value->data.length},
                                     moves ? CLASS_MOVES : field->class,
                                     field->name};
    }
}

static int in_order_of_stream(const void *a, const void *b)
{
    const struct extent_of_value *x = a, *y = b;
    return (x->extent.from > y->extent.from) - (x->extent.from < y->extent.from);
}

/* Bytes between values are framing. Free bytes are not set, so that a large buffer needs no pages. */
static void set_classes(struct writer_side *writer, const struct vmwire_stream *stream,
                        struct vmwire_arena *arena)
{
    static_assert(VMWIRE_FIELD_FREE == 0, "what is not set is free");
    struct extents values = {0};
    uint64_t at = 0;
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->record)
            add_extents(writer, stream->items[i]->record, &values, arena);
    if (values.count)
        qsort(values.of, values.count, sizeof(*values.of), in_order_of_stream);
    for (size_t i = 0; i < values.count; i++) {
        const struct extent_of_value *value = &values.of[i];
        set_class(writer, (struct vmwire_extent){at, value->extent.from}, VMWIRE_FIELD_CONSTANT,
                  arena);
        if (value->class != VMWIRE_FIELD_FREE)
            set_class(writer, value->extent, value->class, arena);
        writer->has_opaque |= is_unknown(value->class);
        if (value->class == CLASS_MOVES) {
            writer->moving = vmwire_arena_grow(arena, writer->moving, writer->moving_count,
                                               &writer->moving_room, sizeof(*writer->moving));
            writer->moving[writer->moving_count++] =
                (struct moving_field){value->extent.from, value->name};
        }
        at = value->extent.to;
    }
    set_class(writer, (struct vmwire_extent){at, writer->bytes.length}, VMWIRE_FIELD_CONSTANT,
              arena);
}

static void add_unordered(struct writer_side *writer, const struct vmwire_record *record,
                          struct vmwire_arena *arena)
{
    const struct vmwire_subsection_value *first = record->subsections;
    if (!record->structure->order_unknown || !first || !first->next || !first->optional)
        return;
    const struct vmwire_bytes last = record->last_subsection->raw;
    writer->unordered = vmwire_arena_grow(arena, writer->unordered, writer->unordered_count,
                                          &writer->unordered_room, sizeof(struct vmwire_extent));
    writer->unordered[writer->unordered_count++] =
        (struct vmwire_extent){(uint64_t)(first->raw.data - writer->bytes.data),
                               (uint64_t)(last.data + last.length - writer->bytes.data)};
}

static void add_skips(struct writer_side *writer, const struct vmwire_record *record,
                      struct vmwire_arena *arena)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step == VMWIRE_RECORD_END)
            add_unordered(writer, walk.record, arena);
        if (step != VMWIRE_RECORD_SUBSECTION || !walk.subsection->optional)
            continue;
        uint64_t from = (uint64_t)(walk.subsection->raw.data - writer->bytes.data);
        writer->skips = vmwire_arena_grow(arena, writer->skips, writer->skip_count,
                                          &writer->skip_room, sizeof(struct vmwire_extent));
        writer->skips[writer->skip_count++] =
            (struct vmwire_extent){from, from + walk.subsection->raw.length};
        add_mark(writer, from, SKIP_BEGINS, arena);
    }
}

/* ---- Other bytes ----------------------------------------------------------------------------------- */

const char *name_of_moving_field(const struct writer_side *writer, uint64_t offset)
{
    size_t i = writer->moving_count;
    while (i > 1 && writer->moving[i - 1].from > offset)
        i--;
    return writer->moving[i - 1].name;
}

const struct other_bytes *find_other_bytes(const struct writer_side *writer, uint64_t from,
                                           unsigned depth, uint64_t to)
{
    const struct other_bytes *others = writer->others;
    size_t low = 0, high = writer->other_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (others[middle].at < from)
            low = middle + 1;
        else
            high = middle;
    }
    while (low < writer->other_count && others[low].at == from && others[low].depth >= depth)
        low++;
    return low < writer->other_count && others[low].at <= to ? &others[low] : NULL;
}

/* Adds a place, if something can stand there that is not there now. */
static void add_others(struct writer_side *writer, struct other_bytes others,
                       struct vmwire_arena *arena)
{
    if (!others.name)
        return;
    writer->others = vmwire_arena_grow(arena, writer->others, writer->other_count,
                                       &writer->other_room, sizeof(*writer->others));
    writer->others[writer->other_count++] = others;
}

/* In front of a field, in a record of this depth. */
static struct other_bytes others_before(uint64_t at, unsigned depth,
                                        const struct vmwire_field *field)
{
    return (struct other_bytes){at, depth, field->unsteady ? field->name : NULL, false};
}

/* Behind the last field. */
static struct other_bytes others_behind(uint64_t at, unsigned depth,
                                        const struct vmwire_structure *structure)
{
    return (struct other_bytes){at, depth, structure->unsteady_end ? structure->name : NULL, true};
}

static void add_other_bytes(struct writer_side *writer, const struct vmwire_option *option,
                            const struct vmwire_record *record, struct vmwire_arena *arena)
{
    struct vmwire_record_walk walk;
    uint64_t at = 0,
             ends[VMWIRE_SCHEMA_NESTING_LIMIT + 1] = {0}; /* of the fields of open records */
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        const unsigned depth = walk.depth;
        if (step == VMWIRE_RECORD_VALUE) {
            at = (uint64_t)(walk.value->data.data - writer->bytes.data);
            add_others(writer, others_before(at, depth, walk.value->field), arena);
            at += walk.value->data.length;
        } else if (step == VMWIRE_RECORD_BEGIN) {
            const struct vmwire_bytes header = walk.record->header;
            if (walk.value)
                add_others(writer, others_before(at, depth - 1, walk.value->field), arena);
            if (header.length)
                at = (uint64_t)(header.data + header.length - writer->bytes.data);
        } else if (step == VMWIRE_RECORD_SUBSECTION) {
            const struct vmwire_record *owner = walk.frames[depth - 1].record;
            ends[depth] = at;
            if (walk.subsection == owner->subsections)
                add_others(writer, others_behind(at, depth, owner->structure), arena);
            const struct vmwire_bytes name = walk.subsection->name;
            at =
                (uint64_t)(name.data + name.length - writer->bytes.data) + (option->framed ? 0 : 4);
        } else if (step == VMWIRE_RECORD_END) {
            const struct vmwire_subsection_value *sent = walk.subsection;
            if (!walk.record->subsections)
                add_others(writer, others_behind(at, depth + 1, walk.record->structure), arena);
            if (sent && !vmwire_option_sends_inline(option, sent->subsection))
                at = ends[depth]; /* it stands elsewhere */
            else if (option->sentinel && (walk.value || sent || option->framed))
                at++;
        }
    }
}

static int in_order_of_others(const void *a, const void *b)
{
    const struct other_bytes *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

void count_settable_bytes(struct writer_side *writer, struct vmwire_arena *arena)
{
    if (writer->settable)
        return;
    size_t length = writer->bytes.length;
    writer->settable = vmwire_arena_alloc(arena, (length + 1) * sizeof(uint32_t));
    writer->markers = vmwire_arena_alloc(arena, (length + 1) * sizeof(uint32_t));
    for (size_t i = 0; i < length; i++) {
        uint8_t class = class_at(writer, i);
        bool settable =
            class == VMWIRE_FIELD_FREE || class == VMWIRE_FIELD_BOOL || is_unknown(class);
        writer->settable[i + 1] = writer->settable[i] + settable;
        writer->markers[i + 1] =
            writer->markers[i] + (writer->bytes.data[i] == VMWIRE_QEMU_VM_SUBSECTION);
    }
}

/* ---- Lengths of framed records -------------------------------------------------------------------- */

size_t written_length_index(const struct writer_side *writer, uint64_t offset)
{
    size_t low = 0, high = writer->length_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (writer->lengths[middle].at < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct written_length *find_written_length(const struct writer_side *writer, uint64_t offset)
{
    size_t index = written_length_index(writer, offset);
    bool found = index < writer->length_count && writer->lengths[index].at == offset;
    return found ? &writer->lengths[index] : NULL;
}

static bool sends_at(const struct vmwire_extent *sends, size_t send_count, uint64_t from)
{
    for (size_t i = 0; i < send_count; i++)
        if (sends[i].from == from)
            return true;
    return false;
}

uint32_t length_in_state(const struct writer_side *writer, const struct written_length *length,
                         const struct vmwire_extent *sends, size_t send_count)
{
    uint64_t sum = 0, begin = length->at + 4;
    for (uint64_t at = begin, next; at < length->end; at = next) {
        if (find_skip(writer, at, &next) && !sends_at(sends, send_count, at))
            continue;
        next = next_skip_begins(writer, at);
        if (next > length->end)
            next = length->end;
        sum += next - at;
    }
    return (uint32_t)sum;
}

bool is_end_of_fields(const struct writer_side *writer, uint64_t end, uint64_t offset)
{
    do
        if (end == offset)
            return true;
    while (end < offset && find_skip(writer, end, &end));
    return false;
}

static void add_lengths(struct writer_side *writer, const struct vmwire_record *record,
                        struct vmwire_arena *arena)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step != VMWIRE_RECORD_BEGIN || !walk.record->header.length)
            continue;
        const uint8_t *length = walk.record->header.data + 4;
        uint64_t at = (uint64_t)(length - writer->bytes.data);
        writer->lengths = vmwire_arena_grow(arena, writer->lengths, writer->length_count,
                                            &writer->length_room, sizeof(*writer->lengths));
        writer->lengths[writer->length_count++] =
            (struct written_length){at, at + 4 + vmwire_be32(length), false};
    }
}

static int in_order_of_lengths(const void *a, const void *b)
{
    const struct written_length *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

/* Marks the bytes of each length that are not the same in all states. The skips must be known. */
static void mark_lengths(struct writer_side *writer, struct vmwire_arena *arena)
{
    if (writer->length_count)
        qsort(writer->lengths, writer->length_count, sizeof(*writer->lengths), in_order_of_lengths);
    for (size_t i = 0; i < writer->length_count; i++) {
        struct written_length *length = &writer->lengths[i];
        uint32_t longest = vmwire_be32(writer->bytes.data + length->at);
        uint32_t differs = longest ^ length_in_state(writer, length, NULL, 0);
        unsigned same = 0;
        length->varies = differs != 0;
        while (same < 4 && !(differs >> 8 * (3 - same)))
            same++;
        if (length->varies)
            set_class(writer, (struct vmwire_extent){length->at + same, length->at + 4},
                      CLASS_LENGTH, arena);
    }
}

/* What stands behind the end of a stream or of a package is no item to a reader that expects one. */
static bool is_read_as_item(enum vmwire_item_kind kind)
{
    return kind != VMWIRE_ITEM_PACKAGE_END && kind != VMWIRE_ITEM_DESCRIPTION &&
           kind != VMWIRE_ITEM_UNREAD;
}

struct writer_side make_writer_side(const struct vmwire_option *option,
                                    const struct vmwire_stream *stream, struct vmwire_bytes bytes,
                                    struct vmwire_arena *arena)
{
    struct writer_side writer = {
        .bytes = bytes,
        .limit = bytes.length,
        .was_held = vmwire_arena_alloc(arena, sizeof(bool)),
        .furthest = vmwire_arena_alloc(arena, sizeof(uint64_t)),
        .moved_at = vmwire_arena_alloc(arena, sizeof(uint64_t)),
        .class_pages =
            vmwire_arena_alloc(arena, (bytes.length / CLASS_PAGE + 1) * sizeof(uint8_t *)),
    };
    set_classes(&writer, stream, arena);
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->record)
            add_lengths(&writer, stream->items[i]->record, arena);
    for (size_t i = 0; i < stream->item_count; i++) {
        if (is_read_as_item(stream->items[i]->kind))
            add_mark(&writer, (uint64_t)(stream->items[i]->raw.data - bytes.data), ITEM_BEGINS,
                     arena);
        if (stream->items[i]->record) {
            add_skips(&writer, stream->items[i]->record, arena);
            const size_t before = writer.other_count;
            const struct vmwire_bytes item = stream->items[i]->raw;
            add_other_bytes(&writer, option, stream->items[i]->record, arena);
            if (writer.other_count > before)
                writer.steady_from = (uint64_t)(item.data + item.length - bytes.data);
        }
    }
    if (writer.other_count)
        qsort(writer.others, writer.other_count, sizeof(*writer.others), in_order_of_others);
    mark_lengths(&writer, arena);
    return writer;
}
