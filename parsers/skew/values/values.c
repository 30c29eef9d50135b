/* SPDX-License-Identifier: MIT */
#include "skew/values/values.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "skew/shared/aliases.h"
#include "skew/shared/message.h"
#include "skew/shared/places.h"
#include "skew/shared/release.h"
#include "skew/values/arm_registers.h"
#include "skew/values/checked_values.h"
#include "skew/values/configuration.h"
#include "skew/values/drives.h"
#include "skew/values/ppc_processors.h"
#include "skew/values/ram_blocks.h"
#include "skew/values/ram_page_sizes.h"
#include "skew/values/ram_records.h"
#include "skew/values/shared_blocks.h"
#include "skew/values/single_checks.h"
#include "skew/values/virtio_features.h"

/* ---- Two values ---- */

/* Both in the same encoding: signed where the type is. */
static int64_t signed_number(const struct vmwire_value *value)
{
    uint64_t number = number_of_bytes(value->data);
    size_t bits = 8 * value->data.length;
    bool negative =
        strncmp(value->field->type, "int", 3) == 0 && bits && bits < 64 && number >> (bits - 1) & 1;
    return negative ? (int64_t)(number - (UINT64_C(1) << bits)) : (int64_t)number;
}

static bool have_equal_bytes(struct vmwire_bytes a, struct vmwire_bytes b)
{
    return a.length == b.length && (!a.length || memcmp(a.data, b.data, a.length) == 0);
}

/* What the reader holds a value against. */
static const struct vmwire_value *own_value(const struct checked_value *own)
{
    return own->row->comparison == COMPARE_LIMIT ? own->limit : own->value;
}

static bool is_refused(const struct checked_value *theirs, const struct checked_value *own)
{
    const struct vmwire_value *sent = theirs->value, *held = own_value(own);
    if (!held || sent->data.length != held->data.length)
        return held && theirs->row->own_length;
    switch (theirs->row->comparison) {
    case COMPARE_EQUAL:
        return !have_equal_bytes(sent->data, held->data);
    case COMPARE_AT_MOST:
        return signed_number(sent) < 0 || signed_number(sent) > signed_number(held);
    case COMPARE_NEEDS:
        return number_of_bytes(sent->data) && !number_of_bytes(held->data);
    case COMPARE_LIMIT:
        return number_of_bytes(sent->data) > number_of_bytes(held->data);
    }
    return false;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text), of_end = strlen(end);
    return length >= of_end && strcmp(text + length - of_end, end) == 0;
}

/* ---- Their texts ---- */

static const char *decimal(const struct skew *skew, const struct vmwire_value *value)
{
    return vmwire_text(skew->arena, "%" PRId64, signed_number(value));
}

static const char *hexadecimal(const struct skew *skew, const struct vmwire_value *value)
{
    return vmwire_text(skew->arena, "%" PRIx64, number_of_bytes(value->data));
}

/* A number; of several, their bytes. */
static const char *shown_value(const struct skew *skew, const struct vmwire_value *value)
{
    enum { SHOWN = 32 };
    char text[2 * SHOWN + 1] = "";
    if (value->data.length <= sizeof(uint64_t) && value->field->count <= 1)
        return decimal(skew, value);
    size_t length = value->data.length < SHOWN ? value->data.length : SHOWN;
    for (size_t i = 0; i < length; i++)
        snprintf(text + 2 * i, 3, "%02x", value->data.data[i]);
    return vmwire_text(skew->arena, "%s%s", text, length < value->data.length ? "..." : "");
}

/* The last number in brackets of a path. */
static const char *element_text(const struct skew *skew, const char *path)
{
    const char *bracket = strrchr(path, '[');
    return bracket
               ? vmwire_arena_string(skew->arena, bracket + 1, strspn(bracket + 1, "0123456789"))
               : "0";
}

/* What stands in a place of a row's message. */
static const char *value_text(const struct skew *skew, char place,
                              const struct checked_value *theirs, const struct checked_value *own)
{
    switch (place) {
    case 's':
        return decimal(skew, theirs->value);
    case 'o':
        return decimal(skew, own_value(own));
    case 'S':
        return hexadecimal(skew, theirs->value);
    case 'O':
        return hexadecimal(skew, own_value(own));
    case 'p':
        return theirs->row->property;
    default:
        return element_text(skew, theirs->shown);
    }
}

static const char *message_of(const struct skew *skew, const struct vmwire_skew_rule *rule,
                              const struct checked_value *theirs, const struct checked_value *own)
{
    enum { PLACES = 8 };
    const struct value_row *row = theirs->row;
    const char *values[PLACES];
    size_t count = 0;
    for (const char *place = row->places; *place && count < PLACES; place++)
        values[count++] = value_text(skew, *place, theirs, own);
    return fill_message(skew->arena, row->message ? row->message : reader_message(skew, rule),
                        values, count);
}

/* ---- Sections ---- */

