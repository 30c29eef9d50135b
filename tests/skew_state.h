/* SPDX-License-Identifier: MIT */
/*
 * What a migration of a small plan does, by itself: writes a section as QEMU's vmstate_save_state() does, reads it by another
 * plan as vmstate_load_state() does, and says whether fields came into others' places. Knows nothing of vmwire.
 */
#ifndef VMWIRE_TESTS_SKEW_STATE_H
#define VMWIRE_TESTS_SKEW_STATE_H

#include "skew_plan.h"

enum { MOST_BYTES = 2048, MOST_LEAVES = 400, MOST_VALUE = 2 };

/* What is not the same in all states and machines. */
struct state {
    unsigned conditions;            /* a bit for each function: it says yes */
    unsigned other;                 /* a bit for each that says something else at the reader */
    unsigned numbers[MOST_NUMBERS]; /* what counts elements */
    unsigned lists;                 /* elements in each list */
    unsigned sends; /* a bit for each part of the writer: such a subsection is sent */
};

/* Where a field's bytes are. */
struct leaf {
    unsigned name, occurrence; /* of that name in the record */
    unsigned offset, length;
    bool filler, scalar;
};

struct record {
    uint8_t bytes[MOST_BYTES];
    unsigned length, at;
    struct leaf leaves[MOST_LEAVES];
    unsigned leaf_count;
    const struct plan *plan;
    const struct state *state;
    unsigned numbers[MOST_NUMBERS]; /* as the side has them */
    struct chooser values;
    bool refused;
};

static inline unsigned *number_of(const struct plan *plan, unsigned *numbers, unsigned name)
{
    for (unsigned i = 0; i < plan->number_count; i++)
        if (plan->numbers[i] == name)
            return &numbers[i];
    TEST_BROKEN("no number %u", name);
    return NULL;
}

static inline bool exists(const struct member *member, uint32_t version, const struct state *state)
{
    return member->condition ? state->conditions >> member->condition & 1
                             : member->since <= version;
}

static inline unsigned elements_of(struct record *record, const struct member *member)
{
    if (member->holds == HOLDS_LIST)
        return record->state->lists;
    return member->counted_by == NONE
               ? member->count
               : *number_of(record->plan, record->numbers, (unsigned)member->counted_by);
}

static inline void add_leaf(struct record *record, const struct member *member, unsigned length)
{
    if (record->leaf_count == MOST_LEAVES)
        TEST_BROKEN("more than %d fields", MOST_LEAVES);
    struct leaf *leaf = &record->leaves[record->leaf_count++];
    *leaf = (struct leaf){.name = member->name,
                          .offset = record->at,
                          .length = length,
                          .filler = member->filler,
                          .scalar = member->counted_by == NONE && member->count == 1};
    for (struct leaf *each = record->leaves; each < leaf; each++)
        leaf->occurrence += each->name == leaf->name;
}

/* ---- Writing --------------------------------------------------------------------------------------- */

static inline void put_byte(struct record *record, unsigned value)
{
    if (record->at == MOST_BYTES)
        TEST_BROKEN("a record of more than %d bytes", MOST_BYTES);
    record->bytes[record->at++] = (uint8_t)value;
}

static inline void put_number(struct record *record, unsigned bytes, unsigned value)
{
    while (bytes--)
        put_byte(record, bytes < 4 ? value >> 8 * bytes & 0xff : 0);
}

static inline void write_part(struct record *record, int part);

static inline void write_member(struct record *record, const struct member *member)
{
    const unsigned elements = elements_of(record, member), bytes = member->size * elements;
    if (member->holds == HOLDS_BYTES) {
        add_leaf(record, member, bytes);
        if (member->counts)
            put_number(record, member->size,
                       *number_of(record->plan, record->numbers, member->name));
        for (unsigned i = 0; !member->counts && i < bytes; i++)
            put_byte(record, member->filler ? 0 : 0x80 | choose(&record->values, 128));
        return;
    }
    for (unsigned i = 0; i < elements; i++) {
        if (member->holds == HOLDS_LIST)
            put_byte(record, 1);
        write_part(record, member->part);
    }
    if (member->holds == HOLDS_LIST)
        put_byte(record, 0);
}

/* Whether the writer sends the subsection. */
static inline bool sends(const struct plan *plan, const struct state *state, int subsection)
{
    return !plan->parts[subsection].conditional || state->sends >> subsection & 1;
}

static inline void write_part(struct record *record, int part)
{
    const struct part *of = &record->plan->parts[part];
    for (unsigned i = 0; i < of->member_count; i++)
        if (exists(&of->members[i], of->version, record->state))
            write_member(record, &of->members[i]);
    for (unsigned i = 0; i < of->subsection_count; i++) {
        const struct part *subsection = &record->plan->parts[of->subsections[i]];
        if (!sends(record->plan, record->state, of->subsections[i]))
            continue;
        put_byte(record, 5);
        put_byte(record, (unsigned)strlen(subsection->name));
        for (const char *name = subsection->name; *name; name++)
            put_byte(record, (unsigned char)*name);
        put_number(record, 4, subsection->version);
        write_part(record, of->subsections[i]);
    }
}

