/* SPDX-License-Identifier: MIT */
/*
 * Tries all combinations of choices at tails; see ambiguous_readings.h. The library's own reader asks for each choice
 * (reader.h, tail_chooser).
 */
#include "properties/ambiguous_readings.h"

#include <string.h>

enum { MOST_CHOICES = 256, MOST_READINGS = 256 };

/* The choices of one reading, in stream order. */
struct choices {
    const struct test_case *test_case;
    const struct vmwire_option *option;
    struct vmwire_bytes bytes;
    bool takes[MOST_CHOICES];
    size_t count, next;
};

/* Whether the bytes at that offset are the header of a subsection of the owner, as a writer sends it. */
static bool is_header(const struct choices *choices, const struct vmwire_structure *owner,
                      uint64_t offset)
{
    struct vmwire_bytes left = {choices->bytes.data + offset, choices->bytes.length - offset};
    char name[256] = {0};
    if (left.length < 2 || left.length < (size_t)2 + left.data[1] + 4)
        return false;
    memcpy(name, left.data + 2, left.data[1]);
    const struct vmwire_subsection *subsection = vmwire_structure_subsection(owner, name);
    return subsection && subsection->structure && strlen(name) == left.data[1] &&
           vmwire_option_sends_inline(choices->option, subsection) &&
           vmwire_be32(left.data + 2 + left.data[1]) == subsection->structure->described_version_id;
}

/* A new choice takes the subsection first. */
static bool choose_at_tail(void *context, const struct vmwire_structure *owner, uint64_t offset)
{
    struct choices *choices = context;
    if (!is_header(choices, owner, offset))
        return false;
    if (choices->next == choices->count) {
        if (choices->count == MOST_CHOICES)
            return true;
        choices->takes[choices->count++] = true;
    }
    return choices->takes[choices->next++];
}

/* Goes on to the next combination of choices. Returns false after the last. */
static bool advance_choices(struct choices *choices)
{
    choices->next = 0;
    while (choices->count && !choices->takes[choices->count - 1])
        choices->count--;
    if (choices->count)
        choices->takes[choices->count - 1] = false;
    return choices->count > 0;
}

/* ---- Limits of a writer -------------------------------------------------------------------------- */

static bool value_possible(const struct vmwire_value *value)
{
    enum vmwire_field_class class = value->field->class;
    bool two = class == VMWIRE_FIELD_BOOL || class == VMWIRE_FIELD_LIST; /* a list's markers */
    uint8_t most = two ? 1 : class == VMWIRE_FIELD_ZEROS ? 0 : UINT8_MAX;
    for (size_t i = 0; most < UINT8_MAX && i < value->data.length; i++)
        if (value->data.data[i] > most)
            return false;
    return true;
}

static bool in_order(const struct vmwire_record *record)
{
    for (const struct vmwire_subsection_value *each = record->subsections; each && each->next;
         each = each->next)
        if (each->subsection >= each->next->subsection)
            return false;
    return true;
}

/* A reader keeps the low byte of a version, and compares names as C strings: it takes more than a writer sends. */
static bool header_possible(const struct vmwire_subsection_value *value)
{
    return value->version_id <= UINT8_MAX && value->name.length == strlen(value->subsection->name);
}

static bool record_possible(const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if ((step == VMWIRE_RECORD_VALUE && !value_possible(walk.value)) ||
            (step == VMWIRE_RECORD_SUBSECTION && !header_possible(walk.subsection)) ||
            (step == VMWIRE_RECORD_BEGIN && !in_order(walk.record)))
            return false;
    return true;
}

bool could_be_sent(const struct vmwire_stream *stream)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->record && !record_possible(stream->items[i]->record))
            return false;
    return true;
}

/* ---- Two readings -------------------------------------------------------------------------------- */

/* Whether two readings have the same sections, and the same content outside of records. */
static bool same_sections(const struct vmwire_stream *a, const struct vmwire_stream *b,
                          bool *same_boundaries)
{
    *same_boundaries = true;
    if (a->item_count != b->item_count)
        return false;
    for (size_t i = 0; i < a->item_count; i++) {
        struct vmwire_item x = *a->items[i], y = *b->items[i];
        *same_boundaries &= x.raw.data == y.raw.data && x.raw.length == y.raw.length;
        if (!x.record != !y.record)
            return false;
        if (x.record && y.record)
            y.record = x.record;
        if (!vmwire_item_equal(&x, &y))
            return false;
    }
    return true;
}

static bool read_once(struct choices *choices, struct alternative *alternative)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_arena *arena = choices->test_case->arena;
    struct vmwire_arena_mark mark = vmwire_arena_mark(arena);
    *alternative = (struct alternative){.decisions = {.arena = arena}};
    struct vmwire_reading reading = {.option = choices->option,
                                     .input = choices->bytes,
                                     .schema = choices->test_case->schema,
                                     .arena = arena,
                                     .observer = record_decisions(&alternative->decisions),
                                     .chooser = {choices, choose_at_tail}};
    alternative->stream = vmwire_stream_collect(reading, &cost, &error);
    if (alternative->stream && could_be_sent(alternative->stream) &&
        !cost.accounted[VMWIRE_ACCOUNT_UNREAD])
        return true;
    vmwire_arena_reset(arena, mark);
    return false;
}

struct ambiguous_readings find_ambiguous_readings(const struct test_case *test_case,
                                                  const struct vmwire_option *option,
                                                  struct vmwire_bytes bytes)
{
    struct choices choices = {.test_case = test_case, .option = option, .bytes = bytes};
    struct ambiguous_readings found = {.count = 0};
    unsigned readings = 0;
    do {
        struct alternative alternative;
        if (!read_once(&choices, &alternative))
            continue;
        if (found.count && !same_sections(found.alternatives[0].stream, alternative.stream,
                                          &found.same_boundaries))
            continue;
        found.alternatives[found.count++] = alternative;
    } while (found.count < 2 && ++readings < MOST_READINGS && advance_choices(&choices));
    if (found.count < 2)
        return found;
    size_t difference = find_first_difference(&found.alternatives[0].decisions,
                                              &found.alternatives[1].decisions, false);
    if (found.alternatives[0].decisions.events[difference].taken) {
        struct alternative taking = found.alternatives[0];
        found.alternatives[0] = found.alternatives[1];
        found.alternatives[1] = taking;
    }
    found.difference = &found.alternatives[0].decisions.events[difference];
    return found;
}
