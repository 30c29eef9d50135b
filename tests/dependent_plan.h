/* SPDX-License-Identifier: MIT */
/*
 * Small layouts in which a field decides what follows it: how many elements an array has, whether a field is there, or
 * (a marker) whether a pointer is null. Chooses them, and describes one state of them as vmwire does itself. Must not know
 * how a reader decides.
 */
#ifndef VMWIRE_TESTS_DEPENDENT_PLAN_H
#define VMWIRE_TESTS_DEPENDENT_PLAN_H

#include "brute.h"

enum {
    MOST_PARTS = 6,
    MOST_MEMBERS = 8,
    MOST_SLOTS = 3,
    MOST_VALUES = 6, /* of a field that decides what follows, in the states that are tried */
    NONE = -1,
    NULL_POINTER = 0x30,
    OTHER_POINTER = 0x31,
};

enum holds { HOLDS_BYTES, HOLDS_STRUCTURE, HOLDS_POINTERS };

struct member {
    enum holds holds;
    enum vmwire_field_class class;
    unsigned size;             /* bytes of an element */
    unsigned elements;         /* where no slot counts them */
    int counted_by, exists_if; /* the slot of a field before it; NONE */
    int sets;                  /* the slot that the field's value goes into; NONE */
    int part;                  /* of HOLDS_STRUCTURE */
};

/* A structure: the section's own is the first, those of subsections are the last. */
struct part {
    char name[8];
    struct member members[MOST_MEMBERS];
    unsigned member_count;
    int owner; /* of a subsection; NONE */
};

struct plan {
    struct part parts[MOST_PARTS];
    unsigned part_count, structures; /* all parts, those that are no subsections */
    unsigned slots;
    bool decides;                            /* any field does */
    uint8_t values[MOST_SLOTS][MOST_VALUES]; /* the first one is the stream's */
    unsigned sent[MOST_PARTS]; /* bit 0: in first elements and outside arrays, bit 1: in others */
    bool leading_section, footers;
    unsigned second_section; /* bytes of its field, and one more; 0: there is none */
    uint8_t fill, constant;  /* what the stream has in free bytes and in constants */
};

static inline bool is_subsection(const struct plan *plan, unsigned part)
{
    return part >= plan->structures;
}

/* ---- Choices ----------------------------------------------------------------------------------- */

static inline struct member plain_member(enum vmwire_field_class class, unsigned size)
{
    return (struct member){.holds = HOLDS_BYTES,
                           .class = class,
                           .size = size,
                           .elements = 1,
                           .counted_by = NONE,
                           .exists_if = NONE,
                           .sets = NONE,
                           .part = NONE};
}

/* A header of the names in use has 8 bytes; a section's has 15. */
static inline struct member choose_plain(struct chooser *chooser)
{
    static const struct {
        enum vmwire_field_class class;
        unsigned size;
    } kinds[] = {
        {VMWIRE_FIELD_FREE, 1},  {VMWIRE_FIELD_FREE, 1},     {VMWIRE_FIELD_FREE, 2},
        {VMWIRE_FIELD_FREE, 4},  {VMWIRE_FIELD_FREE, 8},     {VMWIRE_FIELD_FREE, 9},
        {VMWIRE_FIELD_FREE, 12}, {VMWIRE_FIELD_FREE, 18},    {VMWIRE_FIELD_FREE, 26},
        {VMWIRE_FIELD_BOOL, 1},  {VMWIRE_FIELD_ZEROS, 2},    {VMWIRE_FIELD_ZEROS, 6},
        {VMWIRE_FIELD_BOOL, 1},  {VMWIRE_FIELD_CONSTANT, 1}, {VMWIRE_FIELD_CHECKED, 1},
    };
    unsigned kind = choose(chooser, sizeof(kinds) / sizeof(kinds[0]));
    return plain_member(kinds[kind].class, kinds[kind].size);
}

static inline void insert_member(struct part *part, unsigned at, struct member member)
{
    if (part->member_count == MOST_MEMBERS)
        TEST_BROKEN("more than %d fields", MOST_MEMBERS);
    memmove(part->members + at + 1, part->members + at,
            (part->member_count - at) * sizeof(struct member));
    part->members[at] = member;
    part->member_count++;
}

/* Where the structure is embedded; NULL: nowhere. */
static inline const struct member *place_of(const struct plan *plan, unsigned part, unsigned *outer,
                                            unsigned *at)
{
    for (*outer = 0; *outer < plan->part_count; ++*outer)
        for (*at = 0; *at < plan->parts[*outer].member_count; ++*at) {
            const struct member *member = &plan->parts[*outer].members[*at];
            if (member->holds == HOLDS_STRUCTURE && member->part == (int)part)
                return member;
        }
    return NULL;
}

/* Moves a place to one in which the slot of a field there is known, too: behind it, in what embeds the structure once, or in
 * a subsection. */
static inline void choose_later_place(struct plan *plan, struct chooser *chooser, unsigned *part,
                                      unsigned *at)
{
    unsigned outer, place;
    const struct member *embedded = place_of(plan, *part, &outer, &place);
    if (embedded && embedded->elements == 1 && embedded->counted_by == NONE &&
        choose(chooser, 2) == 0) {
        *part = outer;
        *at = place + 1;
    }
    for (unsigned i = plan->structures; i < plan->part_count; i++)
        if (plan->parts[i].owner == (int)*part && choose(chooser, 3) == 0) {
            *part = i;
            *at = 0;
            break;
        }
    *at += choose(chooser, plan->parts[*part].member_count - *at + 1);
}

