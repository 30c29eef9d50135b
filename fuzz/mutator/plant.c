/* SPDX-License-Identifier: MIT */
/* Finds fields behind tails and plants bytes in them; see plant.h. */
#include "mutator/plant.h"

#include <string.h>

#include "vmwire/wire.h"

/* ---- Fields ---------------------------------------------------------------------------------------- */

/* The end of a record. */
struct landmark {
    uint64_t offset;
    const struct vmwire_structure *owner; /* whose record ends here */
    const struct vmwire_item *item;
    size_t next;   /* index of the first value behind it */
    uint64_t room; /* bytes from here on that a state can set freely */
};

/* The values of a state in wire order, and their offsets when an inline option writes them. */
struct layout {
    const struct vmwire_value **values;
    uint64_t *offsets;
    size_t count, room, offset_room;
    struct vmwire_bytes bytes;
    struct landmark *tails;
    size_t tail_count, tail_room;
};

static void add_values(struct mutation *mutation, struct layout *layout,
                       const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step != VMWIRE_RECORD_VALUE)
            continue;
        layout->values = vmwire_arena_grow(mutation->arena, layout->values, layout->count,
                                           &layout->room, sizeof(*layout->values));
        layout->values[layout->count++] = walk.value;
    }
}

static void add_tail(struct mutation *mutation, struct layout *layout, struct landmark tail)
{
    layout->tails = vmwire_arena_grow(mutation->arena, layout->tails, layout->tail_count,
                                      &layout->tail_room, sizeof(*layout->tails));
    layout->tails[layout->tail_count++] = tail;
}

/* Adds the offsets of a written record. Its values come in the same order. */
static void add_laid(struct mutation *mutation, struct layout *layout,
                     const struct vmwire_option *option, const struct vmwire_item *item)
{
    struct vmwire_record_walk walk;
    uint64_t at = (uint64_t)(item->raw.data - layout->bytes.data) + vmwire_item_header_length(item);
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step == VMWIRE_RECORD_BEGIN) {
            /* The version of a section is counted with its header. */
            bool counted = walk.depth == 1 && item->kind == VMWIRE_ITEM_SECTION_FULL;
            at += option->framed ? VMWIRE_FRAMED_HEADER_SIZE - (counted ? 4 : 0) : 0;
        } else if (step == VMWIRE_RECORD_VALUE) {
            layout->offsets[layout->count++] = at;
            at += walk.value->data.length;
        } else if (step == VMWIRE_RECORD_SUBSECTION) {
            at += 2 + walk.subsection->name.length + (option->framed ? 0 : 4);
        } else if (step == VMWIRE_RECORD_END) {
            if (walk.record->structure->name)
                add_tail(mutation, layout,
                         (struct landmark){at, walk.record->structure, item, layout->count, 0});
            at += option->framed || (option->sentinel && (walk.value || walk.subsection));
        }
    }
}

static bool is_free(const struct vmwire_value *value)
{
    enum vmwire_field_class class = value->field->class;
    return class != VMWIRE_FIELD_LIST && class != VMWIRE_FIELD_BOOL && class != VMWIRE_FIELD_ZEROS;
}

static void measure_room(const struct layout *layout)
{
    uint64_t room = 0, next = UINT64_MAX;
    size_t tail = layout->tail_count;
    for (size_t i = layout->values ? layout->count : 0; i-- > 0;) {
        uint64_t end = layout->offsets[i] + layout->values[i]->data.length;
        room = is_free(layout->values[i])
                   ? layout->values[i]->data.length + (end == next ? room : 0)
                   : 0;
        next = layout->offsets[i];
        for (; tail && layout->tails[tail - 1].next >= i; tail--)
            if (layout->tails[tail - 1].offset == next)
                layout->tails[tail - 1].room = room;
    }
}

static struct layout values_of(struct mutation *mutation)
{
    struct layout layout = {0};
    for (size_t i = 0; i < mutation->count; i++)
        if (mutation->items[i]->record)
            add_values(mutation, &layout, mutation->items[i]->record);
    return layout;
}