/* Whether nothing decides but the reader's release, which is known to have the rule. */
static bool is_decided(const struct skew *skew, const struct value_row *row)
{
    return !row->when || (row->since && reader_releases(skew).first >= row->since);
}

static const char *advise_property(const struct value_row *row, struct vmwire_arena *arena)
{
    return vmwire_text(arena, "What sets it, and has to be the same on both sides: %s.",
                       row->property);
}

static void add_value_difference(struct skew *skew, const struct vmwire_item *item,
                                 const struct checked_value *theirs,
                                 const struct checked_value *own, bool missing)
{
    const struct value_row *row = theirs->row;
    const struct vmwire_side *writer = skew->writer;
    struct vmwire_difference difference = section_difference(skew, row->rule, item);
    difference.structure = theirs->structure;
    difference.path = theirs->shown;
    difference.writer = shown_value(skew, theirs->value);
    difference.reader = shown_value(skew, own_value(own));
    difference.offset = offset_in(writer, vmwire_value_place(theirs->value, writer->bytes));
    if (!is_decided(skew, row)) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = row->when;
    }
    if (missing && row->adds && ends_with(difference.section, row->adds)) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = row->adds_when;
    }
    const bool leaves_some =
        row->own_length && theirs->value->data.length > own_value(own)->data.length;
    difference.message =
        leaves_some ? vmwire_text(skew->arena, "Missing section footer for %s", difference.section)
                    : message_of(skew, difference.rule, theirs, own);
    if (row->property)
        difference.advice = advise_property(row, skew->arena);
    add_difference(skew, difference);
}

/* Whether the reader has the rule, and for its own field. */
static bool has_rule(const struct skew *skew, const struct checked_value *own)
{
    if (own->row->when && reader_releases(skew).last < own->row->since)
        return false;
    return !own->row->first_name || strcmp(own->path, own->shown) == 0;
}

/* Whether a difference of the row was told already. Of a row with a condition, such as the lengths of virtqueues, one in a
 * section will do; where nothing tells whether it counts, one in the stream. */
static bool was_told(const struct skew *skew, uint64_t *of_stream, uint64_t *of_section,
                     const struct value_row *row)
{
    uint64_t *told = is_decided(skew, row) ? of_section : of_stream;
    uint64_t bit = row->when ? UINT64_C(1) << (row - value_rows) : 0;
    bool was = *told & bit;
    *told |= bit;
    return was;
}

static bool has_row(const struct checked_values *values, const struct value_row *row)
{
    for (size_t i = 0; i < values->count; i++)
        if (values->values[i].row == row)
            return true;
    return false;
}

/* The reader's value where its array has other elements: 0. NULL: nothing tells it. */
static const struct checked_value *missing_value(const struct skew *skew,
                                                 const struct checked_values *own,
                                                 const struct checked_value *theirs)
{
    const struct vmwire_bytes sent = theirs->value->data;
    if (!theirs->row->missing_is_0 || !has_row(own, theirs->row))
        return NULL;
    struct checked_value *missing = vmwire_arena_alloc(skew->arena, sizeof(*missing));
    struct vmwire_value *value = vmwire_arena_alloc(skew->arena, sizeof(*value));
    uint8_t *zeroes = vmwire_arena_alloc(skew->arena, sent.length + 1);
    memset(zeroes, 0, sent.length + 1);
    *value = *theirs->value;
    value->data = (struct vmwire_bytes){zeroes, sent.length};
    *missing = *theirs;
    missing->value = value;
    return missing;
}

static void compare_section(struct skew *skew, const struct vmwire_item *item,
                            const struct vmwire_item *own_item, uint64_t *told)
{
    struct checked_values theirs = find_checked_values(skew, skew->writer, item);
    struct checked_values own = find_checked_values(skew, skew->reader, own_item);
    uint64_t told_here = 0;
    compare_pci_spaces(skew, item, &theirs.space, &own.space);
    compare_arm_registers(skew, item, own_item);
    compare_ppc_processors(skew, item, own_item);
    compare_spapr_capabilities(skew, item, own_item);
    compare_pointers(skew, item, own_item);
    compare_requests(skew, item, own_item);
    compare_virtio_features(skew, item);
    sort_checked_values(&own);
    for (size_t i = 0; i < theirs.count; i++) {
        const struct checked_value *value = &theirs.values[i];
        const struct checked_value *found = find_same_value(&own, value);
        const struct checked_value *same = found ? found : missing_value(skew, &own, value);
        if (same && !(own.left_out >> (value->row - value_rows) & 1) && has_rule(skew, same) &&
            is_refused(value, same) && !was_told(skew, told, &told_here, value->row))
            add_value_difference(skew, item, value, same, !found);
    }
}

/* ---- Pairs of sections ---- */

/* The sections with records of a stream. */
struct sections {
    const struct vmwire_item **items;
    size_t count, room;
};