/* A field, and what depends on it. */
static inline void choose_dependence(struct plan *plan, struct chooser *chooser)
{
    static const uint8_t values[] = {0, 1, 2, 3, 5, 2, 0x62, 0x05};
    unsigned part = choose(chooser, plan->part_count);
    unsigned at = choose(chooser, plan->parts[part].member_count + 1);
    int slot = (int)plan->slots++;
    for (unsigned i = 0; i < MOST_VALUES; i++)
        plan->values[slot][i] = values[choose(chooser, i ? 8 : 4)];
    struct member decides = plain_member(VMWIRE_FIELD_CHECKED, choose(chooser, 4) ? 1 : 4);
    decides.sets = slot;
    insert_member(&plan->parts[part], at++, decides);
    for (unsigned uses = 1 + choose(chooser, 2); uses; uses--) {
        unsigned in = part, behind = at;
        choose_later_place(plan, chooser, &in, &behind);
        struct part *user = &plan->parts[in];
        struct member *old = behind < user->member_count ? &user->members[behind] : NULL;
        struct member used = choose_plain(chooser);
        bool structure = old && old->holds == HOLDS_STRUCTURE && old->counted_by == NONE &&
                         old->exists_if == NONE && choose(chooser, 2);
        if (structure)
            used = *old;
        if (choose(chooser, 4))
            used.counted_by = slot;
        else
            used.exists_if = slot;
        if (structure)
            *old = used;
        else if (user->member_count < MOST_MEMBERS)
            insert_member(user, behind, used);
    }
}

/* Pointers, each with a marker, of which a state may change each. */
static inline void choose_pointers(struct plan *plan, struct chooser *chooser)
{
    struct part *part = &plan->parts[choose(chooser, plan->part_count)];
    struct member pointers = plain_member(VMWIRE_FIELD_FREE, 1 + choose(chooser, 3));
    pointers.holds = HOLDS_POINTERS;
    pointers.elements = 1 + choose(chooser, 2);
    insert_member(part, choose(chooser, part->member_count + 1), pointers);
}

static inline void choose_parts(struct plan *plan, struct chooser *chooser)
{
    static const char *const names[] = {"a", "b", "c"};
    plan->structures = 1 + (choose(chooser, 8) ? 1 + choose(chooser, 2) : 0);
    plan->part_count = plan->structures + choose(chooser, 3);
    for (unsigned i = 0; i < plan->part_count; i++) {
        struct part *part = &plan->parts[i];
        part->owner = NONE;
        for (unsigned count = choose(chooser, 3); count; count--)
            insert_member(part, part->member_count, choose_plain(chooser));
        if (!is_subsection(plan, i)) {
            snprintf(part->name, sizeof(part->name), "%s", names[i]);
            continue;
        }
        part->owner = (int)choose(chooser, plan->structures);
        const char *of = choose(chooser, 6) ? names[part->owner] : "";
        snprintf(part->name, sizeof(part->name), "%s%c", of, 'x' + (char)(i - plan->structures));
        plan->sent[i] = choose(chooser, 4);
    }
    for (unsigned i = 1; i < plan->structures; i++) {
        struct part *outer = &plan->parts[choose(chooser, i)];
        struct member embedded = plain_member(VMWIRE_FIELD_RECORD, 0);
        embedded.holds = HOLDS_STRUCTURE;
        embedded.part = (int)i;
        embedded.elements = 1 + (choose(chooser, 4) == 0);
        insert_member(outer, choose(chooser, outer->member_count + 1), embedded);
    }
}

static inline struct plan choose_plan(struct chooser *chooser)
{
    static const unsigned second_fields[] = {0, 0, 1, 2, 7, 21, 31, 11};
    static const uint8_t constants[] = {0x05, 0x00, 0x62};
    struct plan plan = {.slots = 0};
    choose_parts(&plan, chooser);
    bool pointers = choose(chooser, 6) == 0;
    for (unsigned count = choose(chooser, 8) ? 1 + (choose(chooser, 3) == 0) : 0;
         count && !pointers; count--)
        choose_dependence(&plan, chooser);
    if (pointers)
        choose_pointers(&plan, chooser);
    plan.decides = plan.slots || pointers;
    plan.leading_section = choose(chooser, 2);
    plan.footers = choose(chooser, 2);
    plan.second_section = second_fields[choose(chooser, 8)];
    plan.fill = choose(chooser, 8) ? 0x00 : 0x05;
    plan.constant = constants[choose(chooser, 3)];
    return plan;
}

/* How the reader's release differs from the writer's. */
enum difference { NO_DIFFERENCE, ONE_MORE_SUBSECTION, ONE_FEWER_SUBSECTION, DIFFERENCES };

/* The plan of a reader that knows a subsection more, or one fewer of those that are never sent. */
static inline struct plan choose_reader(const struct plan *plan, struct chooser *chooser,
                                        enum difference difference)
{
    struct plan reader = *plan;
    if (difference == ONE_FEWER_SUBSECTION && reader.part_count > reader.structures &&
        !reader.sent[reader.part_count - 1])
        reader.part_count--;
    if (difference != ONE_MORE_SUBSECTION)
        return reader;
    struct part *part = &reader.parts[reader.part_count++];
    part->owner = (int)choose(chooser, reader.structures);
    snprintf(part->name, sizeof(part->name), "%sz", plan->parts[part->owner].name);
    insert_member(part, 0, choose_plain(chooser));
    if (choose(chooser, 2)) {
        struct member decides = plain_member(VMWIRE_FIELD_CHECKED, 1), used = choose_plain(chooser);
        decides.sets = used.counted_by = (int)reader.slots++;
        for (unsigned i = 0; i < MOST_VALUES; i++)
            reader.values[decides.sets][i] = (uint8_t)(2 + i);
        insert_member(part, choose(chooser, 2), decides);
        insert_member(part, 2, used);
    }
    return reader;
}

#endif
