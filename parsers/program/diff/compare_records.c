/* SPDX-License-Identifier: MIT */
/*
 * Compares two records: goes over the pairs of their parts, with a stack instead of recursion.
 */
#include "program/diff/compare_records.h"

#include <inttypes.h>
#include <stdio.h>

#include "program/diff/record_parts.h"

/* A step of a path, from the section's record to a part. */
struct step {
    const struct step *before; /* NULL: the first one */
    const struct part *part;
};

/* Two records of one place, and which of their parts comes next. */
struct frame {
    const struct step *step; /* to the records; NULL: those of the section */
    struct parts parts;
    size_t next;
};

struct record_comparison {
    struct differences *differences;
    struct vmwire_arena *scratch;
    struct compared_section *section;
    struct frame frames[VMWIRE_SCHEMA_NESTING_LIMIT + 1];
    size_t depth;
    /* The last element that only one side has, and the number of its run. */
    const struct step *only_step;
    size_t only_run;
};

/* ---- Paths ------------------------------------------------------------------------------------- */

enum { STEP_TAIL_ROOM = 96 }; /* of indices and an occurrence */

static struct vmwire_bytes step_name(const struct part *part)
{
    return part->name ? vmwire_bytes_of_string(part->name) : part->subsection_name;
}

/* Whether the part is all that its sides have of the array. */
static bool is_whole(const struct part *part)
{
    for (int side = 0; side < SIDE_COUNT; side++) {
        const struct vmwire_value *value = part->value[side];
        if (value &&
            (part->index[side] || part->elements * element_size(value) != value->data.length))
            return false;
    }
    return true;
}

/* Writes what stands behind a step's name: "[2]", "[2|3]" where the sides have it at different indices, "[2..4]" of several
 * elements; "#2" where it is the second one of its name. `offset`: elements from the part's first one; SIZE_MAX: all of them. */
static size_t write_tail(char tail[STEP_TAIL_ROOM], const struct part *part, size_t offset)
{
    int length = 0;
    tail[0] = 0;
    if (part->occurrence)
        length = snprintf(tail, STEP_TAIL_ROOM, "#%" PRIu32, part->occurrence + 1);
    bool several = offset == SIZE_MAX;
    if (!part->indexed || (several && is_whole(part)))
        return (size_t)length;
    offset = several ? 0 : offset;
    bool has_a = part->value[SIDE_A] != NULL, has_b = part->value[SIDE_B] != NULL;
    int64_t a = part->index[SIDE_A] + (int64_t)offset, b = part->index[SIDE_B] + (int64_t)offset;
    if (several)
        length +=
            snprintf(tail + length, STEP_TAIL_ROOM - (size_t)length, "[%" PRId64 "..%" PRId64 "]",
                     has_a ? a : b, (has_a ? a : b) + (int64_t)part->elements - 1);
    else if (has_a && has_b && a != b)
        length += snprintf(tail + length, STEP_TAIL_ROOM - (size_t)length,
                           "[%" PRId64 "|%" PRId64 "]", a, b);
    else
        length += snprintf(tail + length, STEP_TAIL_ROOM - (size_t)length, "[%" PRId64 "]",
                           has_a ? a : b);
    return (size_t)length;
}

/* Writes the steps from the last to the first, from the end of the text backwards. */
static struct vmwire_bytes write_path(struct vmwire_arena *arena, const struct step *last,
                                      size_t offset)
{
    size_t length = 0;
    char tail[STEP_TAIL_ROOM];
    for (const struct step *step = last; step; step = step->before)
        length += step_name(step->part).length +
                  write_tail(tail, step->part, step == last ? offset : 0) + (step->before != NULL);
    uint8_t *text = vmwire_arena_alloc(arena, length + 1), *at = text + length;
    for (const struct step *step = last; step; step = step->before) {
        struct vmwire_bytes name = step_name(step->part);
        size_t size = write_tail(tail, step->part, step == last ? offset : 0);
        at -= size;
        memcpy(at, tail, size);
        at -= name.length;
        if (name.length)
            memcpy(at, name.data, name.length);
        if (step->before)
            *--at = '.';
    }
    return (struct vmwire_bytes){text, length};
}

/* ---- Differences ------------------------------------------------------------------------------- */

