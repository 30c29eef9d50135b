/* SPDX-License-Identifier: MIT */
/*
 * Reads a state as QEMU does, also a field that decides what follows: from whatever bytes the reader is at. A byte has a set
 * of values; where the reader's way depends on it, the set is split, and each part is another reading. So one state stands
 * for all values of its fields. It shares nothing with the library's readers.
 */
#ifndef VMWIRE_TESTS_DEPENDENT_READING_H
#define VMWIRE_TESTS_DEPENDENT_READING_H

#include "dependent_state.h"

enum { MOST_ITEMS = 16, GREAT = 0xffff };

enum result { READS, ACCEPTED, REFUSED, NOT_MODELLED };

enum footers { FOOTERS_NOT_KNOWN, FOOTERS_THERE, NO_FOOTERS };

struct reading {
    const struct plan *plan;
    const struct vmwire_option *option;
    struct picks *picks;
    struct values can[MOST_BYTES];
    unsigned length, at;
    uint64_t slots[MOST_SLOTS];
    struct event events[MOST_EVENTS];
    unsigned event_count;
    uint64_t tree;
    enum result result;
    enum footers footers;
    bool
        writes; /* reads what a second writer may have written: any choice at a tail, and only values of a state */
    uint64_t sections; /* a digest of where the sections end */
    unsigned section;  /* the number of the last one that a second writer sends */
};

/* ---- Bytes -------------------------------------------------------------------------------------- */

static inline bool stops(struct reading *reading, enum result result)
{
    if (reading->result == READS)
        reading->result = result;
    return false;
}

static inline struct values both(const struct values *a, const struct values *b, bool not_b)
{
    struct values values;
    for (unsigned i = 0; i < 4; i++)
        values.bits[i] = a->bits[i] & (not_b ? ~b->bits[i] : b->bits[i]);
    return values;
}

/* Whether the byte has one of the values. */
static inline bool is_one_of(struct reading *reading, unsigned at, struct values asked)
{
    struct values yes = both(&reading->can[at], &asked, false);
    struct values no = both(&reading->can[at], &asked, true);
    if (is_empty(&yes) || is_empty(&no))
        return is_empty(&no);
    bool chosen = pick(reading->picks, 2) == 0;
    reading->can[at] = chosen ? yes : no;
    return chosen;
}

static inline bool is_value(struct reading *reading, unsigned at, unsigned value)
{
    return is_one_of(reading, at, one_value((uint8_t)value));
}

static inline void set_value(struct reading *reading, unsigned at, unsigned value)
{
    reading->can[at] = one_value((uint8_t)value);
}

/* The byte's value: one of the first `few`, or else the greatest that it can have. */
static inline unsigned value_of(struct reading *reading, unsigned at, unsigned few)
{
    for (unsigned value = 0; value < few; value++)
        if (is_value(reading, at, value))
            return value;
    unsigned value = greatest_value(&reading->can[at]);
    set_value(reading, at, value);
    return value;
}

static inline bool has_bytes(struct reading *reading, uint64_t count)
{
    return count <= reading->length - reading->at || stops(reading, REFUSED);
}

/* A number of a field that decides what follows. */
static inline bool read_number(struct reading *reading, unsigned size, uint64_t *number)
{
    enum { FEW = 12 };
    if (!has_bytes(reading, size))
        return false;
    *number = 0;
    for (unsigned i = 0; i + 1 < size; i++)
        if (!is_value(reading, reading->at + i, 0))
            *number = GREAT;
    if (*number == 0)
        *number = value_of(reading, reading->at + size - 1, FEW);
    reading->at += size;
    return true;
}

static inline bool expect_be32(struct reading *reading, uint32_t value)
{
    if (!has_bytes(reading, 4))
        return false;
    for (unsigned i = 0; i < 4; i++)
        if (!is_value(reading, reading->at + i, value >> (24 - 8 * i) & UINT8_MAX))
            return stops(reading, REFUSED);
    reading->at += 4;
    return true;
}

/* Whether the `length` bytes are this name, as C strings. */
static inline bool is_name(struct reading *reading, unsigned at, unsigned length, const char *name)
{
    unsigned ends = (unsigned)strlen(name);
    if (length < ends)
        return false;
    for (unsigned i = 0; i < ends; i++)
        if (!is_value(reading, at + i, (unsigned char)name[i]))
            return false;
    return length == ends || is_value(reading, at + ends, 0);
}

