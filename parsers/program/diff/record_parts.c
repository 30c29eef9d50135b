/* SPDX-License-Identifier: MIT */
/*
 * Pairs the parts of two records.
 */
#include "program/diff/record_parts.h"

#include "program/diff/pair_up.h"

/* Values that follow one another in a record and have one name: a field, or the elements of an array or a list. */
struct group {
    const struct vmwire_value *first;
    size_t count;
    bool list;
};

struct groups {
    struct group *groups;
    struct named *names;
    size_t count;
};

struct pairing {
    struct vmwire_arena *arena;
    struct parts *parts;
    size_t room;
};

/* ---- Elements of a value ----------------------------------------------------------------------- */

/* A plain value can be a whole array. */
static size_t element_count(const struct vmwire_value *value)
{
    const struct vmwire_field *field = value->field;
    size_t count = value->record ? 1 : field->count;
    bool divides = count > 1 && value->data.length && value->data.length % count == 0;
    return divides ? count : 1;
}

size_t element_size(const struct vmwire_value *value)
{
    return value->data.length / element_count(value);
}

static int64_t first_index(const struct vmwire_value *value)
{
    int32_t index = value->field->index > 0 ? value->field->index : 0;
    return index + (value->record ? (int64_t)value->element : 0);
}

static bool is_indexed(const struct vmwire_value *value)
{
    const struct vmwire_field *field = value->field;
    return field->index >= 0 || field->count > 1 || field->class == VMWIRE_FIELD_LIST;
}

/* ---- Groups ------------------------------------------------------------------------------------ */

/* Whether the value goes on with the array that the one before is of. */
static bool goes_on(const struct vmwire_value *before, const struct vmwire_value *value)
{
    if (before->field == value->field)
        return true;
    return before->field->index >= 0 && value->field->index >= 0 &&
           strcmp(before->field->name, value->field->name) == 0 &&
           first_index(value) >= first_index(before) + (int64_t)element_count(before);
}

static size_t count_values(const struct vmwire_record *record)
{
    size_t count = 0;
    for (const struct vmwire_value *value = record->values; value; value = value->next)
        count++;
    return count;
}

static struct groups find_groups(struct vmwire_arena *arena, const struct vmwire_record *record)
{
    size_t count = count_values(record);
    struct groups found = {vmwire_arena_alloc(arena, (count + 1) * sizeof(struct group)),
                           vmwire_arena_alloc(arena, (count + 1) * sizeof(struct named)), 0};
    const struct vmwire_value *before = NULL;
    for (const struct vmwire_value *value = record->values; value;
         before = value, value = value->next) {
        if (!before || !goes_on(before, value)) {
            found.groups[found.count] =
                (struct group){value, 0, value->field->class == VMWIRE_FIELD_LIST};
            found.names[found.count++].name = vmwire_bytes_of_string(value->field->name);
        }
        found.groups[found.count - 1].count++;
    }
    return found;
}

/* ---- Parts ------------------------------------------------------------------------------------- */

static struct part *add_part(struct pairing *pairing, const char *name, uint32_t occurrence)
{
    struct parts *parts = pairing->parts;
    parts->parts = vmwire_arena_grow(pairing->arena, parts->parts, parts->count, &pairing->room,
                                     sizeof(*parts->parts));
    struct part *part = &parts->parts[parts->count++];
    *part = (struct part){.name = name, .occurrence = occurrence, .elements = 1};
    return part;
}

static void set_side(struct part *part, int side, const struct vmwire_value *value, size_t skipped)
{
    part->indexed |= is_indexed(value);
    part->value[side] = value;
    part->skipped[side] = skipped;
    part->index[side] = first_index(value) + (int64_t)skipped;
}

/* ---- Arrays ------------------------------------------------------------------------------------ */

/* Where the elements of a group begin that are not paired yet. */
struct cursor {
    const struct vmwire_value *value;
    size_t left; /* values, this one included */
    size_t skipped;
};

static int64_t cursor_begin(const struct cursor *cursor)
{
    return cursor->left ? first_index(cursor->value) + (int64_t)cursor->skipped : INT64_MAX;
}