static bool lay(struct mutation *mutation, const struct vmwire_option *option,
                struct layout *layout)
{
    struct vmwire_template made;
    struct vmwire_error error;
    struct vmwire_stream stream = mutation_stream(mutation);
    *layout = values_of(mutation);
    if (!vmwire_template_of_state(&made, option, &stream, mutation->arena, &error))
        return false;
    layout->bytes = made.bytes;
    layout->offsets = vmwire_arena_alloc(mutation->arena, layout->count * sizeof(*layout->offsets));
    layout->count = 0;
    for (size_t i = 0; i < made.stream.item_count; i++)
        if (made.stream.items[i]->record)
            add_laid(mutation, layout, option, made.stream.items[i]);
    measure_room(layout);
    return true;
}

void mutate_fields(struct mutation *mutation)
{
    static const uint8_t telling[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 0x30, 0x7e, 0x80, 0xff};
    struct layout layout = values_of(mutation);
    if (!layout.count)
        return;
    const struct vmwire_value *value = layout.values[choose(mutation->chooser, layout.count)];
    uint8_t *bytes = bytes_of_value(value);
    if (!value->data.length || value->field->class == VMWIRE_FIELD_LIST)
        return;
    size_t first = choose(mutation->chooser, value->data.length);
    size_t count = choose(mutation->chooser, 4)
                       ? 1
                       : 1 + choose(mutation->chooser, value->data.length - first);
    bool same = choose(mutation->chooser, 2);
    uint8_t filled = telling[choose(mutation->chooser, sizeof(telling))];
    for (size_t i = first; i < first + count; i++)
        bytes[i] = same ? filled : (uint8_t)choose(mutation->chooser, 256);
}

/* ---- Bytes to plant ------------------------------------------------------------------------------- */

struct planted {
    uint8_t bytes[600];
    size_t count;
};

static void put(struct planted *planted, const void *bytes, size_t count)
{
    if (count > sizeof(planted->bytes) - planted->count)
        count = sizeof(planted->bytes) - planted->count;
    memcpy(planted->bytes + planted->count, bytes, count);
    planted->count += count;
}

static void put_integer(struct planted *planted, unsigned width, uint64_t value)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < width; i++)
        bytes[i] = (uint8_t)(value >> 8 * (width - 1 - i));
    put(planted, bytes, width);
}

static void put_name(struct planted *planted, const char *name, size_t longer)
{
    put_integer(planted, 1, strlen(name) + longer);
    put(planted, name, strlen(name));
}

/* The header of a subsection of the owner. Sometimes its name goes on behind a NUL, or its version is another. */
static void put_known(struct mutation *mutation, struct planted *planted,
                      const struct vmwire_structure *owner)
{
    struct chooser *chooser = mutation->chooser;
    if (!owner->subsection_count)
        return;
    const struct vmwire_subsection *subsection =
        &owner->subsections[choose(chooser, owner->subsection_count)];
    size_t longer = choose(chooser, 6) ? 0 : 1 + choose(chooser, 4);
    put_integer(planted, 1, VMWIRE_QEMU_VM_SUBSECTION);
    put_name(planted, subsection->name, longer);
    for (size_t i = 0; i < longer; i++)
        put_integer(planted, 1, 0);
    put_integer(planted, 4, subsection->version_id + !choose(chooser, 8));
}

/* A header with a name that begins with the owner's: the heuristic accepts it. */
static void put_plausible(struct mutation *mutation, struct planted *planted,
                          const struct vmwire_structure *owner)
{
    put_integer(planted, 1, VMWIRE_QEMU_VM_SUBSECTION);
    put_name(planted, owner->name, 1 + (choose(mutation->chooser, 4) ? 0 : 1));
}

static void put_short(struct mutation *mutation, struct planted *planted,
                      const struct vmwire_structure *owner)
{
    (void)owner;
    put_integer(planted, 1, VMWIRE_QEMU_VM_SUBSECTION);
    put_integer(planted, 1, choose(mutation->chooser, 4));
}

/* Almost a header. A check that is off by one takes it for a header. */
static void put_near(struct mutation *mutation, struct planted *planted,
                     const struct vmwire_structure *owner)
{
    struct chooser *chooser = mutation->chooser;
    size_t length = strlen(owner->name);
    if (owner->subsection_count && choose(chooser, 2)) {
        const struct vmwire_subsection *subsection =
            &owner->subsections[choose(chooser, owner->subsection_count)];
        put_integer(planted, 1, VMWIRE_QEMU_VM_SUBSECTION);
        put_name(planted, subsection->name, choose(chooser, 2));
        if (planted->bytes[1] > strlen(subsection->name))
            put_integer(planted, 1, 'a');
        put_integer(planted, 4, subsection->version_id + choose(chooser, 3) - 1);
        return;
    }
    put_integer(planted, 1, VMWIRE_QEMU_VM_SUBSECTION);
    put_integer(planted, 1, length + choose(chooser, 3));
    put(planted, owner->name, length);
    if (length && choose(chooser, 2))
        planted->bytes[planted->count - 1]++;
}