static struct difference *add(struct record_comparison *comparison, enum difference_kind kind,
                              enum difference_subject subject, const struct step *step,
                              size_t offset)
{
    struct differences *differences = comparison->differences;
    return add_difference(differences, kind, subject, comparison->section,
                          write_path(differences->arena, step, offset));
}

static uint64_t count_bytes(const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    uint64_t bytes = 0;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_VALUE)
            bytes += walk.value->data.length;
    return bytes;
}

static struct vmwire_bytes part_bytes(const struct part *part, int side)
{
    const struct vmwire_value *value = part->value[side];
    size_t size = element_size(value);
    if (!size)
        return (struct vmwire_bytes){NULL, 0};
    return (struct vmwire_bytes){value->data.data + part->skipped[side] * size,
                                 part->elements * size};
}

/* The unit by which bytes are grouped; of an element of another array, none. */
static size_t unit_of(const struct part *part, int side)
{
    size_t size = element_size(part->value[side]);
    return size <= 8 ? size : 0;
}

static struct side_value show_part(struct record_comparison *comparison, const struct part *part,
                                   int side)
{
    const struct vmwire_record *record = part->value[side]->record;
    if (!record)
        return side_bytes(part_bytes(part, side), unit_of(part, side));
    return side_words(make_text(comparison->differences->arena, "%s, %" PRIu64 " bytes",
                                part->value[side]->field->type, count_bytes(record)));
}

static bool of_one_array(const struct step *a, const struct step *b)
{
    return a->before == b->before && a->part->indexed && b->part->indexed &&
           strcmp(a->part->name, b->part->name) == 0;
}

static void add_only(struct record_comparison *comparison, const struct part *part, int side,
                     const struct step *step)
{
    size_t offset = part->elements > 1 ? SIZE_MAX : 0;
    struct difference *made = add(comparison, only_side(side), SUBJECT_FIELD, step, offset);
    made->side[side] = show_part(comparison, part, side);
    if (!comparison->only_step || !of_one_array(comparison->only_step, step))
        comparison->only_run = ++comparison->differences->run_count;
    comparison->only_step = step;
    made->run = comparison->only_run;
}

static void add_type(struct record_comparison *comparison, const struct part *part,
                     const struct step *step)
{
    size_t offset = part->elements > 1 ? SIZE_MAX : 0;
    struct difference *made = add(comparison, DIFFERENCE_TYPE, SUBJECT_FIELD, step, offset);
    for (int side = 0; side < SIDE_COUNT; side++)
        made->side[side] = show_part(comparison, part, side);
}

/* ---- Values ------------------------------------------------------------------------------------ */

static bool bytes_equal(struct vmwire_bytes a, struct vmwire_bytes b)
{
    return a.length == b.length && (!a.data || !b.data || memcmp(a.data, b.data, a.length) == 0);
}

static void compare_elements(struct record_comparison *comparison, const struct part *part,
                             const struct step *step)
{
    struct vmwire_bytes a = part_bytes(part, SIDE_A), b = part_bytes(part, SIDE_B);
    size_t size = element_size(part->value[SIDE_A]), run = ++comparison->differences->run_count;
    for (size_t i = 0; i < part->elements; i++) {
        struct vmwire_bytes one = {a.data + i * size, size}, other = {b.data + i * size, size};
        if (bytes_equal(one, other))
            continue;
        struct difference *made = add(comparison, DIFFERENCE_VALUE, SUBJECT_FIELD, step, i);
        made->side[SIDE_A] = side_bytes(one, size <= 8 ? size : 0);
        made->side[SIDE_B] = side_bytes(other, size <= 8 ? size : 0);
        made->run = run;
    }
}

/* Bytes that are no numbers of several bytes are one value: a buffer. */
static void compare_plain(struct record_comparison *comparison, const struct part *part,
                          const struct step *step)
{
    size_t sizes[SIDE_COUNT] = {element_size(part->value[SIDE_A]),
                                element_size(part->value[SIDE_B])};
    bool buffer = sizes[SIDE_A] == 1 && sizes[SIDE_B] == 1;
    comparison->differences->values += buffer ? 1 : part->elements;
    if (sizes[SIDE_A] != sizes[SIDE_B])
        add_type(comparison, part, step);
    else if (bytes_equal(part_bytes(part, SIDE_A), part_bytes(part, SIDE_B)))
        return;
    else if (!buffer && part->elements > 1)
        compare_elements(comparison, part, step);
    else {
        size_t offset = part->elements > 1 ? SIZE_MAX : 0;
        struct difference *made = add(comparison, DIFFERENCE_VALUE, SUBJECT_FIELD, step, offset);
        made->side[SIDE_A] = side_bytes(part_bytes(part, SIDE_A), unit_of(part, SIDE_A));
        made->side[SIDE_B] = side_bytes(part_bytes(part, SIDE_B), unit_of(part, SIDE_B));
    }
}

