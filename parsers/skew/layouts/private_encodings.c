/* SPDX-License-Identifier: MIT */
/*
 * The reader's program is asked in which ways it can read the writer's bytes. If in none, they are refused, whatever its
 * machine is. If in some, the bytes of its own stream tell which answers its machine gives to what no bytes tell.
 */
#include "skew/layouts/private_encodings.h"

#include <inttypes.h>
#include <string.h>

#include "skew/shared/loader_tables.h"
#include "skew/shared/places.h"
#include "skew/shared/walk_path.h"
#include "skew/shared/whole_field.h"

/* A field of a private encoding, in a section. */
struct private_place {
    const char *structure, *name, *type;
    const char *path; /* from the section's root */
};

/* ---- The bytes ---- */

static bool is_part(const char *name, const char *field)
{
    const size_t length = strlen(field);
    return strncmp(name, field, length) == 0 &&
           (!name[length] || name[length] == '.' || name[length] == '[');
}

/* Whether the walk's value is the field, or a part of it. */
static bool is_within(const struct vmwire_record_walk *walk, const struct private_place *place)
{
    for (unsigned i = walk->depth; i > 0; i--) {
        const struct vmwire_value *value =
            i == walk->depth ? walk->value : walk->frames[i].as_value;
        const char *name = walk->frames[i - 1].record->structure->name;
        if (value && name && strcmp(name, place->structure) == 0 &&
            is_part(value->field->name, place->name))
            return true;
    }
    return false;
}