static void put_footer(struct planted *planted, const struct vmwire_item *item)
{
    put_integer(planted, 1, VMWIRE_QEMU_VM_SECTION_FOOTER);
    put_integer(planted, 4, item->section_id);
}

static void put_end(struct planted *planted)
{
    put_integer(planted, 1, VMWIRE_QEMU_VM_EOF);
}

/* The complete header of a section of the stream. */
static void put_head(struct mutation *mutation, struct planted *planted)
{
    const struct vmwire_item *item = mutation->items[choose(mutation->chooser, mutation->count)];
    if (item->kind != VMWIRE_ITEM_SECTION_FULL)
        return;
    put_integer(planted, 1, VMWIRE_QEMU_VM_SECTION_FULL);
    put_integer(planted, 4, item->section_id);
    put_integer(planted, 1, item->idstr.length);
    put(planted, item->idstr.data, item->idstr.length);
    put_integer(planted, 4, item->instance_id);
    put_integer(planted, 4, item->version_id);
}

/* ---- Planting -------------------------------------------------------------------------------------- */

/* Returns the index of the last value that begins at `offset` or before; layout->count: there is none. */
static size_t value_at(const struct layout *layout, uint64_t offset)
{
    size_t low = 0, high = layout->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (layout->offsets[middle] <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? low - 1 : layout->count;
}

/* Returns the byte of the state at that offset of the stream; NULL: the state cannot set it freely. */
static uint8_t *free_byte(const struct layout *layout, uint64_t offset)
{
    size_t place = value_at(layout, offset);
    if (offset >= layout->bytes.length || place == layout->count)
        return NULL;
    const struct vmwire_value *value = layout->values[place];
    uint64_t within = offset - layout->offsets[place];
    return is_free(value) && within < value->data.length ? bytes_of_value(value) + within : NULL;
}

static bool plant_byte(const struct layout *layout, uint64_t offset, uint8_t byte)
{
    uint8_t *place = free_byte(layout, offset);
    if (place)
        *place = ((uint8_t *)(uintptr_t)layout->bytes.data)[offset] = byte;
    return place;
}

static bool plant_at(const struct layout *layout, uint64_t offset, const struct planted *planted)
{
    for (size_t i = 0; i < planted->count; i++) {
        bool same = offset + i < layout->bytes.length &&
                    layout->bytes.data[offset + i] == planted->bytes[i];
        if (!same && !plant_byte(layout, offset + i, planted->bytes[i]))
            return false;
    }
    return planted->count > 0;
}

/* Plants a header at a tail. Its name mostly fits the owner, and sometimes another structure. */
static void plant_at_tail(struct mutation *mutation, const struct layout *layout,
                          const struct landmark *tail)
{
    static void (*const headers[])(struct mutation *, struct planted *,
                                   const struct vmwire_structure *) = {
        put_known, put_known, put_plausible, put_plausible, put_near, put_short};
    struct planted planted = {.count = 0};
    size_t which = choose(mutation->chooser, sizeof(headers) / sizeof(headers[0]));
    const struct landmark *named =
        choose(mutation->chooser, 8)
            ? tail
            : &layout->tails[choose(mutation->chooser, layout->tail_count)];
    headers[which](mutation, &planted, named->owner);
    /* A reader only looks at the length byte to tell whether the stream has the whole name. */
    uint64_t left = layout->bytes.length - tail->offset;
    if (planted.count >= 2 && left >= 4 && left <= UINT8_MAX && !choose(mutation->chooser, 4))
        planted.bytes[1] = (uint8_t)(left - 4 + choose(mutation->chooser, 5));
    plant_at(layout, tail->offset, &planted);
}

/* Returns the owner of the tail at that offset; `otherwise`: there is no tail. */
static const struct vmwire_structure *owner_at(const struct layout *layout, uint64_t offset,
                                               const struct vmwire_structure *otherwise)
{
    for (size_t i = 0; i < layout->tail_count; i++)
        if (layout->tails[i].offset == offset)
            return layout->tails[i].owner;
    return otherwise;
}

/* Returns the version of the subsection whose name ends at that offset. */
static uint32_t version_wanted(const struct layout *layout, uint64_t offset,
                               const struct vmwire_structure *owner)
{
    for (size_t i = 0; i < owner->subsection_count; i++) {
        const struct vmwire_subsection *subsection = &owner->subsections[i];
        size_t length = strlen(subsection->name);
        if (length <= offset &&
            memcmp(layout->bytes.data + offset - length, subsection->name, length) == 0)
            return subsection->version_id;
    }
    return owner->version_id;
}

/* Plants what the reader expected where it stopped. */
static bool plant_wanted(struct mutation *mutation, const struct layout *layout,
                         const struct landmark *tail, const struct vmwire_error *error)
{
    struct planted planted = {.count = 0};
    uint64_t offset = error->offset;
    if (error->kind == VMWIRE_ERROR_FOOTER)
        put_footer(&planted, tail->item);
    else if (error->kind == VMWIRE_ERROR_SECTION_ID)
        put_integer(&planted, 4, tail->item->section_id);
    else if (error->kind == VMWIRE_ERROR_ITEM && choose(mutation->chooser, 2))
        put_end(&planted);
    else if (error->kind == VMWIRE_ERROR_ITEM)
        put_head(mutation, &planted);
    else if (error->kind == VMWIRE_ERROR_VERSION_ID)
        put_integer(&planted, 4, version_wanted(layout, offset, tail->owner));
    else if (error->kind == VMWIRE_ERROR_UNKNOWN_SUBSECTION &&
             offset--) /* the marker precedes the name */
        put_known(mutation, &planted, owner_at(layout, offset, tail->owner));
    return plant_at(layout, offset, &planted);
}

/* Lists the tails with room behind them for a marker, or for a header with the owner's name. */
static size_t roomy_tails(struct mutation *mutation, const struct layout *layout,
                          const struct landmark **tails)
{
    bool whole = choose(mutation->chooser, 2);
    size_t count = 0;
    for (size_t i = 0; i < layout->tail_count; i++)
        if (layout->tails[i].room > (whole ? 2 + strlen(layout->tails[i].owner->name) : 0))
            tails[count++] = &layout->tails[i];
    return count;
}

/* Picks a few tails and returns the one whose structure was used least: many tails have the same structure. NULL: no
 * tail has room behind it. */
static const struct landmark *some_tail(struct mutation *mutation, const struct layout *layout)
{
    enum { CANDIDATES = 4, STRUCTURES = 1 << 12 };
    static unsigned turns[STRUCTURES];
    const struct landmark **tails =
        vmwire_arena_alloc(mutation->arena, layout->tail_count * sizeof(struct landmark *));
    size_t count = roomy_tails(mutation, layout, tails);
    const struct landmark *rarest = NULL;
    unsigned *turns_of_rarest = NULL;
    for (unsigned i = 0; count && i < CANDIDATES; i++) {
        const struct landmark *tail = tails[choose(mutation->chooser, count)];
        unsigned *turn =
            &turns[vmwire_fingerprint(vmwire_bytes_of_string(tail->owner->name)) % STRUCTURES];
        if (rarest && *turn >= *turns_of_rarest)
            continue;
        rarest = tail;
        turns_of_rarest = turn;
    }
    if (rarest)
        ++*turns_of_rarest;
    return rarest;
}

void plant(struct mutation *mutation)
{
    enum { STEPS = 6 };
    const bool inlined = mutation->option->subsections == VMWIRE_SUBSECTION_INLINE &&
                         mutation->option->encoding == VMWIRE_ENCODING_QEMU;
    const struct vmwire_option *option =
        inlined ? mutation->option : vmwire_option_find("heuristic");
    struct layout layout;
    if (!lay(mutation, option, &layout) || !layout.tail_count)
        return;
    const struct landmark *tail = some_tail(mutation, &layout);
    if (!tail)
        return;
    plant_at_tail(mutation, &layout, tail);
    for (unsigned step = choose(mutation->chooser, STEPS); step; step--) {
        struct vmwire_cost cost;
        struct vmwire_error error;
        struct vmwire_reading reading = {
            .option = option, .input = layout.bytes, .schema = mutation->schema};
        if (vmwire_stream_read(&reading, &cost, &error) ||
            !plant_wanted(mutation, &layout, tail, &error))
            return;
    }
}
