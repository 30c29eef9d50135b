/* SPDX-License-Identifier: MIT */
/*
 * All states of a plan, written: the fields that decide what follows have one value each, and each other byte has a set of
 * values that it can have. Also describes the stream's own state as vmwire does. Must not know how a reader decides.
 */
#ifndef VMWIRE_TESTS_DEPENDENT_STATE_H
#define VMWIRE_TESTS_DEPENDENT_STATE_H

#include "dependent_plan.h"

enum {
    MOST_BYTES = 1536,
    MOST_EVENTS = 256,
    MOST_PICKS = 512,
    MARKER = 0x05,
    FOOTER = 0x7e,
    NOT_MOVED = MOST_BYTES,
    SECOND_INSTANCE = 7, /* in the schema alone: there all subsections are sent */
};

/* ---- Choices that are tried one after another ------------------------------------------------------- */

struct picks {
    uint16_t chosen[MOST_PICKS], of[MOST_PICKS];
    unsigned count, at;
    bool full; /* more choices than are kept */
};

static inline unsigned pick(struct picks *picks, unsigned of)
{
    if (picks->at == MOST_PICKS) {
        picks->full = true;
        return 0;
    }
    if (picks->at == picks->count) {
        picks->chosen[picks->count] = 0;
        picks->of[picks->count++] = (uint16_t)of;
    }
    return picks->chosen[picks->at++];
}

/* The last choice that has another way takes it. False: there is none. */
static inline bool next_picks(struct picks *picks)
{
    while (picks->count && picks->chosen[picks->count - 1] + 1 >= picks->of[picks->count - 1])
        picks->count--;
    if (picks->count)
        picks->chosen[picks->count - 1]++;
    picks->at = 0;
    return picks->count;
}

/* ---- Sets of values ---------------------------------------------------------------------------------- */

struct values {
    uint64_t bits[4];
};

static inline struct values no_values(void)
{
    return (struct values){{0, 0, 0, 0}};
}

