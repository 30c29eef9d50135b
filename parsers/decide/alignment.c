/* SPDX-License-Identifier: MIT */
/*
 * Compares the fields of two structures one by one; where two differ, looks for the shortest runs of fields that are
 * equally long. It must not know the stream.
 */
#include "decide/alignment.h"

#include <string.h>

/* Compares the fields' bytes. Embedded structures are compared by themselves. */
static bool same_on_wire(const struct vmwire_field *a, const struct vmwire_field *b)
{
    bool record = a->class == VMWIRE_FIELD_RECORD, list = a->class == VMWIRE_FIELD_LIST;
    if (record != (b->class == VMWIRE_FIELD_RECORD) || list != (b->class == VMWIRE_FIELD_LIST))
        return false;
    return list || (a->count == b->count && a->length == b->length &&
                    a->null_pointer == b->null_pointer && (record || a->size == b->size));
}

/* ---- Names ----------------------------------------------------------------------------------------- */

static bool same_name(const struct vmwire_field *a, const struct vmwire_field *b)
{
    return a->index == b->index && strcmp(a->name, b->name) == 0;
}

/* The number of the structure's only field of this one's name; field_count: there is none, or more than one. Unused
 * bytes have no name. */
static size_t find_namesake(const struct vmwire_structure *structure,
                            const struct vmwire_field *field)
{
    size_t found = structure->field_count;
    for (size_t i = 0; i < structure->field_count && field->class != VMWIRE_FIELD_ZEROS; i++) {
        if (!same_name(&structure->fields[i], field))
            continue;
        if (found < structure->field_count)
            return structure->field_count;
        found = i;
    }
    return found;
}

/* Whether the field of this number has its namesake at another number. */
static bool stands_elsewhere(const struct vmwire_structure *structure,
                             const struct vmwire_field *field, size_t number)
{
    size_t namesake = find_namesake(structure, field);
    return namesake < structure->field_count && namesake != number;
}

/* Whether the one field is read as the other, although the reader has the one elsewhere, or the writer the other. */
static bool has_moved(const struct alignment *alignment, size_t writes, size_t reads)
{
    const struct vmwire_field *a = &alignment->writes->fields[writes];
    const struct vmwire_field *b = &alignment->reads->fields[reads];
    return !same_name(a, b) && (stands_elsewhere(alignment->reads, a, reads) ||
                                stands_elsewhere(alignment->writes, b, writes));
}

/* ---- Lengths ---------------------------------------------------------------------------------------- */

struct extent {
    uint64_t length; /* bytes, in every state that sends no subsection in it */
    uint64_t tails;  /* records that end in it */
};

/* False: another state can have another length, or a reader does not take all bytes. */
static bool measure_structure(struct reader_side *reader, const struct vmwire_structure *structure,
                              struct extent *extent)
{
    const struct program *program = program_of(reader, structure);
    *extent = (struct extent){0, 0};
    for (size_t i = 0; i < program->count; i++) {
        const struct node *node = &program->nodes[i];
        if ((node->kind != NODE_DATA && node->kind != NODE_TAIL && node->kind != NODE_END) ||
            reader->option->sentinel)
            return false;
        extent->length += node->kind == NODE_DATA ? node->length : 0;
        extent->tails += node->kind == NODE_TAIL;
    }
    return true;
}

static bool measure_field(struct reader_side *reader, const struct vmwire_field *field,
                          struct extent *extent)
{
    if (field->class == VMWIRE_FIELD_RECORD) {
        if (!measure_structure(reader, field->structure, extent))
            return false;
        extent->length *= field->count;
        extent->tails *= field->count;
        return extent->length <= UINT32_MAX && extent->tails <= PROGRAM_LIMIT;
    }
    *extent = (struct extent){(uint64_t)field->size * field->count, 0};
    return field->class != VMWIRE_FIELD_LIST && field->length == VMWIRE_LENGTH_FIXED &&
           !field->null_pointer;
}

/* ---- Regions ---------------------------------------------------------------------------------------- */

/* Runs of fields from the region's beginnings on. */
struct runs {
    struct extent writes, reads;
};

static bool add_writes(struct reader_side *reader, const struct alignment *alignment,
                       struct region *region, struct runs *runs)
{
    struct extent extent;
    if (region->writes_to == alignment->writes->field_count ||
        !measure_field(reader, &alignment->writes->fields[region->writes_to], &extent))
        return false;
    region->writes_to++;
    runs->writes.length += extent.length;
    return true;
}