/* The length byte and the place of a str8. */
static inline bool read_str8(struct reading *reading, unsigned *length, unsigned *text)
{
    enum { LONGEST_NAME = 5 };
    if (!has_bytes(reading, 1))
        return false;
    *length = value_of(reading, reading->at, LONGEST_NAME);
    reading->at++;
    *text = reading->at;
    if (!has_bytes(reading, *length))
        return false;
    reading->at += *length;
    return true;
}

/* ---- Records ------------------------------------------------------------------------------------ */

static inline bool add_event(struct reading *reading, unsigned at, unsigned part,
                             enum decision decision)
{
    if (reading->event_count == MOST_EVENTS)
        return stops(reading, NOT_MODELLED);
    reading->events[reading->event_count++] = (struct event){at, part, 0, decision};
    return true;
}

static inline bool declares_any(const struct reading *reading, unsigned part)
{
    for (unsigned i = reading->plan->structures; i < reading->plan->part_count; i++)
        if (reading->plan->parts[i].owner == (int)part)
            return true;
    return false;
}

static inline enum decision look_further(struct reading *reading, unsigned part)
{
    const char *owner = name_of_part(reading->plan, part);
    unsigned own = (unsigned)strlen(owner), left = reading->length - reading->at;
    if (left < 2)
        return REFUSES;
    if (is_one_of(reading, reading->at + 1, values_up_to(own)))
        return ENDS;
    if (left - 2 < UINT8_MAX && !is_one_of(reading, reading->at + 1, values_up_to(left - 2)))
        return REFUSES;
    for (unsigned i = 0; i < own; i++)
        if (!is_value(reading, reading->at + 2 + i, (unsigned char)owner[i]))
            return ENDS;
    return TAKES;
}

static inline enum decision decide_at_tail(struct reading *reading, unsigned part)
{
    const enum vmwire_tail_look look = reading->option->look;
    bool declared =
        look == VMWIRE_LOOK_IF_DECLARED || look == VMWIRE_LOOK_IF_DECLARED_AND_PLAUSIBLE;
    bool plausible =
        look == VMWIRE_LOOK_IF_PLAUSIBLE || look == VMWIRE_LOOK_IF_DECLARED_AND_PLAUSIBLE;
    if (reading->at == reading->length)
        return look == VMWIRE_LOOK_IF_PLAUSIBLE ? REFUSES : ENDS;
    if (!is_value(reading, reading->at, MARKER) || (declared && !declares_any(reading, part)))
        return ENDS;
    return plausible ? look_further(reading, part) : TAKES;
}

/* A second writer takes the subsections in their order, each once: it can begin the next one here, or end. */
static inline enum decision choose_at_tail(struct reading *reading, unsigned part, unsigned *next)
{
    const struct plan *plan = reading->plan;
    for (unsigned i = *next; i < plan->part_count; i++) {
        const char *name = plan->parts[i].name;
        unsigned length = (unsigned)strlen(name), at = reading->at;
        if (plan->parts[i].owner != (int)part || reading->length - at < 6 + length)
            continue;
        bool header =
            is_value(reading, at, MARKER) && is_value(reading, at + 1, length) &&
            is_name(reading, at + 2, length, name) && is_value(reading, at + 2 + length, 0) &&
            is_value(reading, at + 3 + length, 0) && is_value(reading, at + 4 + length, 0) &&
            is_value(reading, at + 5 + length, 1);
        if (header && pick(reading->picks, 2) == 0) {
            *next = i + 1;
            return TAKES;
        }
    }
    return ENDS;
}

static inline bool read_part(struct reading *reading, unsigned part);

static inline bool read_sentinel(struct reading *reading)
{
    if (!reading->option->sentinel)
        return true;
    if (!has_bytes(reading, 1))
        return false;
    if (!is_value(reading, reading->at, 0))
        return stops(reading, REFUSED);
    reading->at++;
    return true;
}

static inline bool read_subsection(struct reading *reading, unsigned owner)
{
    unsigned length, text;
    reading->at++;
    if (!read_str8(reading, &length, &text))
        return false;
    for (unsigned i = reading->plan->structures; i < reading->plan->part_count; i++) {
        if (reading->plan->parts[i].owner != (int)owner ||
            !is_name(reading, text, length, reading->plan->parts[i].name))
            continue;
        /* QEMU keeps the version in one byte. */
        if (!has_bytes(reading, 4))
            return false;
        if (!is_value(reading, reading->at + 3, 1))
            return stops(reading, REFUSED);
        reading->at += 4;
        return read_part(reading, i) && read_sentinel(reading);
    }
    return stops(reading, REFUSED);
}

