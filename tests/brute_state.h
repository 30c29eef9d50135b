/* SPDX-License-Identifier: MIT */
/*
 * States for the brute force: a record tree of a plan's schema is written by the real writer with some of its
 * subsections, and read back as it was meant. A state lists what the writer decided at each tail, and what a reader
 * with another schema decides there while it is in step. "In step" is defined here, by the two schemas alone
 * (expect_record), and compared with what the reader reports (first_wrong). Must not know the engine.
 */
#ifndef VMWIRE_TESTS_BRUTE_STATE_H
#define VMWIRE_TESTS_BRUTE_STATE_H

#include "brute_layouts.h"
#include "brute_plan.h"

enum {
    MOST_EVENTS = 192,
    MOST_PARTINGS = 64,
    MOST_RECORDS = 96,
    MOST_INSTANCES = 24, /* subsections in one state */
    MOST_NAME = 19,
    MOST_DEPTH = 10,
};

/* ---- Places ------------------------------------------------------------------------------------- */

/* What a place is, beside the number of a subsection or field. */
enum {
    AT_SUBSECTION = 0, /* the tail before the subsection of this number, which the writer sends */
    AT_END = 1000,     /* the tail where the record ends */
    AT_FIELD = 2000,   /* the reader has another field, or one more, in the place of this number */
    AT_REFUSED =
        3000, /* it refuses the subsection of this number; from 3500 on, the record in the field of this number */
    AT_UNKNOWN =
        4000, /* the reader's layout of the subsection, or of the list of this number, is not known */
    AT_SECTION = 5000, /* it has no such section, or not in this version */
    AT_VERSION = 6000, /* the section's version is accepted, but its layout is not known */
    AT_SEPARATE =
        7000, /* it cannot read the subsection of this number, which is sent behind the section */
    AT_READER_TAIL =
        8000, /* the tail of a record that it alone has, by its number in the record around it */
};

/* A place in all states: the item, the record's path in it, and what of the record. */
struct place {
    size_t item;
    uint64_t record;
    unsigned at;
};

static inline bool same_place(struct place a, struct place b)
{
    return a.item == b.item && a.record == b.record && a.at == b.at;
}