static int64_t cursor_end(const struct cursor *cursor)
{
    return cursor->left ? first_index(cursor->value) + (int64_t)element_count(cursor->value)
                        : INT64_MAX;
}

static void advance(struct cursor *cursor, int64_t elements)
{
    cursor->skipped += (size_t)elements;
    if (cursor->skipped < element_count(cursor->value))
        return;
    cursor->skipped = 0;
    cursor->value = cursor->value->next;
    cursor->left--;
}

/* Pairs the elements from the first that a side has, up to where that changes. */
static void pair_next_elements(struct pairing *pairing, struct cursor cursors[SIDE_COUNT],
                               const char *name, uint32_t occurrence)
{
    int64_t begins[SIDE_COUNT] = {cursor_begin(&cursors[SIDE_A]), cursor_begin(&cursors[SIDE_B])};
    int64_t begin = begins[SIDE_A] < begins[SIDE_B] ? begins[SIDE_A] : begins[SIDE_B];
    int64_t end = INT64_MAX;
    for (int side = 0; side < SIDE_COUNT; side++) {
        int64_t limit = begins[side] > begin ? begins[side] : cursor_end(&cursors[side]);
        end = limit < end ? limit : end;
    }
    struct part *part = add_part(pairing, name, occurrence);
    part->elements = (size_t)(end - begin);
    for (int side = 0; side < SIDE_COUNT; side++)
        if (cursors[side].left && begins[side] == begin) {
            set_side(part, side, cursors[side].value, cursors[side].skipped);
            advance(&cursors[side], end - begin);
        }
}

static struct cursor begin_group(const struct group *group)
{
    return group ? (struct cursor){group->first, group->count, 0} : (struct cursor){NULL, 0, 0};
}

static void pair_arrays(struct pairing *pairing, const struct group *a, const struct group *b,
                        const char *name, uint32_t occurrence)
{
    struct cursor cursors[SIDE_COUNT] = {begin_group(a), begin_group(b)};
    while (cursors[SIDE_A].left || cursors[SIDE_B].left)
        pair_next_elements(pairing, cursors, name, occurrence);
}

/* ---- Lists ------------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t digest, struct vmwire_bytes bytes)
{
    digest = (digest ^ bytes.length) * UINT64_C(0x9e3779b97f4a7c15);
    return (digest ^ vmwire_fingerprint(bytes)) * UINT64_C(0x9e3779b97f4a7c15);
}

/* Of all that the element has. */
static uint64_t digest_of(const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    uint64_t digest = 0;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        digest = (digest ^ (uint64_t)step) * UINT64_C(0x9e3779b97f4a7c15);
        if (step == VMWIRE_RECORD_VALUE)
            digest =
                mix(mix(digest, vmwire_bytes_of_string(walk.value->field->name)), walk.value->data);
        if (step == VMWIRE_RECORD_SUBSECTION)
            digest = mix(digest, walk.subsection->name);
    }
    return digest;
}

/* The elements of a list, without the byte at its end. */
struct elements {
    const struct vmwire_value **values;
    uint64_t *digests;
    size_t count;
};

static struct elements find_elements(struct vmwire_arena *arena, const struct group *group)
{
    size_t room = group ? group->count : 0;
    struct elements found = {vmwire_arena_alloc(arena, (room + 1) * sizeof(struct vmwire_value *)),
                             vmwire_arena_alloc(arena, (room + 1) * sizeof(uint64_t)), 0};
    const struct vmwire_value *value = group ? group->first : NULL;
    for (size_t i = 0; i < room; i++, value = value->next)
        if (value->record) {
            found.digests[found.count] = digest_of(value->record);
            found.values[found.count++] = value;
        }
    return found;
}

