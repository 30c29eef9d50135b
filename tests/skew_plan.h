/* SPDX-License-Identifier: MIT */
/*
 * Small layouts of two releases for test_skew.c: a plan is chosen at random, and edited to make the other release's. Knows
 * nothing of bytes.
 */
#ifndef VMWIRE_TESTS_SKEW_PLAN_H
#define VMWIRE_TESTS_SKEW_PLAN_H

#include "brute.h"

enum {
    MOST_MEMBERS = 10,
    MOST_PARTS = 14,
    MOST_SUBSECTIONS = 3,
    MOST_SECTIONS = 3,
    MOST_CONDITIONS = 3,
    MOST_NUMBERS = 3, /* that count elements */
    NONE = -1,
};

enum holds { HOLDS_BYTES, HOLDS_STRUCTURE, HOLDS_LIST };

/* A field. Both releases have the same one where they have the same name, unless the field was edited. */
struct member {
    unsigned name;
    enum holds holds;
    bool filler;
    unsigned size;  /* HOLDS_BYTES: bytes of an element */
    int part;       /* of others: the structure of an element */
    unsigned count; /* elements, where nothing counts them */
    int counted_by; /* the name of the field that does, or of a number that is not on the wire; NONE */
    bool counts;    /* others are counted by it */
    unsigned since;     /* the first version that has it */
    unsigned condition; /* the function that decides whether it is there, from 1; 0: none */
};

/* A structure. */
struct part {
    char name[24];
    unsigned version, minimum;
    bool subsection, conditional;
    struct member members[MOST_MEMBERS];
    unsigned member_count;
    int subsections[MOST_SUBSECTIONS];
    unsigned subsection_count;
};

struct plan {
    struct part parts[MOST_PARTS];
    unsigned part_count;
    struct section {
        char idstr[8];
        int part;
    } sections[MOST_SECTIONS];
    unsigned section_count;
    unsigned next_name, next_condition;
    unsigned numbers[MOST_NUMBERS]; /* names of what counts */
    unsigned number_count;
};

/* ---- Places ---------------------------------------------------------------------------------------- */

static inline bool insert_member(struct part *part, unsigned at, struct member member)
{
    if (part->member_count == MOST_MEMBERS)
        return false;
    memmove(&part->members[at + 1], &part->members[at],
            (part->member_count - at) * sizeof(struct member));
    part->members[at] = member;
    part->member_count++;
    return true;
}

static inline void remove_member(struct part *part, unsigned at)
{
    part->member_count--;
    memmove(&part->members[at], &part->members[at + 1],
            (part->member_count - at) * sizeof(struct member));
}

/* Whether elements can have no bytes: no description has them. */
static inline bool can_be_empty(const struct plan *plan, int part)
{
    for (unsigned i = 0; i < plan->parts[part].member_count; i++) {
        const struct member *member = &plan->parts[part].members[i];
        if (member->since <= 1 && !member->condition && member->counted_by == NONE &&
            (member->holds != HOLDS_STRUCTURE || !can_be_empty(plan, member->part)))
            return false;
    }
    return true;
}

static inline bool is_sound(const struct plan *plan)
{
    for (unsigned i = 0; i < plan->part_count; i++)
        for (unsigned k = 0; k < plan->parts[i].member_count; k++) {
            const struct member *member = &plan->parts[i].members[k];
            if (member->holds != HOLDS_BYTES && can_be_empty(plan, member->part))
                return false;
        }
    return true;
}

/* Marks all parts that a section has. */
static inline void mark_parts(const struct plan *plan, int part, bool *marks)
{
    const struct part *of = &plan->parts[part];
    marks[part] = true;
    for (unsigned i = 0; i < of->member_count; i++)
        if (of->members[i].holds != HOLDS_BYTES)
            mark_parts(plan, of->members[i].part, marks);
    for (unsigned i = 0; i < of->subsection_count; i++)
        mark_parts(plan, of->subsections[i], marks);
}