static inline void write_record(struct record *record, const struct plan *plan, int part,
                                const struct state *state)
{
    *record = (struct record){.plan = plan, .state = state};
    memcpy(record->numbers, state->numbers, sizeof(record->numbers));
    write_part(record, part);
    record->length = record->at;
}

/* ---- Reading --------------------------------------------------------------------------------------- */

static inline unsigned take_byte(struct record *record)
{
    if (record->at >= record->length) {
        record->refused = true;
        return 0;
    }
    return record->bytes[record->at++];
}

static inline uint64_t take_number(struct record *record, unsigned bytes)
{
    uint64_t value = 0;
    while (bytes--)
        value = value << 8 | take_byte(record);
    return value;
}

static inline void load_part(struct record *record, int part, uint32_t version);

static inline void read_member(struct record *record, const struct member *member)
{
    if (member->holds == HOLDS_LIST) {
        while (!record->refused && take_byte(record))
            load_part(record, member->part, record->plan->parts[member->part].version);
        return;
    }
    const unsigned elements = elements_of(record, member), bytes = member->size * elements;
    for (unsigned i = 0; member->holds == HOLDS_STRUCTURE && i < elements && !record->refused; i++)
        load_part(record, member->part, record->plan->parts[member->part].version);
    if (member->holds != HOLDS_BYTES)
        return;
    if (elements > MOST_BYTES || record->at + bytes > record->length) {
        record->refused = true;
        return;
    }
    add_leaf(record, member, bytes);
    if (member->counts)
        *number_of(record->plan, record->numbers, member->name) =
            (unsigned)take_number(record, member->size);
    else
        record->at += bytes;
}

static inline int find_subsection(const struct plan *plan, const struct part *of, const char *name)
{
    for (unsigned i = 0; i < of->subsection_count; i++)
        if (strcmp(plan->parts[of->subsections[i]].name, name) == 0)
            return of->subsections[i];
    return NONE;
}

/* QEMU migration/vmstate.c, vmstate_subsection_load(). */
static inline void read_subsections(struct record *record, const struct part *of)
{
    while (!record->refused && record->at < record->length && record->bytes[record->at] == 5) {
        const size_t own = strlen(of->name);
        const unsigned begin = record->at + 2;
        const unsigned length = record->at + 1 < record->length ? record->bytes[record->at + 1] : 0;
        char name[256] = "";
        if (length < own + 1 || begin + length > record->length)
            return;
        memcpy(name, record->bytes + begin, length);
        if (strncmp(name, of->name, own) != 0)
            return;
        record->at = begin + length;
        const uint32_t version = (uint32_t)take_number(record, 4);
        const int subsection = find_subsection(record->plan, of, name);
        if (subsection == NONE || version > record->plan->parts[subsection].version ||
            version < record->plan->parts[subsection].minimum)
            record->refused = true;
        else
            load_part(record, subsection, version);
    }
}

static inline void load_part(struct record *record, int part, uint32_t version)
{
    const struct part *of = &record->plan->parts[part];
    for (unsigned i = 0; i < of->member_count && !record->refused; i++)
        if (exists(&of->members[i], version, record->state))
            read_member(record, &of->members[i]);
    read_subsections(record, of);
}

/* What comes of it. */
enum effect {
    EFFECT_NONE,
    EFFECT_UNCLEAR, /* a field has another size, in bytes that are as many */
    EFFECT_MOVED,
    EFFECT_REFUSED,
    EFFECTS
};

static inline enum effect effect_on_leaf(const struct record *written, const struct leaf *leaf)
{
    for (unsigned i = 0; leaf->length && i < written->leaf_count; i++) {
        const struct leaf *each = &written->leaves[i];
        if (each->name != leaf->name || each->occurrence != leaf->occurrence || each->filler)
            continue;
        if (each->length == leaf->length)
            return each->offset == leaf->offset ? EFFECT_NONE : EFFECT_MOVED;
        return EFFECT_UNCLEAR;
    }
    return EFFECT_NONE;
}

/* Reads what was written. Numbers that are not on the wire are those of the state. */
static inline enum effect read_record(const struct record *written, uint32_t version,
                                      const struct plan *plan, int part)
{
    static struct record record;
    enum effect effect = EFFECT_NONE;
    record = *written;
    record.plan = plan;
    record.at = record.leaf_count = 0;
    for (unsigned i = 0; i < plan->part_count; i++)
        for (unsigned k = 0; k < plan->parts[i].member_count; k++)
            if (plan->parts[i].members[k].counts)
                *number_of(plan, record.numbers, plan->parts[i].members[k].name) = 0;
    if (version > plan->parts[part].version || version < plan->parts[part].minimum)
        return EFFECT_REFUSED;
    struct state own = *written->state;
    own.conditions ^= own.other;
    record.state = &own;
    load_part(&record, part, version);
    if (record.refused || record.at != record.length)
        return EFFECT_REFUSED;
    for (unsigned i = 0; i < record.leaf_count; i++) {
        enum effect each =
            record.leaves[i].filler ? EFFECT_NONE : effect_on_leaf(written, &record.leaves[i]);
        effect = each > effect ? each : effect;
    }
    return effect;
}

#endif
