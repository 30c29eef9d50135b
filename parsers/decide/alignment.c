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

size_t find_namesake(const struct vmwire_structure *structure, const struct vmwire_field *field)
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

bool has_moved(const struct vmwire_structure *writes, size_t written,
               const struct vmwire_structure *reads, size_t read)
{
    const struct vmwire_field *a = &writes->fields[written], *b = &reads->fields[read];
    return !same_name(a, b) &&
           (stands_elsewhere(reads, a, read) || stands_elsewhere(writes, b, written));
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

/* So many bytes of one value. A description can list them one by one, or as one field. */
static bool is_null_pointers(const struct vmwire_field *field)
{
    return field->null_pointer && field->length == VMWIRE_LENGTH_FIXED;
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
           !field->null_pointer && !field->determines;
}

/* ---- Runs of fields ---------------------------------------------------------------------------------- */

struct run {
    const struct vmwire_structure *structure;
    size_t from, to;
    bool nulls; /* of null pointers, and nothing else */
    struct extent extent;
};

/* Adds the next field. False: there is none that has one length. */
static bool extend_run(struct reader_side *reader, struct run *run)
{
    struct extent added;
    if (run->to == run->structure->field_count)
        return false;
    const struct vmwire_field *field = &run->structure->fields[run->to];
    bool measured = measure_field(reader, field, &added);
    if (run->nulls ? !is_null_pointers(field) : !measured)
        return false;
    run->to++;
    run->extent.length += added.length;
    run->extent.tails += added.tails;
    return true;
}

/* Adds one field, if it has no bytes. */
static bool add_empty_field(struct reader_side *reader, struct run *run)
{
    struct run longer = *run;
    if (!extend_run(reader, &longer) || longer.extent.length)
        return false;
    *run = longer;
    return true;
}

static bool begins_with_nulls(const struct run *run)
{
    return run->to < run->structure->field_count &&
           is_null_pointers(&run->structure->fields[run->to]);
}

/* Extends both runs, at least by a field, until they are equally long. */
static bool find_equal_runs(struct reader_side *reader, struct run *writes, struct run *reads)
{
    writes->nulls = reads->nulls = begins_with_nulls(writes) && begins_with_nulls(reads);
    if (!extend_run(reader, writes) || !extend_run(reader, reads))
        return false;
    while (writes->extent.length != reads->extent.length)
        if (!extend_run(reader, writes->extent.length < reads->extent.length ? writes : reads))
            return false;
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

static void begin_value_walk(struct value_walk *walk, const struct run *run)
{
    walk->open[0].structure = run->structure;
    walk->open[0].field = run->from;
    walk->open[0].to = run->to;
    walk->open[0].element = 0;
    walk->depth = 1;
}

struct value {
    const struct vmwire_structure *structure;
    size_t field; /* its number in the structure */
    uint64_t length;
};

/* The next value that has any bytes; length 0: there is none. */
static struct value next_value(struct value_walk *walk)
{
    while (walk->depth) {
        if (walk->open[walk->depth - 1].field == walk->open[walk->depth - 1].to) {
            walk->depth--;
            continue;
        }
        const struct vmwire_structure *structure = walk->open[walk->depth - 1].structure;
        const size_t number = walk->open[walk->depth - 1].field;
        const struct vmwire_field *field = &structure->fields[number];
        bool embedded = field->class == VMWIRE_FIELD_RECORD;
        if (!embedded || walk->open[walk->depth - 1].element == field->count) {
            walk->open[walk->depth - 1].field++;
            walk->open[walk->depth - 1].element = 0;
            if (!embedded && field->size && field->count)
                return (struct value){structure, number, (uint64_t)field->size * field->count};
            continue;
        }
        walk->open[walk->depth - 1].element++;
        walk->open[walk->depth].structure = field->structure;
        walk->open[walk->depth].field = walk->open[walk->depth].element = 0;
        walk->open[walk->depth++].to = field->structure->field_count;
    }
    return (struct value){.length = 0};
}

/* Whether each value of the one side is some values of the other's: no value has a part of one and a part of another, and
 * none is read as another that both have. */
static bool divides_values(const struct run *writes, const struct run *reads)
{
    struct value_walk walk_a, walk_b;
    begin_value_walk(&walk_a, writes);
    begin_value_walk(&walk_b, reads);
    for (;;) {
        const struct value a = next_value(&walk_a), b = next_value(&walk_b);
        struct value_walk *shorter = a.length < b.length ? &walk_a : &walk_b;
        const uint64_t whole = a.length < b.length ? b.length : a.length;
        uint64_t parts = a.length < b.length ? a.length : b.length;
        if (!parts)
            return !whole;
        if (has_moved(a.structure, a.field, b.structure, b.field))
            return false;
        while (parts < whole)
            parts += next_value(shorter).length; /* both sides are equally long: there is one */
        if (parts > whole)
            return false;
    }
}

/* How many bytes of the run stand before the field. */
static uint64_t bytes_before(struct reader_side *reader, const struct run *run, size_t field)
{
    struct run before = {
        .structure = run->structure, .from = run->from, .to = run->from, .nulls = run->nulls};
    while (before.to < field)
        extend_run(reader, &before);
    return before.extent.length;
}

/* Whether all fields of the one run that the other side has too stand at one place in both. */
static bool keeps_places(struct reader_side *reader, const struct run *one, const struct run *other)
{
    for (size_t i = one->from; i < one->to; i++) {
        size_t namesake = find_namesake(other->structure, &one->structure->fields[i]);
        if (namesake == other->structure->field_count)
            continue;
        if (namesake < other->from || namesake >= other->to ||
            bytes_before(reader, one, i) != bytes_before(reader, other, namesake))
            return false;
    }
    return true;
}

/* Whether the fields that both have are equally long. A value can be shorter at the reader: it was split, and its beginning
 * has kept the name. */
static bool keeps_lengths(struct reader_side *reader, const struct run *writes,
                          const struct vmwire_structure *reads)
{
    for (size_t i = writes->from; i < writes->to; i++) {
        const struct vmwire_field *field = &writes->structure->fields[i];
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

/* The shortest runs from these fields on that are equally long: one field without bytes, the reader's first; or at least
 * one field of each. False: there are none, or they do not hold the same values. */
static bool find_region(struct reader_side *reader, struct run *writes, struct run *reads)
{
    return (add_empty_field(reader, reads) || add_empty_field(reader, writes) ||
            find_equal_runs(reader, writes, reads)) &&
           divides_values(writes, reads) && keeps_places(reader, writes, reads) &&
           keeps_places(reader, reads, writes) && keeps_lengths(reader, writes, reads->structure);
}

static void align(struct reader_side *reader, struct alignment *alignment)
{
    const struct vmwire_structure *writes = alignment->writes, *reads = alignment->reads;
    size_t a = 0, b = 0;
    while (a < writes->field_count || b < reads->field_count) {
        if (a < writes->field_count && b < reads->field_count &&
            same_on_wire(&writes->fields[a], &reads->fields[b]) &&
            !has_moved(writes, a, reads, b)) {
            a++;
            b++;
            continue;
        }
        struct run from = {.structure = writes, .from = a, .to = a};
        struct run to = {.structure = reads, .from = b, .to = b};
        /* A second writer's own values are followed field by field. */
        if ((reader->writes && !reader->counts) || !find_region(reader, &from, &to))
            break;
        alignment->regions =
            vmwire_arena_grow(reader->work, alignment->regions, alignment->region_count,
                              &alignment->region_room, sizeof(*alignment->regions));
        alignment->regions[alignment->region_count++] =
            (struct region){a, from.to, b, to.to, to.extent.tails};
        a = from.to;
        b = to.to;
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