/* ---- Records ----------------------------------------------------------------------------------- */

static void push(struct record_comparison *comparison, const struct step *step,
                 const struct vmwire_record *a, const struct vmwire_record *b)
{
    comparison->frames[comparison->depth++] =
        (struct frame){step, pair_parts(comparison->scratch, a, b), 0};
}

static void compare_versions(struct record_comparison *comparison, enum difference_subject subject,
                             const struct step *step, uint32_t a, uint32_t b)
{
    if (a == b)
        return;
    struct difference *made = add(comparison, DIFFERENCE_VERSION, subject, step, 0);
    made->side[SIDE_A] = side_number(a);
    made->side[SIDE_B] = side_number(b);
}

/* The byte before an element of a list can be any but 00. */
static void compare_markers(struct record_comparison *comparison, const struct part *part,
                            const struct step *step)
{
    struct vmwire_bytes a = part->value[SIDE_A]->data, b = part->value[SIDE_B]->data;
    if (bytes_equal(a, b))
        return;
    struct difference *made = add(comparison, DIFFERENCE_VALUE, SUBJECT_FIELD, step, 0);
    made->side[SIDE_A] = side_bytes(a, 1);
    made->side[SIDE_B] = side_bytes(b, 1);
}

static void compare_field(struct record_comparison *comparison, const struct part *part,
                          const struct step *step)
{
    const struct vmwire_value *a = part->value[SIDE_A], *b = part->value[SIDE_B];
    if (!a || !b) {
        add_only(comparison, part, a ? SIDE_A : SIDE_B, step);
    } else if (a->record && b->record) {
        compare_markers(comparison, part, step);
        compare_versions(comparison, SUBJECT_FIELD, step, vmwire_record_version(a->record),
                         vmwire_record_version(b->record));
        push(comparison, step, a->record, b->record);
    } else if (a->record || b->record) {
        comparison->differences->values++;
        add_type(comparison, part, step);
    } else {
        compare_plain(comparison, part, step);
    }
}

static void compare_subsection(struct record_comparison *comparison, const struct part *part,
                               const struct step *step)
{
    const struct vmwire_subsection_value *a = part->subsection[SIDE_A],
                                         *b = part->subsection[SIDE_B];
    if (a && b) {
        compare_versions(comparison, SUBJECT_SUBSECTION, step, a->version_id, b->version_id);
        push(comparison, step, a->record, b->record);
        return;
    }
    int side = a ? SIDE_A : SIDE_B;
    const struct vmwire_subsection_value *sent = part->subsection[side];
    struct difference *made = add(comparison, only_side(side), SUBJECT_SUBSECTION, step, 0);
    made->side[side] = side_words(make_text(comparison->differences->arena,
                                            "version %" PRIu32 ", %" PRIu64 " bytes",
                                            sent->version_id, count_bytes(sent->record)));
}

void compare_records(struct differences *differences, struct vmwire_arena *scratch,
                     struct compared_section *section, const struct vmwire_record *a,
                     const struct vmwire_record *b)
{
    struct record_comparison *comparison = vmwire_arena_alloc(scratch, sizeof(*comparison));
    *comparison = (struct record_comparison){differences, scratch, section, .depth = 0};
    push(comparison, NULL, a, b);
    while (comparison->depth) {
        struct frame *frame = &comparison->frames[comparison->depth - 1];
        if (frame->next == frame->parts.count) {
            comparison->depth--;
            continue;
        }
        const struct part *part = &frame->parts.parts[frame->next++];
        struct step *step = vmwire_arena_alloc(scratch, sizeof(*step));
        *step = (struct step){frame->step, part};
        if (part->name)
            compare_field(comparison, part, step);
        else
            compare_subsection(comparison, part, step);
    }
}