/* The field's bytes in the section; length 0: it does not have them, or several times. */
static struct vmwire_bytes find_bytes(const struct vmwire_item *section,
                                      const struct private_place *place)
{
    struct vmwire_bytes bytes = {NULL, 0};
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    if (!section || !section->record)
        return bytes;
    vmwire_record_walk_begin(&walk, section->record);
    while ((step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE) {
        const struct vmwire_bytes *data =
            step == VMWIRE_RECORD_VALUE && walk.value ? &walk.value->data : NULL;
        if (!data || !data->length || !is_within(&walk, place))
            continue;
        if (bytes.length && bytes.data + bytes.length != data->data)
            return (struct vmwire_bytes){NULL, 0};
        bytes.data = bytes.length ? bytes.data : data->data;
        bytes.length += data->length;
    }
    return bytes;
}

/* ---- What the ways say ---- */

/* How often a question about the field of this answer has the answer yes, in all ways alike. */
struct yes_count {
    const struct private_answer *of; /* NULL: nothing is asked, or not alike */
    size_t asked, yes;
};

static struct yes_count count_answers(const struct private_way *way,
                                      const struct private_answer *of)
{
    struct yes_count count = {.of = of};
    for (size_t i = 0; i < way->answer_count; i++) {
        const struct private_answer *each = &way->answers[i];
        if (!each->presence || !each->field || strcmp(each->field, of->field) != 0 ||
            each->structure != of->structure)
            continue;
        count.asked++;
        count.yes += each->choice;
    }
    return count;
}

static struct yes_count count_yes(const struct private_ways *ways)
{
    struct yes_count first = {.of = NULL};
    const struct private_way *way = ways->list;
    for (size_t i = 0; ways->count && i < way->answer_count && !first.of; i++)
        if (way->answers[i].presence && way->answers[i].field && way->answers[i].structure)
            first = count_answers(way, &way->answers[i]);
    for (size_t i = 1; first.of && i < ways->count; i++) {
        const struct yes_count each = count_answers(&ways->list[i], first.of);
        if (each.asked != first.asked || each.yes != first.yes)
            first.of = NULL;
    }
    return first;
}

static const char *describe_ways(const struct skew *skew, const struct private_place *place,
                                 uint64_t length, const struct private_ways *ways)
{
    const struct yes_count count = count_yes(ways);
    if (!length)
        return place->name;
    if (!count.of)
        return vmwire_text(skew->arena, "%s (%" PRIu64 " bytes)", place->name, length);
    return vmwire_text(skew->arena, "%s (%" PRIu64 " bytes, %s in %zu of %zu elements)",
                       place->name, length, count.of->field, count.yes, count.asked);
}

static bool same_question(const struct private_answer *a, const struct private_answer *b)
{
    return a->presence && b->presence && a->field && b->field && a->structure && b->structure &&
           strcmp(a->field, b->field) == 0 && strcmp(a->structure, b->structure) == 0;
}

enum { ANSWERS_ALIKE, ANSWERS_UNLIKE, OTHER_QUESTIONS };

/* Compares the answers of two ways. */
static int compare_answers(const struct private_way *a, const struct private_way *b)
{
    int found = ANSWERS_ALIKE;
    if (a->answer_count != b->answer_count)
        return OTHER_QUESTIONS;
    for (size_t i = 0; i < a->answer_count; i++) {
        if (!same_question(&a->answers[i], &b->answers[i]))
            return OTHER_QUESTIONS;
        if (a->answers[i].choice != b->answers[i].choice)
            found = ANSWERS_UNLIKE;
    }
    return found;
}

/* Whether all ways are asked the same, and none of them answers as one of the others. */
static bool all_contradict(const struct private_ways *ways, const struct private_ways *others)
{
    for (size_t i = 0; i < ways->count; i++)
        for (size_t k = 0; k < others->count; k++)
            if (compare_answers(&ways->list[i], &others->list[k]) != ANSWERS_UNLIKE)
                return false;
    return ways->count && others->count;
}

/* Whether one of the ways is one of the others. */
static bool share_way(const struct private_ways *ways, const struct private_ways *others)
{
    for (size_t i = 0; i < ways->count; i++)
        for (size_t k = 0; k < others->count; k++)
            if (compare_answers(&ways->list[i], &others->list[k]) == ANSWERS_ALIKE)
                return true;
    return false;
}

/* ---- Comparing ---- */

struct private_comparison {
    struct skew *skew;
    const struct compared_section *section;
    size_t first; /* difference of the section */
    struct private_place place;
    struct vmwire_bytes written, own; /* of the field; length 0: not known */
};

/* Those that take all bytes, or with `fewer` others, too. */
static struct private_ways ways_of(const struct private_comparison *comparison,
                                   const struct vmwire_side *side, struct vmwire_bytes bytes,
                                   bool fewer)
{
    const struct private_field field = {.schema = side->declared,
                                        .idstr = comparison->section->idstr,
                                        .structure = comparison->place.structure,
                                        .type = comparison->place.type,
                                        .bytes = bytes,
                                        .takes_any = side == comparison->skew->reader &&
                                                     bytes.data != comparison->own.data};
    return side->declared && bytes.length
               ? find_private_ways(&field, !fewer, comparison->skew->arena)
               : (struct private_ways){.complete = false};
}

/* Takes back what says as a possibility that the structure's fields are there, or not. */
static void drop_possible(const struct private_comparison *comparison, const char *structure)
{
    struct skew *skew = comparison->skew;
    const struct vmwire_skew_rule *condition = skew_rule("condition");
    size_t kept = comparison->first;
    for (size_t i = comparison->first; i < skew->count; i++) {
        const struct vmwire_difference *each = &skew->list[i];
        if (each->rule != condition || each->certainty == VMWIRE_CERTAIN || !each->structure ||
            strcmp(each->structure, structure) != 0)
            skew->list[kept++] = *each;
    }
    skew->count = kept;
}

/* What the function that decides over fields of the structure looks at is not told. NULL: nothing is known of that. */
static const struct unsure_row *find_unsure(const char *structure)
{
    for (size_t i = 0; i < unsure_row_count; i++)
        if (strcmp(unsure_rows[i].structure, structure) == 0)
            return &unsure_rows[i];
    return NULL;
}

/* At the place that is compared. */
static struct vmwire_difference begin_difference_here(const struct private_comparison *comparison,
                                                      const char *rule,
                                                      enum vmwire_certainty certainty)
{
    const struct skew *skew = comparison->skew;
    struct vmwire_difference difference = certain_difference(rule);
    difference.certainty = certainty;
    difference.section = comparison->section->idstr;
    difference.instance_id = comparison->section->instance_id;
    difference.structure = comparison->place.structure;
    difference.path = comparison->place.path;
    difference.offset = offset_in(skew->writer, comparison->written.data);
    difference.section_offset = offset_in(skew->writer, comparison->section->written->raw.data);
    return difference;
}

/* The section's fields have another length at the reader, or that is not known. */
static struct vmwire_difference begin_length(const struct private_comparison *comparison,
                                             enum vmwire_certainty certainty)
{
    struct vmwire_difference difference = begin_difference_here(comparison, "fields", certainty);
    difference.message = vmwire_text(comparison->skew->arena, "Missing section footer for %s",
                                     comparison->section->idstr);
    return difference;
}

/* `ways`: how the reader reads, and `length` the bytes that it takes; 0: that is not known. `own`: its own stream tells the
 * ways. */
static void add_other_length(const struct private_comparison *comparison,
                             const struct private_ways *ways, uint64_t length, bool own)
{
    struct skew *skew = comparison->skew;
    const struct vmwire_bytes written = comparison->written;
    const struct private_ways writes = ways_of(comparison, skew->writer, written, false);
    const struct yes_count asked = count_yes(ways), writer = count_yes(&writes);
    const struct private_answer *of = asked.of ? asked.of : writer.of;
    const struct unsure_row *unsure = of ? find_unsure(of->structure) : NULL;
    struct vmwire_difference difference = begin_length(comparison, VMWIRE_CERTAIN);
    if (of)
        difference.structure = of->structure;
    difference.writer = describe_ways(skew, &comparison->place, written.length, &writes);
    difference.reader = describe_ways(skew, &comparison->place, length, ways);
    difference.advice = unsure ? unsure->advice : NULL;
    difference.bytes = length ? (int64_t)written.length - (int64_t)length : 0;
    if (unsure && own && asked.asked > unsure->steady) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = unsure->when;
    }
    if (of)
        drop_possible(comparison, of->structure);
    add_difference(skew, difference);
}