static struct sections sections_of(const struct skew *skew, const struct vmwire_stream *stream)
{
    struct sections sections = {NULL, 0, 0};
    for (size_t i = 0; i < stream->item_count; i++) {
        if (stream->items[i]->kind != VMWIRE_ITEM_SECTION_FULL || !stream->items[i]->record)
            continue;
        sections.items = vmwire_arena_grow(skew->arena, sections.items, sections.count,
                                           &sections.room, sizeof(*sections.items));
        sections.items[sections.count++] = stream->items[i];
    }
    return sections;
}

static int by_name_and_instance(const void *a, const void *b)
{
    const struct vmwire_item *one = *(const struct vmwire_item *const *)a;
    const struct vmwire_item *other = *(const struct vmwire_item *const *)b;
    size_t length = strnlen((const char *)one->idstr.data, one->idstr.length);
    size_t of_other = strnlen((const char *)other->idstr.data, other->idstr.length);
    int order = memcmp(one->idstr.data, other->idstr.data, length < of_other ? length : of_other);
    if (!order)
        order = (length > of_other) - (length < of_other);
    return order
               ? order
               : (one->instance_id > other->instance_id) - (one->instance_id < other->instance_id);
}

static int in_order(const void *a, const void *b)
{
    const struct vmwire_item *one = *(const struct vmwire_item *const *)a;
    const struct vmwire_item *other = *(const struct vmwire_item *const *)b;
    int order = by_name_and_instance(a, b);
    return order ? order : (one->raw.data > other->raw.data) - (one->raw.data < other->raw.data);
}

/* Of sections of one name and instance, which are sorted, the first. */
static void keep_first_ones(struct sections *sections)
{
    size_t kept = 1;
    for (size_t i = 1; i < sections->count; i++)
        if (by_name_and_instance(&sections->items[i], &sections->items[kept - 1]) != 0)
            sections->items[kept++] = sections->items[i];
    sections->count = kept;
}

static void compare_sections(struct skew *skew)
{
    struct sections theirs = sections_of(skew, skew->writer->stream);
    struct sections own = sections_of(skew, skew->reader->stream);
    uint64_t told = 0;
    if (!own.count)
        return;
    qsort(own.items, own.count, sizeof(const struct vmwire_item *), in_order);
    keep_first_ones(&own);
    for (size_t i = 0; i < theirs.count; i++) {
        const char *when;
        const struct vmwire_item *taker = find_taker(skew, theirs.items[i], &when);
        const struct vmwire_item **same =
            bsearch(taker ? &taker : &theirs.items[i], own.items, own.count,
                    sizeof(const struct vmwire_item *), by_name_and_instance);
        if (same)
            compare_section(skew, theirs.items[i], *same, &told);
    }
}

/* Values of which a reader refuses another one without a word: the first one of each row. */
static void ask_silent_values(struct skew *skew, const struct vmwire_item *item)
{
    const struct checked_values values = find_checked_values(skew, skew->writer, item);
    const struct value_row *last = NULL;
    for (size_t i = 0; i < values.count; i++) {
        const struct checked_value *value = &values.values[i];
        struct vmwire_difference difference = section_difference(skew, value->row->rule, item);
        if (difference.rule->message || value->row->message || value->row == last ||
            !has_rule(skew, value))
            continue;
        last = value->row;
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.structure = value->structure;
        difference.path = value->shown;
        difference.writer = shown_value(skew, value->value);
        difference.reader = "not given";
        difference.message = silent_message(skew, &difference);
        difference.when = "what the reader's machine has there";
        difference.offset =
            offset_in(skew->writer, vmwire_value_place(value->value, skew->writer->bytes));
        add_difference(skew, difference);
    }
}

/* What the reader's machine can refuse, of which nothing is given. */
static void ask_machine(struct skew *skew)
{
    const struct sections theirs = sections_of(skew, skew->writer->stream);
    for (size_t i = 0; i < theirs.count; i++) {
        compare_pointers(skew, theirs.items[i], NULL);
        ask_silent_rules(skew, theirs.items[i]);
        ask_silent_values(skew, theirs.items[i]);
    }
}

void find_value_differences(struct skew *skew)
{
    if (!skew->writer->stream)
        return;
    check_ram_records(skew);
    check_ram_pages(skew);
    compare_configurations(skew);
    compare_commands(skew);
    check_return_path(skew);
    compare_postcopy(skew);
    check_mapped_ram(skew);
    compare_bitmaps(skew);
    if (skew->reader->any_machine)
        ask_machine(skew);
    if (!skew->reader->stream)
        return;
    compare_ram_blocks(skew);
    compare_shared_blocks(skew);
    compare_drives(skew);
    compare_page_sizes(skew);
    compare_sections(skew);
}

const char *vmwire_skew_value_advice(const char *rule, const char *path, struct vmwire_arena *arena)
{
    for (size_t i = 0; i < value_row_count; i++) {
        const struct value_row *row = &value_rows[i];
        for (size_t k = 0; row->property && row->fields && row->fields[k]; k++)
            if (strcmp(row->rule, rule) == 0 && ends_with(path, row->fields[k]))
                return advise_property(row, arena);
    }
    return NULL;
}