static inline bool read_tail(struct reading *reading, unsigned part)
{
    unsigned next = reading->plan->structures;
    for (;;) {
        enum decision decision =
            reading->writes ? choose_at_tail(reading, part, &next) : decide_at_tail(reading, part);
        if (!add_event(reading, reading->at, part, decision))
            return false;
        if (decision == REFUSES)
            return stops(reading, REFUSED);
        if (decision == ENDS)
            break;
        if (!read_subsection(reading, part))
            return false;
    }
    reading->tree = digest(digest(reading->tree, 100 + part), reading->at);
    return true;
}

static inline bool read_pointer(struct reading *reading, const struct member *member)
{
    if (!has_bytes(reading, 1))
        return false;
    unsigned at = reading->at++;
    if (is_value(reading, at, NULL_POINTER))
        return true;
    if (!is_value(reading, at, OTHER_POINTER))
        return stops(reading, REFUSED);
    if (!has_bytes(reading, member->size))
        return false;
    reading->at += member->size;
    return true;
}

/* A second writer has only values that a state can have. */
static inline bool has_values_of_a_state(struct reading *reading, const struct member *member)
{
    struct values can = any_value();
    if (member->class == VMWIRE_FIELD_BOOL)
        can = values_up_to(1);
    else if (member->class == VMWIRE_FIELD_CHECKED)
        can = values_up_to(MARKER);
    else if (member->class != VMWIRE_FIELD_FREE)
        can = one_value(member->class == VMWIRE_FIELD_CONSTANT ? reading->plan->constant : 0);
    for (unsigned i = 0; i < member->size; i++)
        if (!is_one_of(reading, reading->at + i, can))
            return false;
    return true;
}

static inline bool read_element(struct reading *reading, const struct member *member)
{
    if (member->holds == HOLDS_STRUCTURE)
        return read_part(reading, (unsigned)member->part) && read_sentinel(reading);
    if (member->holds == HOLDS_POINTERS)
        return read_pointer(reading, member);
    if (member->sets != NONE)
        return read_number(reading, member->size, &reading->slots[member->sets]);
    if (!has_bytes(reading, member->size))
        return false;
    if (reading->writes && !has_values_of_a_state(reading, member))
        return stops(reading, NOT_MODELLED);
    reading->at += member->size;
    return true;
}

static inline bool read_part(struct reading *reading, unsigned part)
{
    for (unsigned i = 0; i < reading->plan->parts[part].member_count; i++) {
        const struct member *member = &reading->plan->parts[part].members[i];
        uint64_t count =
            member->counted_by != NONE ? reading->slots[member->counted_by] : member->elements;
        if (member->exists_if != NONE && !reading->slots[member->exists_if])
            count = 0;
        for (uint64_t k = 0; k < count; k++) {
            /* so many structures without bytes are as many as the stream is long, but that is for the reader to know */
            if (k > MOST_BYTES)
                return stops(reading, NOT_MODELLED);
            if (!read_element(reading, member))
                return false;
            reading->tree = digest(digest(reading->tree, i), reading->at);
        }
    }
    return read_tail(reading, part);
}

/* ---- Sections ----------------------------------------------------------------------------------- */

static inline bool read_second(struct reading *reading)
{
    unsigned with = reading->plan->second_section, size = with ? with - 1 : 0;
    if (!has_bytes(reading, size))
        return false;
    reading->at += size;
    return read_tail(reading, PART_SECOND);
}

/* Whether the footer's byte is that of the section's header. */
static inline bool is_same_byte(struct reading *reading, unsigned header, unsigned at)
{
    struct values shared = both(&reading->can[header], &reading->can[at], false);
    if (is_empty(&shared))
        return false;
    if (!has_one_value(&reading->can[header]))
        set_value(reading, header,
                  has_one_value(&reading->can[at]) && pick(reading->picks, 2)
                      ? least_value(&reading->can[header])
                      : least_value(&shared));
    return is_one_of(reading, at, reading->can[header]);
}

static inline bool read_footer(struct reading *reading, unsigned section_id)
{
    bool there = reading->at < reading->length && reading->footers != NO_FOOTERS &&
                 is_value(reading, reading->at, FOOTER);
    if (!there && reading->footers == FOOTERS_THERE)
        return stops(reading, REFUSED);
    reading->footers = there ? FOOTERS_THERE : NO_FOOTERS;
    if (!there)
        return true;
    reading->at++;
    if (!has_bytes(reading, 4))
        return false;
    for (unsigned i = 0; i < 4; i++)
        if (!is_same_byte(reading, section_id + i, reading->at + i))
            return stops(reading, REFUSED);
    reading->at += 4;
    return true;
}