/* The values in both are not compared, as one is not split. */
static void add_unlike_ways(const struct private_comparison *comparison,
                            const struct private_ways *reads, const struct private_ways *own)
{
    struct skew *skew = comparison->skew;
    struct vmwire_difference difference = begin_length(comparison, VMWIRE_NOT_DECIDED);
    difference.writer = describe_ways(skew, &comparison->place, comparison->written.length, reads);
    difference.reader = describe_ways(skew, &comparison->place, comparison->own.length, own);
    difference.when = "the bytes of the two sides are read in different ways: the values in them, "
                      "as numbers of elements, are not compared";
    difference.advice = "Give the device the same properties on both sides.";
    add_difference(skew, difference);
}

/* The reader's program takes the bytes in no way: they are damaged, or not as grammar/layouts has them. */
static void add_unreadable(const struct private_comparison *comparison)
{
    struct skew *skew = comparison->skew;
    struct vmwire_difference difference =
        begin_difference_here(comparison, "encoding-unread", VMWIRE_NOT_DECIDED);
    difference.writer = vmwire_text(skew->arena, "%s (%zu bytes)", comparison->place.name,
                                    comparison->written.length);
    difference.reader = "no way to take them";
    difference.when = "whether the bytes are damaged, and where the section ends";
    add_difference(skew, difference);
}

/* The bytes that all ways take; 0: not the same. */
static uint64_t common_length(const struct private_ways *ways)
{
    for (size_t i = 1; i < ways->count; i++)
        if (ways->list[i].length != ways->list[0].length)
            return 0;
    return ways->complete && ways->count ? ways->list[0].length : 0;
}