/* ---- Choosing -------------------------------------------------------------------------------------- */

static inline int add_part(struct plan *plan, const char *name)
{
    struct part *part = &plan->parts[plan->part_count];
    *part = (struct part){.version = 1, .minimum = 1};
    /* The name can be one of the plan's own. */
    memmove(part->name, name, strnlen(name, sizeof(part->name) - 1));
    return (int)plan->part_count++;
}

static inline struct member plain_member(struct plan *plan, struct chooser *chooser)
{
    static const unsigned sizes[] = {1, 1, 2, 2, 4, 4, 8, 3};
    return (struct member){.name = plan->next_name++,
                           .size = sizes[choose(chooser, 8)],
                           .count = choose(chooser, 6) ? 1 : 2 + choose(chooser, 2),
                           .filler = choose(chooser, 8) == 0,
                           .part = NONE,
                           .counted_by = NONE};
}

static inline void add_plain(struct plan *plan, struct chooser *chooser, int part, unsigned count)
{
    struct part *of = &plan->parts[part];
    for (; count; count--)
        insert_member(of, choose(chooser, of->member_count + 1), plain_member(plan, chooser));
}

/* A structure, an array of it, or a list of it. */
static inline bool add_structure(struct plan *plan, struct chooser *chooser)
{
    unsigned outer = choose(chooser, plan->part_count);
    char name[24];
    struct part *of = &plan->parts[outer];
    if (plan->part_count == MOST_PARTS || of->member_count == MOST_MEMBERS)
        return false;
    snprintf(name, sizeof(name), "i%u", plan->next_name);
    struct member member = {.name = plan->next_name++,
                            .holds = choose(chooser, 6) ? HOLDS_STRUCTURE : HOLDS_LIST,
                            .part = add_part(plan, name),
                            .counted_by = NONE,
                            .count = choose(chooser, 3) ? 1 : 2};
    add_plain(plan, chooser, member.part, 1 + choose(chooser, 3));
    return insert_member(of, choose(chooser, of->member_count + 1), member);
}

static inline bool add_subsection(struct plan *plan, struct chooser *chooser)
{
    struct part *of = &plan->parts[choose(chooser, plan->part_count)];
    char name[24];
    if (plan->part_count == MOST_PARTS || of->subsection_count == MOST_SUBSECTIONS ||
        strlen(of->name) > 10)
        return false;
    snprintf(name, sizeof(name), "%s/s%u", of->name, plan->next_name++);
    int part = add_part(plan, name);
    plan->parts[part].subsection = true;
    plan->parts[part].conditional = choose(chooser, 5) > 0;
    add_plain(plan, chooser, part, 1 + choose(chooser, 2));
    of->subsections[of->subsection_count++] = part;
    return true;
}

/* An array that a number counts: of a field before it, or one that is not on the wire. */
static inline bool add_counted(struct plan *plan, struct chooser *chooser)
{
    struct part *of = &plan->parts[choose(chooser, plan->part_count)];
    if (plan->number_count == MOST_NUMBERS || of->member_count + 2 > MOST_MEMBERS)
        return false;
    unsigned at = choose(chooser, of->member_count + 1), number = plan->next_name++;
    plan->numbers[plan->number_count++] = number;
    if (choose(chooser, 3))
        insert_member(of, at++,
                      (struct member){.name = number,
                                      .size = choose(chooser, 2) ? 1 : 4,
                                      .count = 1,
                                      .part = NONE,
                                      .counted_by = NONE,
                                      .counts = true});
    struct member array = plain_member(plan, chooser);
    char name[24];
    snprintf(name, sizeof(name), "i%u", array.name);
    array.filler = false;
    array.count = 1;
    array.counted_by = (int)number;
    if (plan->part_count < MOST_PARTS && choose(chooser, 2)) {
        array.holds = HOLDS_STRUCTURE;
        array.part = add_part(plan, name);
        add_plain(plan, chooser, array.part, 1 + choose(chooser, 2));
    }
    return insert_member(of, at + choose(chooser, of->member_count - at + 1), array);
}