static bool add_reads(struct reader_side *reader, const struct alignment *alignment,
                      struct region *region, struct runs *runs)
{
    struct extent extent;
    if (region->reads_to == alignment->reads->field_count ||
        !measure_field(reader, &alignment->reads->fields[region->reads_to], &extent))
        return false;
    region->reads_to++;
    region->tails += extent.tails;
    runs->reads.length += extent.length;
    return true;
}

/* Extends the region by one field without bytes; the reader's first. */
static bool find_empty_field(struct reader_side *reader, const struct alignment *alignment,
                             struct region *region)
{
    struct region empty = *region;
    struct runs runs = {0};
    if (add_reads(reader, alignment, &empty, &runs) && !runs.reads.length) {
        *region = empty;
        return true;
    }
    empty = *region;
    if (!add_writes(reader, alignment, &empty, &runs) || runs.writes.length)
        return false;
    *region = empty;
    return true;
}

static bool find_equal_runs(struct reader_side *reader, const struct alignment *alignment,
                            struct region *region)
{
    struct runs runs = {0};
    if (!add_writes(reader, alignment, region, &runs) ||
        !add_reads(reader, alignment, region, &runs))
        return false;
    while (runs.writes.length != runs.reads.length) {
        bool writes = runs.writes.length < runs.reads.length;
        if (!(writes ? add_writes : add_reads)(reader, alignment, region, &runs))
            return false;
    }
    return true;
}

/* A walk over the values in some fields. */
struct value_walk {
    struct {
        const struct vmwire_structure *structure;
        size_t field, to;
        uint32_t element;
    } open[VMWIRE_SCHEMA_NESTING_LIMIT + 1];
    unsigned depth;
};

static void begin_value_walk(struct value_walk *walk, const struct vmwire_structure *structure,
                             size_t from, size_t to)
{
    walk->open[0].structure = structure;
    walk->open[0].field = from;
    walk->open[0].to = to;
    walk->open[0].element = 0;
    walk->depth = 1;
}

/* The length of the next value that has any bytes; 0: there is none. */
static uint64_t next_value(struct value_walk *walk)
{
    while (walk->depth) {
        if (walk->open[walk->depth - 1].field == walk->open[walk->depth - 1].to) {
            walk->depth--;
            continue;
        }
        const struct vmwire_field *field =
            &walk->open[walk->depth - 1].structure->fields[walk->open[walk->depth - 1].field];
        bool embedded = field->class == VMWIRE_FIELD_RECORD;
        if (!embedded || walk->open[walk->depth - 1].element == field->count) {
            walk->open[walk->depth - 1].field++;
            walk->open[walk->depth - 1].element = 0;
            if (!embedded && field->size && field->count)
                return (uint64_t)field->size * field->count;
            continue;
        }
        walk->open[walk->depth - 1].element++;
        walk->open[walk->depth].structure = field->structure;
        walk->open[walk->depth].field = walk->open[walk->depth].element = 0;
        walk->open[walk->depth++].to = field->structure->field_count;
    }
    return 0;
}

/* Whether each value of the one side is some values of the other's: no value has a part of one and a part of another. */
static bool divides_values(const struct alignment *alignment, const struct region *region)
{
    struct value_walk writes, reads;
    begin_value_walk(&writes, alignment->writes, region->writes_from, region->writes_to);
    begin_value_walk(&reads, alignment->reads, region->reads_from, region->reads_to);
    for (;;) {
        uint64_t a = next_value(&writes), b = next_value(&reads);
        struct value_walk *shorter = a < b ? &writes : &reads;
        uint64_t whole = a < b ? b : a, parts = a < b ? a : b;
        if (!whole)
            return true;
        while (parts < whole)
            parts += next_value(shorter); /* both sides are equally long: there is one */
        if (parts > whole)
            return false;
    }
}

/* How many bytes of the region stand before the field. */
static uint64_t bytes_before(struct reader_side *reader, const struct vmwire_structure *structure,
                             size_t from, size_t field)
{
    uint64_t before = 0;
    struct extent extent;
    for (size_t i = from; i < field; i++) {
        measure_field(reader, &structure->fields[i], &extent);
        before += extent.length;
    }
    return before;
}