/* The instance: 0, or that which only the schema has. */
static inline bool read_instance(struct reading *reading, bool has_second)
{
    if (!has_bytes(reading, 4))
        return false;
    for (unsigned i = 0; i < 3; i++)
        if (!is_value(reading, reading->at + i, 0))
            return stops(reading, REFUSED);
    bool known = is_value(reading, reading->at + 3, 0) ||
                 (has_second && is_value(reading, reading->at + 3, SECOND_INSTANCE));
    reading->at += 4;
    return known || stops(reading, REFUSED);
}

/* A second writer sends the same sections: this one is the next, with its number. */
static inline bool is_same_section(struct reading *reading, unsigned section_id, unsigned number)
{
    for (unsigned i = 0; i < 4; i++)
        if (!is_value(reading, section_id + i, i < 3 ? 0 : number))
            return false;
    return number == ++reading->section || (!reading->plan->leading_section &&
                                            reading->section == 1 && number == ++reading->section);
}

static inline bool read_section(struct reading *reading)
{
    unsigned section_id = ++reading->at, length, text;
    if (!has_bytes(reading, 4))
        return false;
    reading->at += 4;
    if (!read_str8(reading, &length, &text))
        return false;
    bool first = is_name(reading, text, length, "a");
    bool leading = !first && is_name(reading, text, length, "q");
    if (!first && !leading && !is_name(reading, text, length, "d"))
        return stops(reading, REFUSED);
    const unsigned number = first ? 2 : leading ? 1 : 3;
    if (reading->writes && !is_same_section(reading, section_id, number))
        return stops(reading, NOT_MODELLED);
    if (!read_instance(reading, first) || !expect_be32(reading, 1))
        return false;
    bool read = first     ? read_part(reading, 0)
                : leading ? read_tail(reading, PART_LEADING)
                          : read_second(reading);
    if (!read)
        return false;
    if (!read_footer(reading, section_id))
        return false;
    reading->tree = digest(digest(reading->tree, 200 + number), reading->at);
    reading->sections = digest(reading->sections, reading->at);
    return true;
}

/* Items other than full sections are not read: a byte that begins one ends the reading. */
static inline void read_stream(struct reading *reading)
{
    enum { LAST_KIND = VMWIRE_QEMU_VM_COMMAND };
    reading->at = 8;
    for (unsigned items = 0; reading->result == READS; items++) {
        if (!has_bytes(reading, 1))
            return;
        if (is_value(reading, reading->at, VMWIRE_QEMU_VM_EOF)) {
            reading->at++;
            reading->result = ACCEPTED;
        } else if (items == MOST_ITEMS) {
            stops(reading, NOT_MODELLED);
        } else if (!is_value(reading, reading->at, VMWIRE_QEMU_VM_SECTION_FULL)) {
            bool other = is_one_of(reading, reading->at, values_up_to(LAST_KIND)) &&
                         !is_value(reading, reading->at, MARKER);
            stops(reading, other ? NOT_MODELLED : REFUSED);
        } else {
            read_section(reading);
        }
    }
}

/* `plan`: what the reader's release knows. */
static inline void begin_reading(struct reading *reading, const struct plan *plan,
                                 const struct state *state, const struct vmwire_option *option,
                                 struct picks *picks)
{
    *reading = (struct reading){.plan = plan, .option = option, .picks = picks};
    memcpy(reading->can, state->can, state->length * sizeof(state->can[0]));
    reading->length = state->length;
    picks->at = 0;
}

/* ---- What became of the state ------------------------------------------------------------------- */

static inline enum vmwire_outcome outcome_of(const struct reading *reading,
                                             const struct state *state)
{
    if (reading->result == REFUSED)
        return VMWIRE_OUTCOME_REJECT;
    if (reading->at < reading->length)
        return VMWIRE_OUTCOME_TRUNCATED;
    return reading->tree == state->tree ? VMWIRE_OUTCOME_EXACT : VMWIRE_OUTCOME_CORRUPT;
}

/* The first decision that is not as it was written; the number of them where there is none. */
static inline unsigned first_wrong_decision(const struct reading *reading,
                                            const struct state *state)
{
    unsigned i = 0;
    for (; i < reading->event_count && i < state->event_count; i++) {
        const struct event *read = &reading->events[i], *written = &state->events[i];
        if (read->offset != written->offset || read->part != written->part ||
            read->decision != written->decision)
            break;
    }
    return i == reading->event_count ? state->event_count : i;
}

#endif