/* Makes a field of a later version, or of a condition. */
static inline bool make_conditional(struct plan *plan, struct chooser *chooser)
{
    struct part *of = &plan->parts[choose(chooser, plan->part_count)];
    if (!of->member_count)
        return false;
    struct member *member = &of->members[choose(chooser, of->member_count)];
    if (member->counts || member->since || member->condition)
        return false;
    if (choose(chooser, 2) && plan->next_condition <= MOST_CONDITIONS)
        member->condition = choose(chooser, 3) && plan->next_condition > 1
                                ? 1 + choose(chooser, plan->next_condition - 1)
                                : plan->next_condition++;
    else
        member->since = 1 + choose(chooser, of->version);
    return true;
}

static inline bool add_section(struct plan *plan, struct chooser *chooser)
{
    struct section *section = &plan->sections[plan->section_count];
    if (plan->part_count == MOST_PARTS || plan->section_count == MOST_SECTIONS)
        return false;
    snprintf(section->idstr, sizeof(section->idstr), "d%u", plan->next_name++);
    section->part = add_part(plan, section->idstr);
    plan->section_count++;
    add_plain(plan, chooser, section->part, 2 + choose(chooser, 4));
    return true;
}

static inline struct plan choose_plan(struct chooser *chooser)
{
    struct plan plan = {.next_name = 1, .next_condition = 1};
    add_section(&plan, chooser);
    for (unsigned i = choose(chooser, 4); i; i--)
        add_structure(&plan, chooser);
    for (unsigned i = choose(chooser, 4); i; i--)
        add_subsection(&plan, chooser);
    for (unsigned i = 0; i < plan.part_count; i++) {
        plan.parts[i].version = 1 + choose(chooser, 3);
        plan.parts[i].minimum = 1 + choose(chooser, plan.parts[i].version);
    }
    for (unsigned i = choose(chooser, 3); i; i--)
        add_counted(&plan, chooser);
    for (unsigned i = choose(chooser, 3); i; i--)
        make_conditional(&plan, chooser);
    if (choose(chooser, 4) == 0)
        add_section(&plan, chooser);
    return plan;
}

/* ---- Edits ----------------------------------------------------------------------------------------- */

/* Puts members into a structure of their own, or those of a structure in its place. */
static inline bool edit_nesting(struct plan *plan, struct chooser *chooser, struct part *of,
                                unsigned at)
{
    struct member was = of->members[at];
    char name[24];
    if (was.holds == HOLDS_STRUCTURE) {
        const struct part inner = plan->parts[was.part];
        if (was.count != 1 || was.counted_by != NONE || was.condition || was.since ||
            inner.subsection_count || of->member_count + inner.member_count > MOST_MEMBERS)
            return false;
        remove_member(of, at);
        for (unsigned i = 0; i < inner.member_count; i++)
            insert_member(of, at + i, inner.members[i]);
        return true;
    }
    if (plan->part_count == MOST_PARTS)
        return false;
    snprintf(name, sizeof(name), "i%u", plan->next_name);
    struct member outer = {.name = plan->next_name++,
                           .holds = HOLDS_STRUCTURE,
                           .count = 1,
                           .counted_by = NONE,
                           .part = add_part(plan, name)};
    for (unsigned run = 1 + choose(chooser, 2); run && at < of->member_count; run--) {
        if (of->members[at].counts || of->members[at].counted_by != NONE || of->members[at].since)
            break;
        insert_member(&plan->parts[outer.part], plan->parts[outer.part].member_count,
                      of->members[at]);
        remove_member(of, at);
    }
    return plan->parts[outer.part].member_count && insert_member(of, at, outer);
}