/* Whether all fields of the one side that the other side has too stand at one place in both. */
static bool keeps_places(struct reader_side *reader, const struct vmwire_structure *one,
                         size_t one_from, size_t one_to, const struct vmwire_structure *other,
                         size_t other_from, size_t other_to)
{
    for (size_t i = one_from; i < one_to; i++) {
        size_t namesake = find_namesake(other, &one->fields[i]);
        if (namesake == other->field_count)
            continue;
        if (namesake < other_from || namesake >= other_to ||
            bytes_before(reader, one, one_from, i) !=
                bytes_before(reader, other, other_from, namesake))
            return false;
    }
    return true;
}

/* Whether the fields that both have are equally long. A value can be shorter at the reader: it was split, and its beginning
 * has kept the name. */
static bool keeps_lengths(struct reader_side *reader, const struct alignment *alignment,
                          const struct region *region)
{
    const struct vmwire_structure *reads = alignment->reads;
    for (size_t i = region->writes_from; i < region->writes_to; i++) {
        const struct vmwire_field *field = &alignment->writes->fields[i];
        size_t namesake = find_namesake(reads, field);
        struct extent a, b;
        if (namesake == reads->field_count)
            continue;
        measure_field(reader, field, &a);
        measure_field(reader, &reads->fields[namesake], &b);
        bool split = a.length > b.length && field->class != VMWIRE_FIELD_RECORD &&
                     reads->fields[namesake].class != VMWIRE_FIELD_RECORD;
        if (a.length != b.length && !split)
            return false;
    }
    return true;
}

static bool find_region(struct reader_side *reader, const struct alignment *alignment,
                        struct region *region)
{
    const struct vmwire_structure *writes = alignment->writes, *reads = alignment->reads;
    return (find_empty_field(reader, alignment, region) ||
            find_equal_runs(reader, alignment, region)) &&
           divides_values(alignment, region) &&
           keeps_places(reader, writes, region->writes_from, region->writes_to, reads,
                        region->reads_from, region->reads_to) &&
           keeps_places(reader, reads, region->reads_from, region->reads_to, writes,
                        region->writes_from, region->writes_to) &&
           keeps_lengths(reader, alignment, region);
}

static void align(struct reader_side *reader, struct alignment *alignment)
{
    const struct vmwire_structure *writes = alignment->writes, *reads = alignment->reads;
    size_t a = 0, b = 0;
    while (a < writes->field_count || b < reads->field_count) {
        if (a < writes->field_count && b < reads->field_count &&
            same_on_wire(&writes->fields[a], &reads->fields[b]) && !has_moved(alignment, a, b)) {
            a++;
            b++;
            continue;
        }
        struct region region = {a, a, b, b, 0};
        /* A second writer's own values are followed field by field. */
        if (reader->writes || !find_region(reader, alignment, &region))
            break;
        alignment->regions =
            vmwire_arena_grow(reader->work, alignment->regions, alignment->region_count,
                              &alignment->region_room, sizeof(region));
        alignment->regions[alignment->region_count++] = region;
        a = region.writes_to;
        b = region.reads_to;
    }
    alignment->same_fields = a;
    alignment->complete = a == writes->field_count && b == reads->field_count;
}

const struct alignment *alignment_of(struct reader_side *reader,
                                     const struct vmwire_structure *writes,
                                     const struct vmwire_structure *reads)
{
    const uint64_t keys[4] = {(uint64_t)(uintptr_t)writes, (uint64_t)(uintptr_t)reads};
    struct slot *slot = table_find(&reader->alignment_table, reader->work, keys);
    if (slot->value)
        return reader->alignments[slot->value - 1];
    struct alignment *alignment = vmwire_arena_alloc(reader->work, sizeof(*alignment));
    alignment->writes = writes;
    alignment->reads = reads;
    if (writes == reads) {
        alignment->same_fields = writes->field_count;
        alignment->complete = true;
    } else {
        align(reader, alignment);
    }
    reader->alignments =
        vmwire_arena_grow(reader->work, reader->alignments, reader->alignment_count,
                          &reader->alignment_room, sizeof(*reader->alignments));
    reader->alignments[reader->alignment_count++] = alignment;
    slot->value = reader->alignment_count;
    return alignment;
}

const struct region *region_of_field(const struct alignment *alignment, size_t writes,
                                     size_t *reads)
{
    *reads = writes;
    for (size_t i = 0; i < alignment->region_count; i++) {
        const struct region *region = &alignment->regions[i];
        if (writes < region->writes_from)
            break;
        if (writes < region->writes_to)
            return region;
        *reads = writes - region->writes_to + region->reads_to;
    }
    return NULL;
}