static inline uint64_t path_step(uint64_t path, uint64_t step)
{
    return (path + step + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

/* ---- States ------------------------------------------------------------------------------------- */

/* What the writer decides at a tail. */
struct event {
    struct place place;
    const struct vmwire_structure *owner;
    const struct vmwire_subsection *sent; /* NULL: the record ends */
    uint64_t offset;
};

/* What a reader in step comes to next. */
struct expected {
    enum { EXPECT_TAIL, EXPECT_READER_TAIL, EXPECT_PARTING, EXPECT_UNKNOWN } what;
    struct place place;
    size_t event;                         /* EXPECT_TAIL */
    uint64_t offset;                      /* EXPECT_READER_TAIL */
    const struct vmwire_structure *owner; /* of the reader's schema */
};

/* The writer, the reader, and the state's tree with all subsections that it can have. */
struct setting {
    const struct plan *plan;
    struct vmwire_arena *arena;
    uint64_t seed; /* of the values */
    const struct vmwire_option *writes, *reads;
    const struct vmwire_schema *writer, *reader;
    bool footers, package, run; /* a package; the command postcopy-run ends it, not 00 */
    unsigned packaged_from;     /* the first section in it */
    unsigned
        pinged_from; /* the section behind the command ping; there is none of this number: no command */
    const uint8_t *soup; /* what headers are made of: constants hold pieces of it */
    size_t soup_length;
    uint8_t fill;
    /* So many sections are left out in front: those before a place that is behind a difference. */
    unsigned cut;
    bool too_deep;       /* namesakes can be in one another */
    bool same_constants; /* a field that is one value in all states has it in all places, too */
    int longer;          /* elements more, or fewer, in each list */
    enum {
        AS_DECLARED,
        REVERSED,
        AS_LISTED,
        ORDERS
    } order;            /* of subsections where nobody knows it */
    bool any_unordered; /* there are such ones */
};

struct state {
    const struct variant *variant;
    uint32_t mask; /* the subsections sent, by their numbers in the variant's tree */
    uint8_t *bytes, *before, *classes;
    size_t length;
    const struct vmwire_stream *read;        /* its records point into `bytes` */
    const struct vmwire_schema *description; /* what a description of it says */
    struct event events[MOST_EVENTS];
    size_t event_count;
    struct expected expected[MOST_EVENTS];
    size_t expected_count;
    struct parting {
        struct place place;
        uint64_t offset;
        const struct vmwire_structure *owner; /* AT_READER_TAIL */
    } partings[MOST_PARTINGS];                /* of the stream that the engine is asked about */
    size_t parting_count;
    struct place separate[MOST_INSTANCES]; /* subsections that are sent behind their section */
    size_t separate_count;
    uint64_t *varied; /* offsets of the bytes that can have other values */
    size_t varied_count;
};

/* ---- The tree ------------------------------------------------------------------------------------ */

static inline const struct plan_field *plan_field_of(const struct plan *plan, const char *name)
{
    unsigned number = (unsigned)strtoul(name + 1, NULL, 10);
    for (unsigned i = 0; i < plan->part_count; i++)
        for (unsigned j = 0; j < plan->parts[i].field_count; j++)
            if (plan->parts[i].fields[j].name == number)
                return &plan->parts[i].fields[j];
    TEST_BROKEN("no field %s in the plan", name);
}

/* A record that is being made. Its values depend on its path alone, so that they are the same in all states. */
struct making {
    struct setting *setting;
    uint64_t path;
    size_t soup_at;
    bool zeros; /* as a template adds it */
    unsigned depth;
};

/* One value for a field in all places where it stands. */
static inline uint8_t constant_of_field(const struct setting *setting,
                                        const struct vmwire_field *field, size_t i)
{
    size_t number = strtoul(field->name + 1, NULL, 10);
    return setting->soup[(number * 31 + i) % setting->soup_length];
}

static inline struct vmwire_bytes make_data(struct making *making, const struct vmwire_field *field)
{
    const struct setting *setting = making->setting;
    size_t length = (size_t)field->size * field->count;
    uint8_t *data = vmwire_arena_alloc(setting->arena, length);
    for (size_t i = 0; i < length; i++) {
        uint8_t value = setting->soup[making->soup_at++ % setting->soup_length];
        if (field->null_pointer)
            data[i] = VMWIRE_VMS_NULLPTR_MARKER;
        else if (!making->zeros && field->class == VMWIRE_FIELD_CONSTANT)
            data[i] = setting->same_constants ? constant_of_field(setting, field, i) : value;
        else if (!making->zeros && field->class == VMWIRE_FIELD_FREE)
            data[i] = setting->fill == 0xff ? value : setting->fill;
    }
    return (struct vmwire_bytes){data, length};
}

static inline struct vmwire_record *make_record(struct setting *setting,
                                                const struct vmwire_structure *structure,
                                                uint64_t path, bool zeros, unsigned depth);

/* Adds a value; with the record of the element, where the field has records. */
static inline struct vmwire_value **add_value(struct making *making, struct vmwire_value **end,
                                              struct vmwire_value value, uint64_t field)
{
    struct vmwire_value *added = vmwire_arena_alloc(making->setting->arena, sizeof(*added));
    *added = value;
    bool record = value.field->class == VMWIRE_FIELD_RECORD ||
                  (value.field->class == VMWIRE_FIELD_LIST && *value.data.data);
    if (record)
        added->record = make_record(making->setting, value.field->structure,
                                    path_step(making->path, 16 * field + value.element),
                                    making->zeros, making->depth + 1);
    *end = added;
    return &added->next;
}

static inline int list_length(const struct making *making, const struct vmwire_field *field)
{
    const struct setting *setting = making->setting;
    int count = making->zeros ? 0 : (int)plan_field_of(setting->plan, field->name)->count;
    if (field->structure)
        count += setting->longer;
    return count < 0 ? 0 : count;
}

static inline struct vmwire_value **make_values(struct making *making,
                                                const struct vmwire_field *field, uint64_t number,
                                                struct vmwire_value **end)
{
    static const uint8_t more = 1, none = 0;
    struct vmwire_value value = {.field = field};
    if (field->class == VMWIRE_FIELD_RECORD) {
        for (; value.element < field->count; value.element++)
            end = add_value(making, end, value, number);
        return end;
    }
    if (field->class == VMWIRE_FIELD_LIST) {
        value.data = (struct vmwire_bytes){&more, 1};
        for (unsigned count = (unsigned)list_length(making, field); value.element < count;
             value.element++)
            end = add_value(making, end, value, number);
        value.data = (struct vmwire_bytes){&none, 1};
        return add_value(making, end, value, number);
    }
    value.data = make_data(making, field);
    return add_value(making, end, value, number);
}

/* The numbers of a structure's subsections in the order in which they are sent. The plan declares it; but where no
 * dump tells it, and no place sends them all, it may as well be the other way round, or as the schema lists them. */
static inline void order_subsections(struct setting *setting,
                                     const struct vmwire_structure *structure, size_t *order)
{
    bool sent_here = false, sent_elsewhere = false;
    for (size_t i = 0; i < structure->subsection_count; i++) {
        const struct vmwire_subsection *subsection = &structure->subsections[i];
        sent_here |= subsection->source == VMWIRE_LAYOUT_SENT;
        sent_elsewhere |= subsection->source == VMWIRE_LAYOUT_OTHER;
        unsigned place = declared_place(setting->plan, structure->name, subsection->name);
        size_t j = i;
        for (; j > 0 && declared_place(setting->plan, structure->name,
                                       structure->subsections[order[j - 1]].name) > place;
             j--)
            order[j] = order[j - 1];
        order[j] = i;
    }
    if (setting->plan->dump || !sent_here || !sent_elsewhere)
        return;
    setting->any_unordered = true;
    for (size_t i = 0; setting->order == AS_LISTED && i < structure->subsection_count; i++)
        order[i] = i;
    for (size_t i = 0; setting->order == REVERSED && i < structure->subsection_count / 2; i++) {
        size_t other = structure->subsection_count - 1 - i, kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
}

static inline void make_subsections(struct making *making, struct vmwire_record *record)
{
    const struct vmwire_structure *structure = record->structure;
    struct vmwire_subsection_value **place = &record->subsections;
    size_t order[32];
    if (structure->subsection_count > sizeof(order) / sizeof(order[0]))
        TEST_BROKEN("too many subsections of \"%s\"", structure->name);
    order_subsections(making->setting, structure, order);
    for (size_t i = 0; i < structure->subsection_count; i++) {
        const struct vmwire_subsection *subsection = &structure->subsections[order[i]];
        if (!subsection->structure)
            continue;
        struct vmwire_subsection_value *value =
            vmwire_arena_alloc(making->setting->arena, sizeof(*value));
        bool zeros = making->zeros || subsection->source != VMWIRE_LAYOUT_SENT;
        *value = (struct vmwire_subsection_value){
            .subsection = subsection,
            .record =
                make_record(making->setting, subsection->structure,
                            path_step(making->path, 4000 + order[i]), zeros, making->depth + 1),
            .name = {(const uint8_t *)subsection->name, strlen(subsection->name)},
            .version_id = subsection->structure->described_version_id,
        };
        *place = record->last_subsection = value;
        place = &value->next;
    }
}

/* A record with all its subsections. */
static inline struct vmwire_record *make_record(struct setting *setting,
                                                const struct vmwire_structure *structure,
                                                uint64_t path, bool zeros, unsigned depth)
{
    struct chooser chooser = {setting->seed ^ path};
    struct making making = {setting, path, choose(&chooser, (unsigned)setting->soup_length), zeros,
                            depth};
    struct vmwire_record *record = vmwire_arena_alloc(setting->arena, sizeof(*record));
    record->structure = structure;
    setting->too_deep |= depth > MOST_DEPTH;
    if (setting->too_deep)
        return record;
    struct vmwire_value **end = &record->values;
    for (size_t i = 0; i < structure->field_count; i++)
        end = make_values(&making, &structure->fields[i], i, end);
    make_subsections(&making, record);
    return record;
}

/* ---- Some of the subsections ---------------------------------------------------------------------- */

/* The subsections of a tree in its order. */
struct instances {
    struct instance {
        const struct vmwire_subsection_value *value;
        struct place place;
        int parent; /* the subsection that it is in, or -1 */
    } list[MOST_INSTANCES];
    unsigned count;
    bool full;
};

static inline void list_instances(struct instances *instances, const struct vmwire_record *record,
                                  struct place place, int parent)
{
    for (const struct vmwire_value *value = record->values; value; value = value->next) {
        uint64_t field = (uint64_t)(value->field - record->structure->fields);
        struct place inner = {place.item, path_step(place.record, 16 * field + value->element), 0};
        if (value->record)
            list_instances(instances, value->record, inner, parent);
    }
    for (const struct vmwire_subsection_value *each = record->subsections; each;
         each = each->next) {
        unsigned number = (unsigned)(each->subsection - record->structure->subsections);
        struct place inner = {place.item, path_step(place.record, 4000 + number), 0};
        place.at = AT_SUBSECTION + number;
        if (instances->count == MOST_INSTANCES) {
            instances->full = true;
            return;
        }
        int own = (int)instances->count;
        instances->list[instances->count++] = (struct instance){each, place, parent};
        list_instances(instances, each->record, inner, own);
    }
}

static inline void list_all_instances(struct instances *instances,
                                      const struct vmwire_stream *stream)
{
    *instances = (struct instances){.count = 0};
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->record)
            list_instances(instances, stream->items[i]->record, (struct place){i, 0, 0}, -1);
}

/* Whether each subsection of the mask is in one that is sent, too. */
static inline bool is_tree_mask(const struct instances *instances, uint32_t mask)
{
    for (unsigned i = 0; i < instances->count; i++)
        if (mask >> i & 1 && instances->list[i].parent >= 0 &&
            !(mask >> instances->list[i].parent & 1))
            return false;
    return true;
}

/* The record with the subsections of the mask alone. `next`: the number of its first one. */
static inline struct vmwire_record *with_subsections(struct setting *setting,
                                                     const struct vmwire_record *record,
                                                     uint32_t mask, unsigned *next)
{
    struct vmwire_record *copy = vmwire_arena_alloc(setting->arena, sizeof(*copy));
    copy->structure = record->structure;
    struct vmwire_value **end = &copy->values;
    for (const struct vmwire_value *value = record->values; value; value = value->next) {
        struct vmwire_value *added = vmwire_arena_alloc(setting->arena, sizeof(*added));
        *added = *value;
        added->next = NULL;
        if (value->record)
            added->record = with_subsections(setting, value->record, mask, next);
        *end = added;
        end = &added->next;
    }
    struct vmwire_subsection_value **place = &copy->subsections;
    for (const struct vmwire_subsection_value *each = record->subsections; each;
         each = each->next) {
        bool sent = mask >> (*next)++ & 1;
        struct vmwire_record *inner = with_subsections(setting, each->record, mask, next);
        if (!sent)
            continue;
        struct vmwire_subsection_value *added = vmwire_arena_alloc(setting->arena, sizeof(*added));
        *added = *each;
        added->next = NULL;
        added->record = inner;
        *place = copy->last_subsection = added;
        place = &added->next;
    }
    return copy;
}

/* ---- In step --------------------------------------------------------------------------------------- */

struct expecting {
    const struct setting *setting;
    struct state *state;
    size_t item;
    bool parted; /* the reader has left the writer for certain */
    /* Where the partings are listed: the bytes of the stream, and how far the writer has come. A parting in an optional
     * subsection is not one for the states that do not send it. */
    const uint8_t *bytes;
    uint64_t at;
    bool item_parted;
    struct begun {
        const struct vmwire_record *record;
        const struct vmwire_structure *twin; /* of the reader; NULL behind a parting */
        uint64_t path;
        bool renamed; /* a field on its path has another name at the reader */
        bool missing; /* the reader has no such record */
    } begun[MOST_RECORDS];
    size_t begun_count;
    bool renamed;
    bool locates;               /* finds the offsets of EXPECT_READER_TAIL in the state's bytes */
    size_t located;             /* of the expected things: so many are passed */
    struct region_walk *region; /* the writer is in one; NULL: it is not */
};

/* The next of the expected things of this kind is here. */
static inline void locate(struct expecting *expecting, const struct expected *here)
{
    struct state *state = expecting->state;
    if (here->what != EXPECT_READER_TAIL)
        return;
    while (expecting->located < state->expected_count &&
           state->expected[expecting->located].what != EXPECT_READER_TAIL)
        expecting->located++;
    if (expecting->located < state->expected_count)
        state->expected[expecting->located++].offset = expecting->at;
}

static inline void expect(struct expecting *expecting, struct expected expected)
{
    struct state *state = expecting->state;
    bool parts = expected.what == EXPECT_PARTING || expected.what == EXPECT_UNKNOWN;
    if (expecting->locates) {
        expecting->item_parted |= parts;
        locate(expecting, &expected);
        return;
    }
    if (expected.what != EXPECT_TAIL && expecting->bytes && !expecting->item_parted &&
        state->parting_count < MOST_PARTINGS)
        state->partings[state->parting_count++] =
            (struct parting){expected.place, expecting->at, expected.owner};
    expecting->item_parted |= parts;
    if (expecting->parted || expecting->bytes)
        return;
    if (state->expected_count == MOST_EVENTS)
        TEST_BROKEN("more than %d tails", MOST_EVENTS);
    state->expected[state->expected_count++] = expected;
    expecting->parted = parts;
}

static inline void part(struct expecting *expecting, uint64_t path, unsigned at, bool unknown)
{
    expect(expecting, (struct expected){.what = unknown ? EXPECT_UNKNOWN : EXPECT_PARTING,
                                        .place = {expecting->item, path, at}});
}

static inline void expect_tail(struct expecting *expecting, const struct vmwire_record *record,
                               const struct vmwire_structure *twin, uint64_t path,
                               const struct vmwire_subsection *sent)
{
    struct state *state = expecting->state;
    unsigned at = sent ? AT_SUBSECTION + (unsigned)(sent - record->structure->subsections) : AT_END;
    struct place place = {expecting->item, path, at};
    if (expecting->bytes)
        return;
    if (state->event_count == MOST_EVENTS)
        TEST_BROKEN("more than %d tails", MOST_EVENTS);
    if (twin && !expecting->item_parted)
        expect(expecting, (struct expected){.what = EXPECT_TAIL,
                                            .place = place,
                                            .event = state->event_count,
                                            .owner = twin});
    state->events[state->event_count++] =
        (struct event){.place = place, .owner = record->structure, .sent = sent};
}

/* Fields have one form if they have the same bytes. */
static inline bool same_form(const struct vmwire_field *a, const struct vmwire_field *b)
{
    bool record = a->class == VMWIRE_FIELD_RECORD, list = a->class == VMWIRE_FIELD_LIST;
    if (record != (b->class == VMWIRE_FIELD_RECORD) || list != (b->class == VMWIRE_FIELD_LIST))
        return false;
    return list || (a->count == b->count && a->null_pointer == b->null_pointer &&
                    (record || a->size == b->size));
}

/* Where the only field of this name is; SIZE_MAX: there is none, or more than one. */
static inline size_t place_of_name(const struct vmwire_structure *structure, const char *name)
{
    size_t place = SIZE_MAX;
    for (size_t i = 0; i < structure->field_count; i++)
        if (strcmp(structure->fields[i].name, name) == 0) {
            if (place != SIZE_MAX)
                return SIZE_MAX;
            place = i;
        }
    return place;
}

/* Two fields of other names are not the same if one of them is elsewhere on the other side. Unused bytes may be anywhere. */
static inline bool stands_elsewhere(const struct vmwire_structure *writes, size_t a,
                                    const struct vmwire_structure *reads, size_t b)
{
    const struct vmwire_field *one = &writes->fields[a], *other = &reads->fields[b];
    if (strcmp(one->name, other->name) == 0)
        return false;
    return (one->class != VMWIRE_FIELD_ZEROS && place_of_name(reads, one->name) != SIZE_MAX) ||
           (other->class != VMWIRE_FIELD_ZEROS && place_of_name(writes, other->name) != SIZE_MAX);
}

static inline void expect_record(struct expecting *expecting, const struct vmwire_record *record,
                                 const struct vmwire_structure *twin, uint64_t path);

/* Whether the reader knows the layout of this version. What a dump tells is the layout of all versions. */
static inline bool knows_version(const struct vmwire_structure *structure, uint32_t version)
{
    return version == structure->described_version_id ||
           (structure->assumed && version >= structure->minimum_version_id &&
            version <= structure->version_id);
}

/* The reader's subsection for the one that is sent; NULL: it refuses it, or does not know its layout. */
static inline const struct vmwire_structure *
twin_of_subsection(struct expecting *expecting, const struct vmwire_subsection_value *sent,
                   const struct vmwire_structure *twin, uint64_t path, unsigned number,
                   bool inline_one)
{
    if (!twin || expecting->item_parted)
        return NULL;
    const struct vmwire_subsection *reads =
        vmwire_structure_subsection(twin, sent->subsection->name);
    uint8_t version = (uint8_t)sent->version_id;
    if (!reads || vmwire_option_sends_inline(expecting->setting->reads, reads) != inline_one ||
        vmwire_option_refuses(expecting->setting->reads, reads) || version > reads->version_id ||
        version < reads->minimum_version_id) {
        part(expecting, path, (inline_one ? AT_REFUSED : AT_SEPARATE) + number, false);
        return NULL;
    }
    if (!reads->structure || !knows_version(reads->structure, version)) {
        part(expecting, path, AT_UNKNOWN + number, true);
        return NULL;
    }
    return reads->structure;
}

/* ---- Fields of two structures ---- */

enum { MOST_TAILS = 64, MOST_LENGTH = 1024 };

/* The records of some fields: where each ends, in bytes from their beginning. */
struct ends {
    struct {
        const struct vmwire_structure *owner;
        uint64_t at;
    } list[MOST_TAILS];
    size_t count;
    uint64_t length;
    bool cuts[MOST_LENGTH + 1]; /* a value ends there */
};

/* Adds one field. False: it has not the same length in all states, or does not take all bytes. */
static inline bool add_ends(struct ends *ends, const struct vmwire_field *field, bool sentinel)
{
    if (field->class != VMWIRE_FIELD_RECORD) {
        ends->length += (uint64_t)field->size * field->count;
        if (ends->length > MOST_LENGTH)
            TEST_BROKEN("a structure of more than %d bytes", MOST_LENGTH);
        ends->cuts[ends->length] = true;
        return field->class != VMWIRE_FIELD_LIST && !field->null_pointer &&
               field->length == VMWIRE_LENGTH_FIXED;
    }
    for (uint32_t i = 0; i < field->count; i++) {
        for (size_t j = 0; j < field->structure->field_count; j++)
            if (!add_ends(ends, &field->structure->fields[j], sentinel))
                return false;
        if (sentinel || ends->count == MOST_TAILS)
            return false;
        ends->list[ends->count].owner = field->structure;
        ends->list[ends->count++].at = ends->length;
    }
    return !sentinel;
}

static inline bool ends_of(struct ends *ends, const struct vmwire_structure *structure, size_t from,
                           size_t to, bool sentinel)
{
    memset(ends, 0, sizeof(*ends));
    for (size_t i = from; i < to; i++)
        if (i >= structure->field_count || !add_ends(ends, &structure->fields[i], sentinel))
            return false;
    return true;
}

/* Fields from `writes` up to `writes_end` are those from `reads` up to `reads_end`. */
struct match {
    size_t writes, writes_end, reads, reads_end;
    bool one_by_one; /* one field of each, which have one form */
};

static inline bool named_alike(const struct vmwire_structure *a, size_t a_from, size_t a_to,
                               const struct vmwire_structure *b, size_t b_from, size_t b_to)
{
    struct ends before_a, before_b;
    for (size_t i = a_from; i < a_to; i++) {
        size_t at = a->fields[i].class == VMWIRE_FIELD_ZEROS ? SIZE_MAX
                                                             : place_of_name(b, a->fields[i].name);
        if (at == SIZE_MAX)
            continue;
        if (at < b_from || at >= b_to || !ends_of(&before_a, a, a_from, i, false) ||
            !ends_of(&before_b, b, b_from, at, false) || before_a.length != before_b.length)
            return false;
    }
    return true;
}

/* A field that both have is equally long, or a value that is shorter at the reader. */
static inline bool lengths_kept(const struct vmwire_structure *writes,
                                const struct vmwire_structure *reads, const struct match *match)
{
    struct ends a, b;
    for (size_t i = match->writes; i < match->writes_end; i++) {
        size_t at = writes->fields[i].class == VMWIRE_FIELD_ZEROS
                        ? SIZE_MAX
                        : place_of_name(reads, writes->fields[i].name);
        if (at == SIZE_MAX || !ends_of(&a, writes, i, i + 1, false) ||
            !ends_of(&b, reads, at, at + 1, false) || a.length == b.length)
            continue;
        if (a.length < b.length || a.count || b.count)
            return false;
    }
    return true;
}

static inline bool matches(const struct vmwire_structure *writes,
                           const struct vmwire_structure *reads, const struct match *match,
                           bool sentinel)
{
    struct ends a, b;
    return ends_of(&a, writes, match->writes, match->writes_end, sentinel) &&
           ends_of(&b, reads, match->reads, match->reads_end, sentinel) && a.length == b.length;
}

/* Whether a value of the one side has a part of one of the other's and a part of the next. */
static inline bool cross(const struct ends *a, const struct ends *b)
{
    bool only_a = false, only_b = false;
    for (size_t i = 1; i <= a->length; i++) {
        only_a |= a->cuts[i] && !b->cuts[i];
        only_b |= b->cuts[i] && !a->cuts[i];
        if (only_a && only_b)
            return true;
        if (a->cuts[i] && b->cuts[i])
            only_a = only_b = false;
    }
    return false;
}

/* The first runs of fields, from those of the match on, that are equally long: one without bytes, or at least one of each.
 * False: there are none, or their names say that they are others. */
static inline bool find_match(const struct vmwire_structure *writes,
                              const struct vmwire_structure *reads, struct match *match,
                              bool sentinel)
{
    size_t a = match->writes, b = match->reads;
    bool found = false;
    for (size_t total = 1; total < 2 * MOST_FIELDS && !found; total++)
        for (size_t some = 0; some <= total && !found; some++) {
            if (total > 1 && (some == 0 || some == total))
                continue;
            *match = (struct match){a, a + some, b, b + total - some, false};
            found = matches(writes, reads, match, sentinel);
        }
    struct ends one, other;
    return found && ends_of(&one, writes, a, match->writes_end, sentinel) &&
           ends_of(&other, reads, b, match->reads_end, sentinel) && !cross(&one, &other) &&
           named_alike(writes, a, match->writes_end, reads, b, match->reads_end) &&
           named_alike(reads, b, match->reads_end, writes, a, match->writes_end) &&
           lengths_kept(writes, reads, match);
}

static inline bool next_match(const struct vmwire_structure *writes,
                              const struct vmwire_structure *reads, struct match *match,
                              bool sentinel)
{
    size_t a = match->writes_end, b = match->reads_end;
    *match = (struct match){a, a + 1, b, b + 1, true};
    if (a < writes->field_count && b < reads->field_count &&
        same_form(&writes->fields[a], &reads->fields[b]) && !stands_elsewhere(writes, a, reads, b))
        return true;
    return find_match(writes, reads, match, sentinel);
}

/* ---- Regions ---- */

struct region_walk {
    struct ends ends; /* of the reader's records */
    size_t next;      /* of them */
    uint64_t done;    /* bytes */
    uint64_t path;    /* of the record that has the region */
    size_t before;    /* tails of the reader's in regions of this record before */
};

static inline void expect_reader_tails(struct expecting *expecting, struct region_walk *region)
{
    for (; region->next < region->ends.count && region->ends.list[region->next].at == region->done;
         region->next++) {
        unsigned number = (unsigned)(region->before + region->next);
        if (!expecting->item_parted)
            expect(expecting, (struct expected){
                                  .what = EXPECT_READER_TAIL,
                                  .place = {expecting->item, region->path, AT_READER_TAIL + number},
                                  .owner = region->ends.list[region->next].owner});
    }
}

/* The writer's value, in a region. */
static inline void pass_value(struct expecting *expecting, struct vmwire_bytes data)
{
    struct region_walk *region = expecting->region;
    for (size_t i = 0; i < data.length; i++) {
        expect_reader_tails(expecting, region);
        region->done++;
        if (expecting->bytes)
            expecting->at = (uint64_t)(data.data - expecting->bytes) + i + 1;
    }
}

static inline void expect_record(struct expecting *expecting, const struct vmwire_record *record,
                                 const struct vmwire_structure *twin, uint64_t path);

/* What stands in front of the fields of a framed record. */
static inline void pass_header(struct expecting *expecting, size_t length)
{
    if (expecting->setting->writes->framed && expecting->bytes)
        expecting->at += length;
}

/* The reader's structure of an embedded record, if it takes the version that the record tells. */
static inline const struct vmwire_structure *twin_of_embedded(struct expecting *expecting,
                                                              const struct vmwire_record *record,
                                                              const struct vmwire_structure *twin,
                                                              uint64_t path, unsigned field)
{
    uint32_t version = vmwire_record_version(record);
    if (!twin || !expecting->setting->writes->framed)
        return twin;
    if (version > twin->version_id || version < twin->minimum_version_id)
        part(expecting, path, AT_REFUSED + 500 + field, false);
    else if (!knows_version(twin, version))
        part(expecting, path, AT_UNKNOWN + 500 + field, true);
    else
        return twin;
    return NULL;
}

static inline void come_to_value(struct expecting *expecting, const struct vmwire_record *record,
                                 const struct vmwire_structure *twin, size_t reads, uint64_t path,
                                 const struct vmwire_value *value)
{
    size_t field = (size_t)(value->field - record->structure->fields);
    const struct vmwire_structure *inner = NULL;
    if (expecting->region)
        pass_value(expecting, value->data);
    else if (expecting->bytes && value->data.length)
        expecting->at = (uint64_t)(value->data.data - expecting->bytes) + value->data.length;
    if (!value->record)
        return;
    if (twin && !expecting->item_parted && !expecting->region) {
        inner = twin->fields[reads].structure;
        if (!inner)
            part(expecting, path, AT_UNKNOWN + 500 + (unsigned)field, true);
    }
    inner = twin_of_embedded(expecting, value->record, inner, path, (unsigned)field);
    pass_header(expecting, VMWIRE_FRAMED_HEADER_SIZE);
    bool renamed = expecting->renamed;
    expecting->renamed |= inner && strcmp(twin->fields[reads].name, value->field->name) != 0;
    expect_record(expecting, value->record, inner,
                  path_step(path, 16 * (uint64_t)field + value->element));
    expecting->renamed = renamed;
    expecting->at += expecting->setting->writes->sentinel &&
                     (value->record->structure->name || expecting->setting->writes->framed);
}

static inline void expect_values(struct expecting *expecting, const struct vmwire_record *record,
                                 const struct vmwire_structure *twin, uint64_t path)
{
    const struct vmwire_structure *writes = record->structure;
    const bool sentinel = expecting->setting->reads->sentinel;
    struct region_walk *const around = expecting->region;
    struct match match = {0};
    struct region_walk region = {.path = path};
    const struct vmwire_value *value = record->values;
    while (twin && !expecting->item_parted &&
           (match.writes_end < writes->field_count || match.reads_end < twin->field_count)) {
        size_t a = match.writes_end;
        if (!next_match(writes, twin, &match, sentinel)) {
            /* the difference is at the first value that the reader has no field for */
            while (value && (size_t)(value->field - writes->fields) < a)
                value = value->next;
            size_t at = value ? (size_t)(value->field - writes->fields) : writes->field_count;
            part(expecting, path, AT_FIELD + (unsigned)at, false);
            break;
        }
        if (!match.one_by_one) {
            region.before += region.ends.count;
            ends_of(&region.ends, twin, match.reads, match.reads_end, sentinel);
            region.next = 0;
            region.done = 0;
            expecting->region = &region;
        }
        for (; value && (size_t)(value->field - writes->fields) < match.writes_end;
             value = value->next)
            come_to_value(expecting, record, twin, match.reads, path, value);
        if (expecting->region == &region)
            expect_reader_tails(expecting, &region);
        expecting->region = around;
    }
    for (; value; value = value->next)
        come_to_value(expecting, record, NULL, 0, path, value);
    expecting->region = around;
}

/* So many bytes of the subsection are passed. */
static inline void begin_subsection_at(struct expecting *expecting,
                                       const struct vmwire_subsection_value *subsection,
                                       size_t passed)
{
    if (expecting->bytes)
        expecting->at = (uint64_t)(subsection->raw.data - expecting->bytes) + passed;
}

static inline void expect_record(struct expecting *expecting, const struct vmwire_record *record,
                                 const struct vmwire_structure *twin, uint64_t path)
{
    if (expecting->begun_count == MOST_RECORDS)
        TEST_BROKEN("more than %d records", MOST_RECORDS);
    expecting->begun[expecting->begun_count++] =
        (struct begun){record, twin, path, expecting->renamed, expecting->region != NULL};
    expect_values(expecting, record, twin, path);
    for (const struct vmwire_subsection_value *each = record->subsections; each;
         each = each->next) {
        unsigned number = (unsigned)(each->subsection - record->structure->subsections);
        if (!vmwire_option_sends_inline(expecting->setting->writes, each->subsection))
            continue;
        bool parted = expecting->item_parted;
        begin_subsection_at(expecting, each, 0);
        expect_tail(expecting, record, twin, path, each->subsection);
        const struct vmwire_structure *inner =
            twin_of_subsection(expecting, each, twin, path, number, true);
        if (expecting->region && !expecting->item_parted)
            part(expecting, path, AT_REFUSED + number, false);
        begin_subsection_at(expecting, each, 2 + each->name.length + 4);
        pass_header(expecting, 4); /* the version is counted */
        struct region_walk *region = expecting->region;
        expecting->region = NULL;
        expect_record(expecting, each->record, inner, path_step(path, 4000 + number));
        expecting->region = region;
        if (expecting->bytes && each->optional)
            expecting->item_parted = parted;
        begin_subsection_at(expecting, each, each->raw.length);
    }
    expect_tail(expecting, record, twin, path, NULL);
}

/* Such a record begins at its first value: how long its header is, the option says. */
static inline void begin_separate_record_at(struct expecting *expecting,
                                            const struct vmwire_record *record)
{
    const struct vmwire_value *value = record->values;
    while (value && value->record && !value->data.length)
        value = value->record->values;
    if (expecting->bytes && value && value->data.length)
        expecting->at = (uint64_t)(value->data.data - expecting->bytes);
}

/* Subsections behind their section, in the order in which their owners begin. */
static inline void expect_separate(struct expecting *expecting)
{
    const struct setting *setting = expecting->setting;
    for (size_t i = 0; i < expecting->begun_count; i++) {
        struct begun owner = expecting->begun[i];
        const struct vmwire_subsection_value *each = owner.record->subsections;
        for (; each; each = each->next) {
            unsigned number = (unsigned)(each->subsection - owner.record->structure->subsections);
            if (vmwire_option_sends_inline(setting->writes, each->subsection))
                continue;
            const struct vmwire_structure *inner = NULL;
            struct state *state = expecting->state;
            begin_subsection_at(expecting, each, 0);
            if (!expecting->bytes && state->separate_count < MOST_INSTANCES)
                state->separate[state->separate_count++] =
                    (struct place){expecting->item, owner.path, AT_SEPARATE + number};
            if (setting->reads->subsections == setting->writes->subsections && !owner.renamed &&
                !owner.missing)
                inner = twin_of_subsection(expecting, each, owner.twin, owner.path, number, false);
            else
                part(expecting, owner.path, AT_SEPARATE + number, false);
            expecting->renamed = owner.renamed;
            begin_separate_record_at(expecting, each->record);
            expect_record(expecting, each->record, inner, path_step(owner.path, 4000 + number));
            expecting->renamed = false;
        }
    }
}

static inline const struct vmwire_structure *twin_of_section(struct expecting *expecting,
                                                             const struct vmwire_item *item)
{
    char idstr[16] = {0};
    memcpy(idstr, item->idstr.data, item->idstr.length);
    const struct vmwire_device *device = vmwire_schema_device(expecting->setting->reader, idstr, 0);
    if (!device || item->version_id > device->structure->version_id ||
        item->version_id < device->structure->minimum_version_id) {
        part(expecting, 0, AT_SECTION, false);
        return NULL;
    }
    if (!knows_version(device->structure, item->version_id)) {
        part(expecting, 0, AT_VERSION, true);
        return NULL;
    }
    return device->structure;
}

static inline void expect_section(struct expecting *expecting, const struct vmwire_item *item)
{
    expecting->begun_count = 0;
    expecting->item_parted = false;
    const struct vmwire_structure *twin = twin_of_section(expecting, item);
    expecting->at += vmwire_item_header_length(item);
    pass_header(expecting, 4); /* the version is counted */
    expect_record(expecting, item->record, twin, 0);
    expect_separate(expecting);
}

/* Lists the writer's decisions, and what a reader in step comes to. */
static inline void expect_stream(const struct setting *setting, struct state *state,
                                 const struct vmwire_stream *stream)
{
    struct expecting expecting = {.setting = setting, .state = state};
    for (size_t i = 0; i < stream->item_count; i++) {
        expecting.item = i + setting->cut;
        if (stream->items[i]->record)
            expect_section(&expecting, stream->items[i]);
    }
}

/* Lists where the reader parts from the writer, for the stream that the engine is asked about. */
static inline void list_partings(const struct setting *setting, struct state *state,
                                 const struct vmwire_stream *stream, const uint8_t *bytes)
{
    struct expecting expecting = {.setting = setting, .state = state, .bytes = bytes};
    for (size_t i = 0; i < stream->item_count; i++) {
        expecting.item = i;
        expecting.at = (uint64_t)(stream->items[i]->raw.data - bytes);
        if (stream->items[i]->record)
            expect_section(&expecting, stream->items[i]);
    }
}

/* Finds where the tails are that the reader alone has. The state's bytes have been read. */
static inline void locate_reader_tails(const struct setting *setting, struct state *state)
{
    struct expecting expecting = {
        .setting = setting, .state = state, .bytes = state->bytes, .locates = true};
    for (size_t i = 0; i < state->read->item_count; i++) {
        const struct vmwire_item *item = state->read->items[i];
        expecting.at = (uint64_t)(item->raw.data - state->bytes);
        if (item->record)
            expect_section(&expecting, item);
    }
}

/* ---- Writing and reading as meant ------------------------------------------------------------------ */

/* The writer's decisions, which a reading follows: so it reads the state that was written. */
struct following {
    struct state *state;
    size_t next;
    bool lost;
};

static inline bool takes_as_meant(void *context, const struct vmwire_structure *owner,
                                  uint64_t offset)
{
    const struct following *following = context;
    (void)owner;
    (void)offset;
    return following->next < following->state->event_count &&
           following->state->events[following->next].sent;
}

static inline void follow_tail(void *context, const struct vmwire_tail_event *tail)
{
    struct following *following = context;
    if (following->next == following->state->event_count) {
        following->lost = true;
        return;
    }
    struct event *event = &following->state->events[following->next++];
    event->offset = tail->offset;
    following->lost |= event->owner != tail->owner || !event->sent != !tail->taken;
}

static inline void list_varied(struct vmwire_arena *arena, struct state *state)
{
    memset(state->classes, VMWIRE_FIELD_CONSTANT, state->length);
    for (size_t i = 0; i < state->read->item_count; i++) {
        struct vmwire_record_walk walk;
        if (!state->read->items[i]->record)
            continue;
        vmwire_record_walk_begin(&walk, state->read->items[i]->record);
        for (enum vmwire_record_step step;
             (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
            if (step == VMWIRE_RECORD_VALUE && !walk.value->record &&
                walk.value->field->class != VMWIRE_FIELD_LIST)
                memset(state->classes + (walk.value->data.data - state->bytes),
                       walk.value->field->class, walk.value->data.length);
    }
    state->varied = vmwire_arena_alloc(arena, state->length * sizeof(*state->varied));
    for (size_t i = 0; i < state->length; i++)
        if (state->classes[i] == VMWIRE_FIELD_FREE || state->classes[i] == VMWIRE_FIELD_BOOL)
            state->varied[state->varied_count++] = i;
}

/* Takes the bytes for a state of which the events are listed, and finds their offsets. False: they are not read as
 * they are meant. */
static inline bool lay_state(const struct setting *setting, struct state *state,
                             struct vmwire_bytes bytes, const struct vmwire_stream *stream)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct following following = {.state = state};
    state->length = bytes.length;
    state->bytes = must(malloc(bytes.length)); /* exactly as long, for the sanitizer */
    state->before = vmwire_arena_alloc(setting->arena, bytes.length);
    state->classes = vmwire_arena_alloc(setting->arena, bytes.length);
    memcpy(state->bytes, bytes.data, bytes.length);
    memcpy(state->before, bytes.data, bytes.length);
    struct vmwire_reading reading = {
        .option = setting->writes,
        .input = {state->bytes, state->length},
        .schema = setting->writer,
        .arena = setting->arena,
        .observer = {&following, follow_tail},
        .chooser = {&following, takes_as_meant},
    };
    state->read = vmwire_stream_collect(reading, &cost, &error);
    if (!state->read || following.lost || following.next != state->event_count ||
        (!setting->cut && vmwire_outcome_of(stream, state->read) != VMWIRE_OUTCOME_EXACT))
        return false;
    state->description = vmwire_describe(state->read, setting->writes, setting->arena, &error);
    list_varied(setting->arena, state);
    locate_reader_tails(setting, state);
    return true;
}

/* A section that every reader accepts in place of those that are left out: it has learned whether there are footers. */
static inline struct vmwire_bytes with_section_before(const struct setting *setting,
                                                      struct vmwire_bytes written)
{
    static const uint8_t section[] = {VMWIRE_QEMU_VM_SECTION_START,
                                      0,
                                      0,
                                      0,
                                      99,
                                      3,
                                      'r',
                                      'a',
                                      'm',
                                      0,
                                      0,
                                      0,
                                      0,
                                      0,
                                      0,
                                      0,
                                      4, /* instance, version */
                                      0,
                                      0,
                                      0,
                                      0,
                                      0,
                                      0,
                                      0,
                                      VMWIRE_RAM_SAVE_FLAG_EOS};
    static const uint8_t footer[] = {VMWIRE_QEMU_VM_SECTION_FOOTER, 0, 0, 0, 99};
    const size_t header = 8, added = sizeof(section) + (setting->footers ? sizeof(footer) : 0);
    uint8_t *bytes = vmwire_arena_alloc(setting->arena, written.length + added);
    memcpy(bytes, written.data, header);
    memcpy(bytes + header, section, sizeof(section));
    if (setting->footers)
        memcpy(bytes + header + sizeof(section), footer, sizeof(footer));
    memcpy(bytes + header + added, written.data + header, written.length - header);
    return (struct vmwire_bytes){bytes, written.length + added};
}

/* Writes the state. False: the option cannot write it, or it is not read as it is meant. */
static inline bool make_state(const struct setting *setting, struct state *state,
                              const struct vmwire_stream *stream)
{
    struct vmwire_error error;
    expect_stream(setting, state, stream);
    struct vmwire_writer *writer = write_whole(stream, setting->writes, false, &error);
    if (!writer)
        return false;
    struct vmwire_bytes bytes = vmwire_writer_output(writer);
    if (setting->cut)
        bytes = with_section_before(setting, bytes);
    bool laid = lay_state(setting, state, bytes, stream);
    vmwire_writer_destroy(writer);
    return laid;
}

/* ---- Streams ---------------------------------------------------------------------------------------- */

static inline const struct vmwire_item *make_item(struct setting *setting, struct vmwire_item item)
{
    struct vmwire_item *made = vmwire_arena_alloc(setting->arena, sizeof(*made));
    *made = item;
    return made;
}

static inline void add_item(struct setting *setting, struct vmwire_stream *stream,
                            struct vmwire_item item)
{
    stream->items[stream->item_count++] = make_item(setting, item);
}

static inline struct vmwire_item make_section(struct setting *setting, unsigned device)
{
    const char *idstr = setting->plan->devices[device].idstr;
    const struct vmwire_structure *structure =
        vmwire_schema_device(setting->writer, idstr, 0)->structure;
    return (struct vmwire_item){
        .kind = VMWIRE_ITEM_SECTION_FULL,
        .section_id = device + 1,
        .idstr = {(const uint8_t *)idstr, strlen(idstr)},
        .version_id = structure->described_version_id,
        .footer = setting->footers,
        .record = make_record(setting, structure, device, false, 0),
    };
}

/* The stream with all subsections. */
static inline struct vmwire_stream *make_stream(struct setting *setting)
{
    static const uint8_t packaged[] = {VMWIRE_QEMU_VM_COMMAND, 0, VMWIRE_MIG_CMD_PACKAGED, 0, 4};
    static const uint8_t run[] = {VMWIRE_QEMU_VM_COMMAND, 0, VMWIRE_MIG_CMD_POSTCOPY_RUN, 0, 0};
    static const uint8_t pinged[] = {
        VMWIRE_QEMU_VM_COMMAND, 0, VMWIRE_MIG_CMD_PING, 0, 4, 0, 0, 0, 1};
    static const uint8_t eof[] = {VMWIRE_QEMU_VM_EOF};
    const struct vmwire_item end = {.kind = VMWIRE_ITEM_EOF, .raw = {eof, sizeof(eof)}};
    const struct vmwire_item quit = {.kind = VMWIRE_ITEM_COMMAND,
                                     .command = VMWIRE_MIG_CMD_POSTCOPY_RUN,
                                     .raw = {run, sizeof(run)}};
    struct vmwire_stream *stream = vmwire_arena_alloc(setting->arena, sizeof(*stream));
    stream->items =
        vmwire_arena_alloc(setting->arena, (MOST_DEVICES + 5) * sizeof(struct vmwire_item *));
    for (unsigned i = 0; i < setting->plan->device_count; i++) {
        if (setting->package && i == setting->packaged_from)
            add_item(setting, stream,
                     (struct vmwire_item){.kind = VMWIRE_ITEM_PACKAGE,
                                          .command = VMWIRE_MIG_CMD_PACKAGED,
                                          .raw = {packaged, sizeof(packaged)}});
        if (i == setting->pinged_from)
            add_item(setting, stream,
                     (struct vmwire_item){.kind = VMWIRE_ITEM_COMMAND,
                                          .command = VMWIRE_MIG_CMD_PING,
                                          .payload = {pinged + 5, 4},
                                          .raw = {pinged, sizeof(pinged)}});
        add_item(setting, stream, make_section(setting, i));
    }
    if (setting->package) {
        add_item(setting, stream, setting->run ? quit : end);
        add_item(setting, stream, (struct vmwire_item){.kind = VMWIRE_ITEM_PACKAGE_END});
    }
    add_item(setting, stream, end);
    return stream;
}

/* A tree with all subsections that a state can have: of one order of them, and one length of the lists. */
struct variant {
    const struct vmwire_stream *all;
    struct instances instances;
};

static inline void make_variant(struct setting *setting, struct variant *variant, unsigned order,
                                int longer)
{
    setting->order = order;
    setting->longer = longer;
    variant->all = make_stream(setting);
    list_all_instances(&variant->instances, variant->all);
}

/* The stream with the subsections of the mask alone. */
static inline struct vmwire_stream *stream_with(struct setting *setting,
                                                const struct variant *variant, uint32_t mask)
{
    const struct vmwire_stream *all = variant->all;
    struct vmwire_stream *stream = vmwire_arena_alloc(setting->arena, sizeof(*stream));
    unsigned next = 0, left = 0;
    stream->items =
        vmwire_arena_alloc(setting->arena, all->item_count * sizeof(struct vmwire_item *));
    for (size_t i = 0; i < all->item_count; i++) {
        struct vmwire_item item = *all->items[i];
        if (item.record)
            item.record = with_subsections(setting, item.record, mask, &next);
        if (!item.record || left++ >= setting->cut)
            add_item(setting, stream, item);
    }
    return stream;
}

/* ---- Reading a string --------------------------------------------------------------------------------- */

/* What the reader did. */
enum { MOST_ITEMS = 64 };

struct reading_of {
    struct seen_tail {
        uint64_t offset;
        const struct vmwire_structure *owner;
        bool taken;
        char name[MOST_NAME + 1];
    } tails[MOST_EVENTS];
    size_t tail_count;
    /* The items that it has read. */
    const struct vmwire_item *items[MOST_ITEMS];
    size_t item_count;
    struct vmwire_stream whole;
    const struct vmwire_stream *stream; /* NULL: it rejected */
    enum vmwire_error_kind error;
    bool unknown; /* it met a layout that it does not know: a real reader would go on */
    struct unknown_layout layout; /* that one */
    size_t left;                  /* bytes from there to the end */
};

static inline void see_tail(void *context, const struct vmwire_tail_event *event)
{
    struct reading_of *reading = context;
    if (reading->tail_count == MOST_EVENTS)
        return;
    struct seen_tail *tail = &reading->tails[reading->tail_count++];
    tail->offset = event->offset;
    tail->owner = event->owner;
    tail->taken = event->taken;
    snprintf(tail->name, sizeof(tail->name), "%s", event->taken ? event->name : "");
}

static inline void see_item(void *context, const struct vmwire_item *item)
{
    struct reading_of *reading = context;
    if (reading->item_count == MOST_ITEMS)
        TEST_BROKEN("more than %d items", MOST_ITEMS);
    reading->items[reading->item_count++] = item;
}

/* Whether the reader has the section that the error is in. If not, it rejects: a real reader, too. */
static inline bool has_section(const struct setting *setting, const struct vmwire_error *error)
{
    char idstr[256];
    unsigned instance;
    return sscanf(error->section, "\"%255[^\"]\" instance %u", idstr, &instance) == 2 &&
           vmwire_schema_device(setting->reader, idstr, instance);
}

/* Reads the bytes of the state as they are now. The result is valid until the arena is reset. */
static inline void read_state(const struct setting *setting, const struct state *state,
                              struct vmwire_arena *scratch, struct reading_of *result)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_reading reading = {
        .option = setting->reads,
        .input = {state->bytes, state->length},
        .schema = setting->reader,
        .description = state->description,
        .arena = scratch,
        .sink = {result, see_item, true},
        .observer = {result, see_tail},
    };
    result->tail_count = result->item_count = 0;
    bool accepted = vmwire_stream_read(&reading, &cost, &error);
    result->whole = (struct vmwire_stream){result->items, result->item_count};
    result->stream = accepted ? &result->whole : NULL;
    result->error = result->stream ? VMWIRE_ERROR_NONE : error.kind;
    result->unknown = result->error == VMWIRE_ERROR_NO_LAYOUT && has_section(setting, &error);
    if (!result->unknown)
        return;
    result->layout = unknown_layout_of(&error);
    result->left = state->length - (size_t)error.offset;
}

/* Whether all that it has read has footers as the stream has them: otherwise it will refuse the next section. */
static inline bool footers_are_right(const struct setting *setting,
                                     const struct vmwire_item *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (items[i]->record && items[i]->kind == VMWIRE_ITEM_SECTION_FULL &&
            items[i]->footer != (setting->footers != 0))
            return false;
    return true;
}

static inline size_t packages_before(const struct vmwire_item *const *items, size_t count)
{
    size_t packages = 0;
    for (size_t i = 0; i < count; i++)
        packages += items[i]->kind == VMWIRE_ITEM_PACKAGE;
    return packages;
}

/* Whether the reader has begun a later item of the writer's as one. What it does then is about places in that one. */
static inline bool is_in_step_again(const struct setting *setting, const struct state *state,
                                    const struct reading_of *reading, struct place place)
{
    const struct vmwire_stream *written = state->read;
    const size_t wrong = place.item - setting->cut + (setting->cut > 0);
    for (size_t i = 0; i < reading->item_count && reading->items[i]->kind < VMWIRE_ITEM_EOF; i++)
        for (size_t j = wrong + 1; j < written->item_count; j++)
            if (reading->items[i]->raw.data + reading->items[i]->raw.length ==
                    written->items[j]->raw.data &&
                packages_before(reading->items, i + 1) == packages_before(written->items, j) &&
                footers_are_right(setting, reading->items, i + 1))
                return true;
    return false;
}

static inline bool as_expected(const struct state *state, const struct expected *expected,
                               const struct seen_tail *tail)
{
    if (expected->what == EXPECT_READER_TAIL)
        return tail->offset == expected->offset && tail->owner == expected->owner && !tail->taken;
    const struct event *event = &state->events[expected->event];
    return tail->offset == event->offset && tail->owner == expected->owner &&
           tail->taken == (event->sent != NULL) &&
           (!event->sent || strcmp(tail->name, event->sent->name) == 0);
}

/* The number of the first expected thing at which the reader is not, or no longer, in step; expected_count: it is in
 * step up to the end. */
static inline size_t first_wrong(const struct state *state, const struct reading_of *reading)
{
    size_t i = 0;
    while (i < state->expected_count && state->expected[i].what <= EXPECT_READER_TAIL &&
           i < reading->tail_count && as_expected(state, &state->expected[i], &reading->tails[i]))
        i++;
    return i;
}

#endif