static inline struct values any_value(void)
{
    return (struct values){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
}

static inline struct values values_up_to(unsigned last)
{
    struct values values = no_values();
    for (unsigned i = 0; i <= last; i++)
        values.bits[i / 64] |= UINT64_C(1) << i % 64;
    return values;
}

static inline struct values one_value(uint8_t value)
{
    struct values values = no_values();
    values.bits[value / 64] |= UINT64_C(1) << value % 64;
    return values;
}

static inline bool has_value(const struct values *values, unsigned value)
{
    return values->bits[value / 64] >> value % 64 & 1;
}

static inline bool is_empty(const struct values *values)
{
    return !(values->bits[0] | values->bits[1] | values->bits[2] | values->bits[3]);
}

static inline unsigned least_value(const struct values *values)
{
    for (unsigned value = 0; value <= UINT8_MAX; value++)
        if (has_value(values, value))
            return value;
    TEST_BROKEN("a byte without a value");
}

static inline unsigned greatest_value(const struct values *values)
{
    for (unsigned value = UINT8_MAX; value > 0; value--)
        if (has_value(values, value))
            return value;
    return 0;
}

static inline bool has_one_value(const struct values *values)
{
    return !is_empty(values) && least_value(values) == greatest_value(values);
}

/* ---- A state --------------------------------------------------------------------------------------- */

enum decision { ENDS, TAKES, REFUSES };

/* A decision at a tail. `path`: the same for the same record in all states. */
struct event {
    unsigned offset, part;
    uint64_t path;
    enum decision decision;
};

struct state {
    const struct plan *plan;
    struct picks *picks;
    bool sentinels;  /* the option closes embedded records */
    bool all_states; /* every subsection is optional */
    struct values can[MOST_BYTES];
    uint8_t now[MOST_BYTES]; /* what the stream has there, where it has the same layout */
    bool moves[MOST_BYTES];  /* a byte of a field that decides what follows */
    unsigned length;
    uint64_t slots[MOST_SLOTS];
    bool known[MOST_SLOTS];
    struct event events[MOST_EVENTS];
    unsigned event_count;
    uint64_t sections; /* a digest of where each section ends */
    uint64_t tree;     /* a digest of where each field and record ends */
    unsigned
        moved; /* offset of the first field that decides otherwise than in the stream; NOT_MOVED */
    bool impossible; /* too long, or a field depends on one that is not there */
};

static inline uint64_t digest(uint64_t digest, uint64_t number)
{
    return (digest ^ number) * UINT64_C(0x100000001b3);
}

static inline void put_values(struct state *state, struct values values, uint8_t now)
{
    if (state->length == MOST_BYTES) {
        state->impossible = true;
        return;
    }
    state->moves[state->length] = false;
    state->now[state->length] = now;
    state->can[state->length++] = values;
}

static inline void put_byte(struct state *state, unsigned value)
{
    put_values(state, one_value((uint8_t)value), (uint8_t)value);
}

static inline void put_be32(struct state *state, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        put_byte(state, value >> shift & UINT8_MAX);
}

static inline void put_str8(struct state *state, const char *text)
{
    put_byte(state, (unsigned)strlen(text));
    while (*text)
        put_byte(state, (unsigned char)*text++);
}

static inline void put_event(struct state *state, unsigned part, uint64_t path,
                             enum decision decision)
{
    if (state->event_count == MOST_EVENTS) {
        state->impossible = true;
        return;
    }
    state->events[state->event_count++] = (struct event){state->length, part, path, decision};
}

static inline void end_record(struct state *state, unsigned part, uint64_t path)
{
    put_event(state, part, path, ENDS);
    state->tree = digest(digest(state->tree, 100 + part), state->length);
}

static inline void put_field(struct state *state, const struct member *member)
{
    const struct plan *plan = state->plan;
    switch (member->class) {
    case VMWIRE_FIELD_FREE:
        put_values(state, any_value(), plan->fill);
        break;
    case VMWIRE_FIELD_BOOL:
        put_values(state, values_up_to(1), 0);
        break;
    case VMWIRE_FIELD_CHECKED: /* the machine may have any of these */
        put_values(state, values_up_to(MARKER), 0);
        break;
    case VMWIRE_FIELD_CONSTANT:
        put_byte(state, plan->constant);
        break;
    default:
        put_byte(state, 0);
    }
}

/* A field that decides what follows. */
static inline void put_deciding(struct state *state, const struct member *member)
{
    const uint8_t *values = state->plan->values[member->sets];
    unsigned chosen = pick(state->picks, MOST_VALUES);
    unsigned begin = state->length;
    for (unsigned i = 0; i < chosen; i++)
        if (values[i] == values[chosen]) /* tried before */
            state->impossible = true;
    for (unsigned i = 1; i < member->size; i++)
        put_byte(state, 0);
    put_byte(state, values[chosen]);
    for (unsigned i = begin; i < state->length; i++)
        state->moves[i] = true;
    if (chosen && state->moved == NOT_MOVED)
        state->moved = begin;
    state->slots[member->sets] = values[chosen];
    state->known[member->sets] = true;
}

static inline uint64_t count_of(struct state *state, const struct member *member)
{
    if ((member->exists_if != NONE && !state->known[member->exists_if]) ||
        (member->counted_by != NONE && !state->known[member->counted_by]))
        state->impossible = true;
    if (member->exists_if != NONE && !state->slots[member->exists_if])
        return 0;
    return member->counted_by != NONE ? state->slots[member->counted_by] : member->elements;
}

static inline void put_part(struct state *state, unsigned part, uint64_t path, unsigned element);

static inline void put_pointer(struct state *state, const struct member *member, uint64_t number)
{
    bool null = pick(state->picks, 2) == (number ? 0 : 1); /* in the stream the first is not */
    unsigned begin = state->length;
    bool moves = null != (number != 0);
    put_byte(state, null ? NULL_POINTER : OTHER_POINTER);
    if (state->length > begin)
        state->moves[begin] = true;
    if (moves && state->moved == NOT_MOVED)
        state->moved = begin;
    for (unsigned i = 0; i < member->size && !null; i++)
        put_field(state, member);
}

static inline void put_member(struct state *state, unsigned part, unsigned at, uint64_t path,
                              unsigned element)
{
    const struct member *member = &state->plan->parts[part].members[at];
    uint64_t count = count_of(state, member);
    for (uint64_t i = 0; i < count && !state->impossible; i++) {
        if (member->holds == HOLDS_STRUCTURE) {
            put_part(state, (unsigned)member->part, digest(digest(path, at + 1), i),
                     i ? 1 : element);
            if (state->sentinels)
                put_byte(state, 0);
        } else if (member->holds == HOLDS_POINTERS) {
            put_pointer(state, member, i);
        } else if (member->sets != NONE) {
            put_deciding(state, member);
        } else {
            for (unsigned k = 0; k < member->size; k++)
                put_field(state, member);
        }
        state->tree = digest(digest(state->tree, at), state->length);
    }
}

static inline bool sends(struct state *state, unsigned part, unsigned element)
{
    if (state->all_states)
        return !pick(state->picks, 2);
    return state->plan->sent[part] >> element & 1;
}

static inline void put_part(struct state *state, unsigned part, uint64_t path, unsigned element)
{
    const struct plan *plan = state->plan;
    for (unsigned i = 0; i < plan->parts[part].member_count && !state->impossible; i++)
        put_member(state, part, i, path, element);
    for (unsigned i = plan->structures; i < plan->part_count; i++) {
        if (plan->parts[i].owner != (int)part || state->impossible || !sends(state, i, element))
            continue;
        put_event(state, part, path, TAKES);
        put_byte(state, MARKER);
        put_str8(state, plan->parts[i].name);
        put_be32(state, 1);
        put_part(state, i, digest(path, 1000 + i), element);
        if (state->sentinels)
            put_byte(state, 0);
    }
    end_record(state, part, path);
}

static inline void begin_section(struct state *state, unsigned number, const char *idstr)
{
    put_byte(state, VMWIRE_QEMU_VM_SECTION_FULL);
    put_be32(state, number);
    put_str8(state, idstr);
    put_be32(state, 0);
    put_be32(state, 1);
}

static inline void end_section(struct state *state, unsigned number)
{
    if (state->plan->footers) {
        put_byte(state, FOOTER);
        put_be32(state, number);
    }
    state->tree = digest(digest(state->tree, 200 + number), state->length);
    state->sections = digest(state->sections, state->length);
}

enum { PART_LEADING = 100, PART_SECOND }; /* the parts of the other sections */

static inline const char *name_of_part(const struct plan *plan, unsigned part)
{
    if (part == PART_LEADING)
        return "q";
    return part == PART_SECOND ? "z" : plan->parts[part].name;
}

/* Writes a state: what it holds that decides, and sends, is as picked. */
static inline void put_stream(struct state *state, uint32_t version)
{
    const struct plan *plan = state->plan;
    for (const char *magic = "QEVM"; *magic; magic++)
        put_byte(state, (unsigned char)*magic);
    put_be32(state, version);
    if (plan->leading_section) {
        begin_section(state, 1, "q");
        end_record(state, PART_LEADING, 0);
        end_section(state, 1);
    }
    begin_section(state, 2, "a");
    put_part(state, 0, 1, 0);
    end_section(state, 2);
    if (plan->second_section) {
        struct member field = plain_member(VMWIRE_FIELD_FREE, 1);
        begin_section(state, 3, "d");
        for (unsigned i = 1; i < plan->second_section; i++)
            put_field(state, &field);
        end_record(state, PART_SECOND, 0);
        end_section(state, 3);
    }
    put_byte(state, VMWIRE_QEMU_VM_EOF);
}

static inline struct state *make_state(const struct plan *plan, struct picks *picks)
{
    struct state *state = must(calloc(1, sizeof(*state)));
    state->plan = plan;
    state->picks = picks;
    state->moved = NOT_MOVED;
    picks->at = 0;
    return state;
}

/* ---- The description of the stream's own state ---------------------------------------------------------- */

struct describing {
    const struct plan *plan;
    FILE *text;
    bool all; /* all subsections are sent */
};

static inline unsigned described_count(const struct plan *plan, const struct member *member)
{
    if (member->exists_if != NONE && !plan->values[member->exists_if][0])
        return 0;
    return member->counted_by != NONE ? plan->values[member->counted_by][0] : member->elements;
}

static inline bool describes(const struct describing *describing, unsigned part, unsigned element)
{
    return describing->all || describing->plan->sent[part] >> element & 1;
}

static inline size_t part_size(const struct describing *describing, unsigned part, unsigned element)
{
    const struct plan *plan = describing->plan;
    size_t size = 0;
    for (unsigned i = 0; i < plan->parts[part].member_count; i++) {
        const struct member *member = &plan->parts[part].members[i];
        for (unsigned k = 0; k < described_count(plan, member); k++)
            if (member->holds == HOLDS_STRUCTURE)
                size += part_size(describing, (unsigned)member->part, k ? 1 : element);
            else if (member->holds == HOLDS_POINTERS)
                size += 1 + (k ? 0 : member->size);
            else
                size += member->size;
    }
    for (unsigned i = plan->structures; i < plan->part_count; i++)
        if (plan->parts[i].owner == (int)part && describes(describing, i, element))
            size += 6 + strlen(plan->parts[i].name) + part_size(describing, i, element);
    return size;
}

static inline void describe_part(const struct describing *describing, unsigned part,
                                 unsigned element);

static inline const char *type_of_member(const struct member *member)
{
    static const char *const types[] = {
        [VMWIRE_FIELD_FREE] = "buffer",          [VMWIRE_FIELD_BOOL] = "bool",
        [VMWIRE_FIELD_ZEROS] = "unused_buffer",  [VMWIRE_FIELD_CHECKED] = "buffer",
        [VMWIRE_FIELD_CONSTANT] = "uint8 equal",
    };
    if (member->sets != NONE)
        return member->size == 4 ? "uint32" : "uint8";
    return types[member->class];
}

static inline void describe_plain(const struct describing *describing, const struct member *member,
                                  const char *name, unsigned count, const char *unsteady)
{
    fprintf(describing->text, "{'name':'%s','type':'%s','class':'%s',%s%s", name,
            type_of_member(member), vmwire_field_class_name(member->class),
            member->sets != NONE ? "'determines':true," : "", unsteady);
    if (count > 1)
        fprintf(describing->text, "'array_len':%u,", count);
    fprintf(describing->text, "'size':%u}", member->size);
}

/* Whether another state can have more of it, or fewer. */
static inline bool is_dependent(const struct member *member)
{
    return member->counted_by != NONE || member->exists_if != NONE;
}

/* `others`: in another state other bytes can stand there. */
static inline void describe_member(const struct describing *describing, unsigned part, unsigned at,
                                   unsigned element, bool others)
{
    static const char unsteady[] = "'unsteady':true,";
    const struct member *member = &describing->plan->parts[part].members[at];
    unsigned count = described_count(describing->plan, member);
    char name[16];
    snprintf(name, sizeof(name), "%s%u", member->sets != NONE ? "n" : "f", at);
    if (member->holds == HOLDS_BYTES)
        describe_plain(describing, member, name, count, others ? unsteady : "");
    for (unsigned i = 0; i < count && member->holds == HOLDS_STRUCTURE; i++) {
        fprintf(describing->text, "%s{'name':'%s',%s", i ? "," : "", name,
                (i ? is_dependent(member) : others) ? unsteady : "");
        if (member->elements > 1 || member->counted_by != NONE)
            fprintf(describing->text, "'index':%u,", i);
        fprintf(describing->text, "'type':'struct','size':%zu,'struct':{",
                part_size(describing, (unsigned)member->part, i ? 1 : element));
        describe_part(describing, (unsigned)member->part, i ? 1 : element);
        fputs("}}", describing->text);
    }
    for (unsigned i = 0; i < count && member->holds == HOLDS_POINTERS; i++) {
        fprintf(describing->text, "%s{'name':'%s','index':%u,'type':'ptr-marker',%s'size':1}",
                i ? "," : "", name, i, others && !i ? unsteady : "");
        if (i == 0)
            fprintf(describing->text, ",{'name':'%s','index':%u,'type':'buffer','size':%u}", name,
                    i, member->size);
    }
}

static inline void describe_part(const struct describing *describing, unsigned part,
                                 unsigned element)
{
    const struct plan *plan = describing->plan;
    const char *comma = "";
    bool others = false; /* another state can have more of the members before */
    fprintf(describing->text, "'vmsd_name':'%s','version':1,'fields':[", plan->parts[part].name);
    for (unsigned i = 0; i < plan->parts[part].member_count; i++) {
        const struct member *member = &plan->parts[part].members[i];
        others |= is_dependent(member);
        if (!described_count(plan, member))
            continue;
        fputs(comma, describing->text);
        describe_member(describing, part, i, element, others);
        others = member->counted_by != NONE && member->holds == HOLDS_STRUCTURE;
        comma = ",";
    }
    fputs("]", describing->text);
    if (others)
        fputs(",'unsteady_end':true", describing->text);
    comma = ",'subsections':[{";
    for (unsigned i = plan->structures; i < plan->part_count; i++) {
        if (plan->parts[i].owner != (int)part || !describes(describing, i, element))
            continue;
        fputs(comma, describing->text);
        describe_part(describing, i, element);
        fputs("}", describing->text);
        comma = ",{";
    }
    if (comma[1] == '{')
        fputs("]", describing->text);
}

/* Also of a second instance, in which all subsections are sent. The caller frees it. */
static inline char *describe_plan(const struct plan *plan, bool all)
{
    char *description = NULL;
    size_t size = 0;
    struct describing describing = {plan, must(open_memstream(&description, &size)), all};
    fputs("{'devices':[{'name':'q','instance_id':0,'vmsd_name':'q','version':1,'fields':[]},"
          "{'name':'a','instance_id':0,",
          describing.text);
    describe_part(&describing, 0, 0);
    describing.all = true;
    fprintf(describing.text, "},{'name':'a','instance_id':%d,", SECOND_INSTANCE);
    describe_part(&describing, 0, 0);
    fputs("},{'name':'d','instance_id':0,'vmsd_name':'z','version':1,'fields':[", describing.text);
    if (plan->second_section > 1)
        fprintf(describing.text, "{'name':'g','type':'buffer','size':%u}",
                plan->second_section - 1);
    fputs("]}]}", describing.text);
    fclose(describing.text);
    return description;
}

/* ---- What a program declares of the plan --------------------------------------------------------- */

/* The part in which the slot is set, and its field there. */
static inline unsigned setter_of(const struct plan *plan, int slot, unsigned *at)
{
    for (unsigned part = 0; part < plan->part_count; part++)
        for (*at = 0; *at < plan->parts[part].member_count; ++*at)
            if (plan->parts[part].members[*at].sets == slot)
                return part;
    TEST_BROKEN("no field sets slot %d", slot);
}

/* Whether the part has the slot in its own memory, which is that of its owner. */
static inline bool shares_memory(const struct plan *plan, unsigned part, unsigned with)
{
    int at = (int)part;
    while (at != NONE && at != (int)with)
        at = plan->parts[at].owner;
    return at == (int)with;
}

/* Whether any member has as many elements as the slot says. */
static inline bool counts_any(const struct plan *plan, int slot)
{
    bool any = false;
    for (unsigned part = 0; part < plan->part_count; part++)
        for (unsigned i = 0; i < plan->parts[part].member_count; i++)
            any |= plan->parts[part].members[i].counted_by == slot;
    return any;
}

/* Whether declarations can say all of the plan: that a field counts another one in the same memory. Of a function that decides
 * they do not tell what it asks, no type has values that a reader checks, and a number that counts nothing is any number. */
static inline bool can_be_declared(const struct plan *plan)
{
    for (unsigned part = 0; part < plan->part_count; part++)
        for (unsigned i = 0; i < plan->parts[part].member_count; i++) {
            const struct member *member = &plan->parts[part].members[i];
            unsigned at;
            if (member->exists_if != NONE ||
                (member->class == VMWIRE_FIELD_CHECKED &&
                 (member->sets == NONE || !counts_any(plan, member->sets))) ||
                (member->counted_by != NONE &&
                 !shares_memory(plan, part, setter_of(plan, member->counted_by, &at))))
                return false;
        }
    return true;
}

enum { PLACES_OF_A_PART = 1000, PLACES_OF_A_FIELD = 64 };

static inline unsigned place_in_memory(unsigned part, unsigned at)
{
    return part * PLACES_OF_A_PART + at * PLACES_OF_A_FIELD;
}

static inline void declare_member(FILE *text, const struct plan *plan, unsigned part, unsigned at)
{
    static const char *const kinds[] = {[HOLDS_BYTES] = "",
                                        [HOLDS_STRUCTURE] = ",'struct'",
                                        [HOLDS_POINTERS] = ",'array_of_pointer','auto_alloc'"};
    const struct member *member = &plan->parts[part].members[at];
    fprintf(text, "{'name':'%s%u','offset':%u,'size':%u,", member->sets != NONE ? "n" : "f", at,
            place_in_memory(part, at), member->holds == HOLDS_STRUCTURE ? 1 : member->size);
    if (member->holds == HOLDS_STRUCTURE)
        fprintf(text, "'structure':%d,", member->part);
    else
        fprintf(text, "'type':'%s',", type_of_member(member));
    if (member->counted_by != NONE) {
        unsigned setter, in = setter_of(plan, member->counted_by, &setter);
        fprintf(text, "'flags':['varray'%s],'num_offset':%u,'num_bytes':%u}", kinds[member->holds],
                place_in_memory(in, setter), plan->parts[in].members[setter].size);
    } else if (member->elements > 1 || member->holds == HOLDS_POINTERS) {
        fprintf(text, "'flags':['array'%s],'num':%u}", kinds[member->holds], member->elements);
    } else {
        fprintf(text, "'flags':['single'%s]}", kinds[member->holds]);
    }
}

/* The caller frees it. */
static inline char *declare_plan(const struct plan *plan)
{
    char *declarations = NULL;
    size_t size = 0;
    FILE *text = must(open_memstream(&declarations, &size));
    fputs("{'declarations':1,'structures':[", text);
    for (unsigned part = 0; part < plan->part_count; part++) {
        fprintf(text, "%s{'name':'%s','version_id':1,'minimum_version_id':1,'fields':[",
                part ? "," : "", plan->parts[part].name);
        for (unsigned i = 0; i < plan->parts[part].member_count; i++) {
            fputs(i ? "," : "", text);
            declare_member(text, plan, part, i);
        }
        fputs("],'subsections':[", text);
        const char *comma = "";
        for (unsigned i = plan->structures; i < plan->part_count; i++)
            if (plan->parts[i].owner == (int)part) {
                fprintf(text, "%s%u", comma, i);
                comma = ",";
            }
        fputs("]}", text);
    }
    fputs("]}", text);
    fclose(text);
    return declarations;
}

#endif