/* Splits a member, or merges two. */
static inline bool edit_split(struct plan *plan, struct chooser *chooser, struct part *of,
                              unsigned at)
{
    struct member *member = &of->members[at];
    if (member->holds != HOLDS_BYTES || member->counts || member->counted_by != NONE ||
        member->count != 1 || member->since || member->condition)
        return false;
    if (choose(chooser, 2) && member->size > 1) {
        struct member half = *member;
        half.name = plan->next_name++;
        half.size = 1 + choose(chooser, member->size - 1);
        member->name = plan->next_name++;
        member->size -= half.size;
        return insert_member(of, at, half);
    }
    struct member *next = member + 1;
    if (at + 1 >= of->member_count || next->holds != HOLDS_BYTES || next->counts ||
        next->counted_by != NONE || next->count != 1 || next->since || next->condition)
        return false;
    member->size += next->size;
    member->name = plan->next_name++;
    remove_member(of, at + 1);
    return true;
}

static inline unsigned fixed_size(const struct plan *plan, const struct member *member)
{
    unsigned size = 0;
    if (member->holds == HOLDS_BYTES)
        return member->size * member->count;
    for (unsigned i = 0; i < plan->parts[member->part].member_count; i++)
        size += fixed_size(plan, &plan->parts[member->part].members[i]);
    return size * member->count;
}

/* Whether a member has the same bytes in every state. */
static inline bool is_steady(const struct plan *plan, const struct member *member)
{
    if (member->holds == HOLDS_LIST || member->counted_by != NONE || member->condition ||
        member->since || member->counts)
        return false;
    const struct part *inner = member->holds == HOLDS_STRUCTURE ? &plan->parts[member->part] : NULL;
    for (unsigned i = 0; inner && i < inner->member_count; i++)
        if (!is_steady(plan, &inner->members[i]))
            return false;
    return !inner || !inner->subsection_count;
}

static inline bool edit_member(struct plan *plan, struct chooser *chooser, struct part *of)
{
    if (!of->member_count)
        return false;
    unsigned at = choose(chooser, of->member_count), to = choose(chooser, of->member_count);
    struct member *member = &of->members[at], was = *member;
    switch (choose(chooser, 12)) {
    case 0:
        if (was.counts)
            return false;
        remove_member(of, at);
        return true;
    case 1:
        return insert_member(of, at, plain_member(plan, chooser));
    case 2: /* another name */
        if (was.counts)
            return false;
        member->name = plan->next_name++;
        return true;
    case 3: /* another size */
        if (was.counts || was.holds != HOLDS_BYTES)
            return false;
        member->size = was.size == 1 ? 2 : was.size / 2;
        return true;
    case 4: /* another place */
        if (was.counts || was.counted_by != NONE || at == to)
            return false;
        remove_member(of, at);
        return insert_member(of, to, was);
    case 5: /* two change places */
        if (was.counts || was.counted_by != NONE || of->members[to].counts ||
            of->members[to].counted_by != NONE || at == to)
            return false;
        *member = of->members[to];
        of->members[to] = was;
        return true;
    case 6:
    case 7:
        return edit_split(plan, chooser, of, at);
    case 8: /* unused bytes, or used ones instead */
        if (!is_steady(plan, member))
            return false;
        *member = (struct member){.name = plan->next_name++,
                                  .size = fixed_size(plan, &was),
                                  .count = 1,
                                  .filler = !was.filler,
                                  .part = NONE,
                                  .counted_by = NONE};
        return true;
    case 9: /* another number of elements */
        if (was.counted_by != NONE || was.counts)
            return false;
        member->count = was.count == 1 ? 2 : was.count - 1;
        return true;
    case 10: /* a number counts elements on one side only */
        if (was.counts || was.filler || was.holds == HOLDS_LIST)
            return false;
        member->counted_by = NONE;
        for (unsigned i = 0; was.counted_by == NONE && i < at; i++)
            if (of->members[i].counts)
                member->counted_by = (int)of->members[i].name;
        return member->counted_by != was.counted_by;
    default:
        return edit_nesting(plan, chooser, of, at);
    }
}