static void pair_lists(struct pairing *pairing, const struct group *a, const struct group *b,
                       const char *name, uint32_t occurrence)
{
    const struct elements elements[SIDE_COUNT] = {find_elements(pairing->arena, a),
                                                  find_elements(pairing->arena, b)};
    struct pairs pairs =
        pair_in_order(pairing->arena, elements[SIDE_A].digests, elements[SIDE_A].count,
                      elements[SIDE_B].digests, elements[SIDE_B].count);
    for (size_t i = 0; i < pairs.count; i++) {
        struct part *part = add_part(pairing, name, occurrence);
        for (int side = 0; side < SIDE_COUNT; side++) {
            size_t at = pairs.pairs[i].at[side];
            if (at == SIZE_MAX)
                continue;
            set_side(part, side, elements[side].values[at], 0);
            part->index[side] = (int64_t)at;
        }
    }
}

/* ---- Records ----------------------------------------------------------------------------------- */

static void pair_fields(struct pairing *pairing, const struct vmwire_record *a,
                        const struct vmwire_record *b)
{
    struct groups groups[SIDE_COUNT] = {find_groups(pairing->arena, a),
                                        find_groups(pairing->arena, b)};
    struct pairs pairs = pair_by_name(pairing->arena, groups[SIDE_A].names, groups[SIDE_A].count,
                                      groups[SIDE_B].names, groups[SIDE_B].count);
    for (size_t i = 0; i < pairs.count; i++) {
        const struct group *of[SIDE_COUNT] = {NULL, NULL};
        uint32_t occurrence = 0;
        const char *name = "";
        for (int side = 0; side < SIDE_COUNT; side++) {
            size_t at = pairs.pairs[i].at[side];
            if (at == SIZE_MAX)
                continue;
            of[side] = &groups[side].groups[at];
            occurrence = groups[side].names[at].occurrence;
            name = of[side]->first->field->name;
        }
        bool list = (!of[SIDE_A] || of[SIDE_A]->list) && (!of[SIDE_B] || of[SIDE_B]->list);
        if (list)
            pair_lists(pairing, of[SIDE_A], of[SIDE_B], name, occurrence);
        else
            pair_arrays(pairing, of[SIDE_A], of[SIDE_B], name, occurrence);
    }
}

/* The subsections of a record, and their names. */
struct sent {
    const struct vmwire_subsection_value **subsections;
    struct named *names;
    size_t count;
};

static struct sent find_sent(struct vmwire_arena *arena, const struct vmwire_record *record)
{
    size_t room = 0;
    for (const struct vmwire_subsection_value *each = record->subsections; each; each = each->next)
        room++;
    struct sent sent = {
        vmwire_arena_alloc(arena, (room + 1) * sizeof(struct vmwire_subsection_value *)),
        vmwire_arena_alloc(arena, (room + 1) * sizeof(struct named)), 0};
    for (const struct vmwire_subsection_value *each = record->subsections; each;
         each = each->next) {
        sent.names[sent.count].name = each->name;
        sent.subsections[sent.count++] = each;
    }
    return sent;
}

static void pair_subsections(struct pairing *pairing, const struct vmwire_record *a,
                             const struct vmwire_record *b)
{
    if (!a->subsections && !b->subsections)
        return;
    struct sent sent[SIDE_COUNT] = {find_sent(pairing->arena, a), find_sent(pairing->arena, b)};
    struct pairs pairs = pair_by_name(pairing->arena, sent[SIDE_A].names, sent[SIDE_A].count,
                                      sent[SIDE_B].names, sent[SIDE_B].count);
    for (size_t i = 0; i < pairs.count; i++) {
        struct part *part = add_part(pairing, NULL, 0);
        for (int side = 0; side < SIDE_COUNT; side++) {
            size_t at = pairs.pairs[i].at[side];
            if (at == SIZE_MAX)
                continue;
            part->subsection[side] = sent[side].subsections[at];
            part->subsection_name = sent[side].names[at].name;
            part->occurrence = sent[side].names[at].occurrence;
        }
    }
}

struct parts pair_parts(struct vmwire_arena *arena, const struct vmwire_record *a,
                        const struct vmwire_record *b)
{
    struct parts parts = {NULL, 0};
    struct pairing pairing = {arena, &parts, 0};
    pair_fields(&pairing, a, b);
    pair_subsections(&pairing, a, b);
    return parts;
}