/* The bytes that the reader takes of the writer's, with the answers of its own stream: it goes on behind them. */
static uint64_t length_with_answers(const struct private_comparison *comparison,
                                    const struct private_way *own)
{
    const struct vmwire_bytes written = comparison->written;
    const struct vmwire_bytes longer = {NULL, written.length + comparison->own.length};
    uint8_t *bytes = vmwire_arena_alloc(comparison->skew->arena, longer.length);
    memcpy(bytes, written.data, written.length);
    const struct private_ways ways = ways_of(comparison, comparison->skew->reader,
                                             (struct vmwire_bytes){bytes, longer.length}, true);
    for (size_t i = 0; i < ways.count; i++)
        if (compare_answers(&ways.list[i], own) == ANSWERS_ALIKE)
            return ways.list[i].length;
    return 0;
}

static void compare_ways(const struct private_comparison *comparison)
{
    const struct vmwire_side *writer = comparison->skew->writer, *reader = comparison->skew->reader;
    const struct vmwire_bytes written = comparison->written;
    const struct private_ways reads = ways_of(comparison, reader, written, false);
    /* What is unlike any of them is not read to an end. */
    if (!reads.count && !reads.complete &&
        (!comparison->own.length || ways_of(comparison, reader, comparison->own, false).count))
        add_unreadable(comparison);
    if (!reads.complete)
        return;
    if (reads.count) {
        const struct private_ways own = ways_of(comparison, reader, comparison->own, false);
        if (own.complete && all_contradict(&reads, &own))
            add_other_length(comparison, &own, length_with_answers(comparison, &own.list[0]), true);
        else if (own.complete && own.count && !share_way(&reads, &own))
            add_unlike_ways(comparison, &reads, &own);
        return;
    }
    const struct private_ways fewer = ways_of(comparison, reader, written, true);
    /* The layout is right where the writer's own program reads it so. */
    if (fewer.complete && fewer.count &&
        (!writer->declared || ways_of(comparison, writer, written, false).count))
        add_other_length(comparison, &fewer, common_length(&fewer), false);
    else
        add_unreadable(comparison);
}

/* ---- Finding them ---- */

/* Those of a section that were compared. */
struct compared_places {
    struct private_place *list;
    size_t count, room;
};

static bool is_same_place(const struct private_place *a, const struct private_place *b)
{
    return strcmp(a->structure, b->structure) == 0 && strcmp(a->name, b->name) == 0;
}

/* Compares the fields that one of the two sections has whole. */
static void compare_whole(struct private_comparison *comparison, const struct vmwire_item *of,
                          struct compared_places *compared)
{
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    vmwire_record_walk_begin(&walk, of->record);
    while ((step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE) {
        struct private_place *place = &comparison->place;
        struct private_field field;
        if (step != VMWIRE_RECORD_VALUE ||
            !find_whole_field(comparison->skew, comparison->section->idstr, &walk, &field))
            continue;
        *place = (struct private_place){field.structure, field.name, field.type,
                                        walk_path(comparison->skew, &walk, field.name)};
        bool again = false;
        for (size_t i = 0; i < compared->count && !again; i++)
            again = is_same_place(&compared->list[i], place);
        if (again)
            continue;
        compared->list = vmwire_arena_grow(comparison->skew->arena, compared->list, compared->count,
                                           &compared->room, sizeof(*place));
        compared->list[compared->count++] = *place;
        comparison->written = find_bytes(comparison->section->written, place);
        comparison->own = find_bytes(comparison->section->own, place);
        if (comparison->written.length)
            compare_ways(comparison);
    }
}

void compare_private_encodings(struct skew *skew, const struct compared_section *section,
                               size_t first)
{
    struct compared_places compared = {NULL, 0, 0};
    struct private_comparison comparison = {.skew = skew, .section = section, .first = first};
    if (!skew->reader->declared || !skew->reader->declared->layouts || !section->written->record)
        return;
    compare_whole(&comparison, section->written, &compared);
    if (section->own && section->own->record)
        compare_whole(&comparison, section->own, &compared);
}