static inline bool edit_versions(struct plan *plan, struct chooser *chooser, struct part *of)
{
    switch (choose(chooser, 4)) {
    case 0: /* a new field with a new version */
        of->version++;
        if (of->member_count == MOST_MEMBERS)
            return false;
        insert_member(of, choose(chooser, of->member_count + 1), plain_member(plan, chooser));
        for (unsigned i = 0; i < of->member_count; i++)
            if (of->members[i].name + 1 == plan->next_name)
                of->members[i].since = of->version;
        return true;
    case 1:
        of->version++;
        return true;
    case 2:
        of->minimum = of->version;
        return true;
    default: /* a condition less */
        for (unsigned i = 0; i < of->member_count; i++)
            if (of->members[i].condition || of->members[i].since) {
                of->members[i].condition = of->members[i].since = 0;
                return true;
            }
        return make_conditional(plan, chooser);
    }
}

static inline bool edit_subsections(struct plan *plan, struct chooser *chooser, struct part *of)
{
    unsigned at = of->subsection_count ? choose(chooser, of->subsection_count) : 0;
    unsigned kind = choose(chooser, 5);
    if (!of->subsection_count || kind == 0)
        return add_subsection(plan, chooser);
    struct part *subsection = &plan->parts[of->subsections[at]];
    switch (kind) {
    case 1:
        of->subsection_count--;
        memmove(&of->subsections[at], &of->subsections[at + 1],
                (of->subsection_count - at) * sizeof(of->subsections[0]));
        return true;
    case 2: /* its own ones would no longer begin with its name */
        if (subsection->subsection_count)
            return false;
        strcat(subsection->name, "x");
        return true;
    case 3:
        subsection->conditional ^= true;
        return true;
    default:
        if (of->subsection_count < 2)
            return false;
        int first = of->subsections[0];
        of->subsections[0] = of->subsections[1];
        of->subsections[1] = first;
        return true;
    }
}

/* Its subsections begin with its name. */
static inline bool rename_part(struct plan *plan, int at)
{
    struct part *part = &plan->parts[at];
    const size_t length = strlen(part->name);
    for (unsigned i = 0; i < part->subsection_count; i++) {
        struct part *subsection = &plan->parts[part->subsections[i]];
        if (subsection->subsection_count || strlen(subsection->name) + 2 > sizeof(subsection->name))
            return false;
        memmove(subsection->name + length + 1, subsection->name + length,
                strlen(subsection->name + length) + 1);
        subsection->name[length] = 'y';
    }
    strcat(part->name, "y");
    return true;
}

static inline bool edit_sections(struct plan *plan, struct chooser *chooser)
{
    unsigned at = choose(chooser, plan->section_count);
    switch (choose(chooser, 3)) {
    case 0:
        return add_section(plan, chooser);
    case 1:
        if (plan->section_count == 1)
            return false;
        plan->sections[at] = plan->sections[--plan->section_count];
        return true;
    default: /* another name of a structure */
        at = choose(chooser, plan->part_count);
        for (unsigned i = 0; i < plan->section_count; i++)
            if (plan->sections[i].part == (int)at)
                return false;
        return !plan->parts[at].subsection && rename_part(plan, (int)at);
    }
}

/* Makes one edit: what another release may have otherwise. */
static inline void edit_plan(struct plan *plan, struct chooser *chooser)
{
    const struct plan before = *plan;
    for (unsigned tries = 0; tries < 20; tries++) {
        struct part *of = &plan->parts[choose(chooser, plan->part_count)];
        unsigned kind = choose(chooser, 12);
        bool done = kind == 0   ? edit_sections(plan, chooser)
                    : kind == 1 ? edit_versions(plan, chooser, of)
                    : kind < 4  ? edit_subsections(plan, chooser, of)
                    : kind == 4 ? make_conditional(plan, chooser)
                    : kind == 5 ? add_structure(plan, chooser)
                                : edit_member(plan, chooser, of);
        if (done && is_sound(plan))
            return;
        *plan = before;
    }
}

#endif
