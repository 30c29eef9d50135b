/* SPDX-License-Identifier: MIT */
/*
 * The engine against brute force: of small schemas every string that the free bytes can hold is read by
 * the reference reader, and what can go wrong at each tail must be what the engine decided.
 *
 * What is enumerated. A shape is a tree of up to 3 structures (each embedded one alone or as an array of
 * 2; embedded in a structure or in a subsection's record) and up to 2 subsections (of any structure, or
 * one of the other), with up to 4 fields at any places between. All shapes are visited, none is left
 * out. Beside them those of up to 2 structures with 3 subsections, two of which are namesakes, and up to 3
 * fields: where one is in the other's owner, what was written may mislead legacy as it is. The rest is
 * chosen for each shape by a hash of its number: types, lengths and values of the fields, names (of which
 * some begin with others), footers, a second section, a package around one section or both, which subsections are sent (in which elements of an
 * array), the option. Every further round (the program's argument, 1 unless given) visits all shapes again
 * with other choices.
 *
 * What is complete. The strings of one case are over the alphabet of its schema: 00 to 05, ff, the lengths
 * and letters of its names; where items are read also 7e, the letters of idstrs, the marker of null pointers
 * where it has one, and in a few thorough cases 06 to 08. All strings of the alphabet are decided, but no
 * two that the reader cannot tell apart: a byte takes other values only once the reader has looked at it,
 * and at a tail that it passes any value but 05 is like any other, unless the byte is read as more than
 * that. (look() says where a reader looks; what it leaves out is tried with other values at random, and
 * where all strings are few they are all read.) A case with more strings than its share is cut off: counted,
 * and what the engine says can happen is then shown by its witness alone.
 *
 * Arguments: rounds (1), strings of a case that is not thorough (120): the longer form is `test_brute 2`. The
 * shorter form is VMWIRE_SHARE (share.h).
 */
#include "brute.h"
#include "share.h"

enum {
    MOST_STRUCTURES = 3,
    MOST_SUBSECTIONS = 3,
    MOST_WITHOUT_NAMESAKES = 2,
    MOST_NODES = MOST_STRUCTURES + MOST_SUBSECTIONS,
    MOST_FIELDS = 4,
    MOST_SLOTS = MOST_NODES + MOST_STRUCTURES - 1,
    MOST_EVENTS = 256,
    MOST_LOOKED = 1024,
    MOST_NAME = 15,

    MAGIC_LENGTH = 8,      /* magic and version */
    PACKAGE_HEAD = 9,      /* a command and the length of the package */
    OTHER = 0xff,          /* a byte that is nothing */
    STRINGS_IN_FULL = 150, /* so many and all strings are read beside */
    STRINGS_OF_A_CASE = 120,
    TIMES_AS_MANY = 15, /* in one case of FEW */
    FEW = 40,
    NO_NODE = MOST_NODES,
    OUTCOMES = VMWIRE_OUTCOME_CORRUPT + 1,
    OPTION_NAMES = 11,
};

static const char *const option_names[OPTION_NAMES] = {
    "heuristic",  "heuristic", "guarded", "legacy",   "heuristic", "flagday",
    "standalone", "toplevel",  "framed",  "combined", "described"};
static const char *const namesake_option_names[OPTION_NAMES] = {
    "flagday", "flagday", "guarded", "legacy",   "heuristic", "heuristic",
    "flagday", "legacy",  "framed",  "combined", "described"};

/* ---- Shapes ------------------------------------------------------------------------------------ */

/* Nodes are numbered: the structures, of which 0 is the section's own, then the subsections. Each node
 * with n structures embedded in it has n + 1 slots for fields: before each, and behind the last. */
struct shape {
    unsigned structures, subsections;
    unsigned parent[MOST_NODES];
    unsigned arrays; /* a bit for each structure */
    unsigned fields;
    unsigned slot[MOST_FIELDS]; /* of each field, ascending */
};

static unsigned node_count(const struct shape *shape)
{
    return shape->structures + shape->subsections;
}

static bool is_subsection(const struct shape *shape, unsigned node)
{
    return node >= shape->structures;
}

static unsigned slot_count(const struct shape *shape)
{
    return node_count(shape) + shape->structures - 1;
}

/* Whether the parents make a tree; of trees that differ in the numbers of their nodes only, one does. */
static bool is_tree(const struct shape *shape)
{
    for (unsigned node = 1; node < node_count(shape); node++) {
        bool alike = is_subsection(shape, node) == is_subsection(shape, shape->parent[node]);
        if (alike && shape->parent[node] >= node)
            return false;
        unsigned up = node;
        for (unsigned i = 0; up && i < MOST_NODES; i++)
            up = shape->parent[up];
        if (up)
            return false;
    }
    return true;
}

/* The next of all ways to count with `count` digits below `base`; false after the last. */
static bool next_number(unsigned *digits, unsigned count, unsigned base)
{
    for (unsigned i = 0; i < count; i++) {
        if (++digits[i] < base)
            return true;
        digits[i] = 0;
    }
    return false;
}

/* The next ascending sequence. */
static bool next_ascending(unsigned *digits, unsigned count, unsigned base)
{
    unsigned i = count;
    while (i && digits[i - 1] == base - 1)
        i--;
    if (!i)
        return false;
    unsigned value = digits[i - 1] + 1;
    for (i--; i < count; i++)
        digits[i] = value;
    return true;
}

typedef void visit_shape(void *context, const struct shape *shape);

static bool has_namesakes(const struct shape *shape)
{
    return shape->subsections > MOST_WITHOUT_NAMESAKES;
}

static void visit_fields(struct shape *shape, visit_shape *visit, void *context)
{
    unsigned most = has_namesakes(shape) ? MOST_FIELDS - 1 : MOST_FIELDS;
    for (shape->fields = 0; shape->fields <= most; shape->fields++) {
        memset(shape->slot, 0, sizeof(shape->slot));
        do
            visit(context, shape);
        while (next_ascending(shape->slot, shape->fields, slot_count(shape)));
    }
}

static void visit_trees(struct shape *shape, visit_shape *visit, void *context)
{
    memset(shape->parent, 0, sizeof(shape->parent));
    do {
        if (!is_tree(shape))
            continue;
        unsigned ways = has_namesakes(shape) ? 1 : 1U << shape->structures;
        for (shape->arrays = 0; shape->arrays < ways; shape->arrays += 2)
            visit_fields(shape, visit, context);
    } while (next_number(shape->parent + 1, node_count(shape) - 1, node_count(shape)));
}

static void visit_shapes(visit_shape *visit, void *context)
{
    for (unsigned structures = 1; structures <= MOST_STRUCTURES; structures++)
        for (unsigned subsections = 0; subsections <= MOST_SUBSECTIONS; subsections++) {
            struct shape shape = {.structures = structures, .subsections = subsections};
            if (!has_namesakes(&shape) || structures < MOST_STRUCTURES)
                visit_trees(&shape, visit, context);
        }
}

/* ---- Schemas ----------------------------------------------------------------------------------- */

/* Several of one kind where it shall be chosen more often. A header of the names in use has 8 to 13
 * bytes; a section's has 15. */
static const struct kind {
    const char *type;
    unsigned size;
} kinds[] = {
    {"uint8", 1},   {"uint8", 1},         {"uint32", 4},      {"uint64", 8},
    {"buffer", 5},  {"buffer", 9},        {"buffer", 9},      {"buffer", 10},
    {"buffer", 16}, {"buffer", 18},       {"buffer", 26},     {"buffer", 40},
    {"bool", 1},    {"unused_buffer", 3}, {"uint8 equal", 1}, {"nullptr", 1},
};

static const char *const structure_names[][MOST_STRUCTURES] = {
    {"a", "b", "c"}, {"a", "ab", "abc"}, {"ab", "a", "b"}};

/* What a subsection's name is made of: a structure's name (OWN: the owner's) and letters. */
enum { OWN = -1, NONE = -2 };
static const struct naming {
    int prefix[MOST_WITHOUT_NAMESAKES];
    const char *letters[MOST_WITHOUT_NAMESAKES];
} namings[] = {
    {{OWN, OWN}, {"x", "y"}},   {{OWN, OWN}, {"x", "xx"}}, {{OWN, OWN}, {"xx", "x"}},
    {{NONE, NONE}, {"x", "y"}}, {{1, 0}, {"x", "x"}},      {{OWN, 0}, {"x", "y"}},
};

/* A shape with all choices made. */
struct plan {
    const struct shape *shape;
    char names[MOST_NODES][MOST_NAME + 1];
    unsigned first_slot[MOST_NODES];
    const struct kind *kinds[MOST_FIELDS];
    unsigned
        sent[MOST_SUBSECTIONS]; /* bit 0: in first elements and outside arrays, bit 1: in second */
    unsigned older;             /* a bit for each subsection that an older release has */
    bool leading_section;       /* one in which nothing can go wrong stands before */
    unsigned second_section;    /* bytes of its field, and one more; 0: there is none */
    unsigned packaged;          /* sections in a package; 0: there is none */
    bool footers;
    uint8_t fill, constant; /* what free bytes, what constants hold */
    const struct vmwire_option *option;
};

static const char *subsection_prefix(const struct plan *plan, int prefix, unsigned node)
{
    if (prefix == NONE)
        return "";
    return plan->names[prefix == OWN ? plan->shape->parent[node] : (unsigned)prefix];
}

static void choose_names(struct plan *plan, struct chooser *chooser)
{
    const char *const *names = structure_names[choose(chooser, 3)];
    const struct naming *naming = &namings[choose(chooser, sizeof(namings) / sizeof(namings[0]))];
    for (unsigned i = 0; i < MOST_STRUCTURES; i++)
        snprintf(plan->names[i], sizeof(plan->names[i]), "%s", names[i]);
    char own[MOST_NODES][MOST_NAME + 1];
    memcpy(own, plan->names, sizeof(own));
    for (unsigned i = 0; i < plan->shape->subsections; i++) {
        unsigned node = plan->shape->structures + i;
        if (i == MOST_WITHOUT_NAMESAKES) { /* the namesake of the one before it */
            memcpy(plan->names[node], own[node - 1], sizeof(own[node]));
            continue;
        }
        snprintf(own[node], sizeof(own[node]), "%s%s",
                 subsection_prefix(plan, naming->prefix[i], node), naming->letters[i]);
        memcpy(plan->names[node], own[node], sizeof(own[node]));
    }
}

static unsigned children_of(const struct shape *shape, unsigned node)
{
    unsigned count = 0;
    for (unsigned i = 1; i < shape->structures; i++)
        count += shape->parent[i] == node;
    return count;
}

static bool has_subsections(const struct shape *shape, unsigned node)
{
    for (unsigned i = shape->structures; i < node_count(shape); i++)
        if (shape->parent[i] == node)
            return true;
    return false;
}

static struct plan plan_of(const struct shape *shape, struct chooser *chooser)
{
    static const unsigned second_fields[] = {0, 0, 1, 2, 7, 11, 21, 31};
    static const uint8_t constants[] = {0x05, 0x00, 0x41};
    struct plan plan = {.shape = shape};
    choose_names(&plan, chooser);
    for (unsigned node = 0, slot = 0; node < node_count(shape); node++) {
        plan.first_slot[node] = slot;
        slot += children_of(shape, node) + 1;
    }
    for (unsigned i = 0; i < shape->fields; i++)
        plan.kinds[i] = &kinds[choose(chooser, sizeof(kinds) / sizeof(kinds[0]))];
    for (unsigned i = 0; i < shape->subsections; i++)
        plan.sent[i] = choose(chooser, 4);
    plan.older = choose(chooser, 1U << shape->subsections);
    plan.leading_section = choose(chooser, 2);
    plan.second_section = second_fields[choose(chooser, 8)];
    plan.footers = choose(chooser, 2);
    plan.fill = choose(chooser, 8) ? 0x00 : 0x05;
    plan.constant = constants[choose(chooser, 3)];
    const char *const *options = has_namesakes(shape) ? namesake_option_names : option_names;
    plan.option = option_named(options[choose(chooser, OPTION_NAMES)]);
    for (unsigned i = 0; i < shape->subsections; i++)
        if (plan.option->flat && has_subsections(shape, shape->structures + i))
            plan.sent[i] = 0; /* its writer refuses it */
    plan.packaged = choose(chooser, 3) ? 0 : 1 + (plan.second_section && choose(chooser, 2));
    return plan;
}

static size_t size_of(const struct plan *plan, unsigned node, unsigned with);

/* Bytes of a node's subsections of which the bit is set in `with`. */
static size_t subsections_size(const struct plan *plan, unsigned node, unsigned with)
{
    const struct shape *shape = plan->shape;
    size_t size = 0;
    for (unsigned i = shape->structures; i < node_count(shape); i++)
        if (shape->parent[i] == node && with >> (i - shape->structures) & 1)
            size += 1 + 1 + strlen(plan->names[i]) + 4 + size_of(plan, i, with);
    return size;
}

static size_t size_of(const struct plan *plan, unsigned node, unsigned with)
{
    const struct shape *shape = plan->shape;
    size_t size = subsections_size(plan, node, with);
    for (unsigned i = 0; i < shape->fields; i++)
        if (shape->slot[i] >= plan->first_slot[node] &&
            shape->slot[i] <= plan->first_slot[node] + children_of(shape, node))
            size += plan->kinds[i]->size;
    for (unsigned i = 1; i < shape->structures; i++)
        if (shape->parent[i] == node)
            size += (shape->arrays >> i & 1 ? 2 : 1) * size_of(plan, i, with);
    return size;
}

static const char *put_fields(const struct plan *plan, FILE *text, unsigned slot, const char *comma)
{
    for (unsigned i = 0; i < plan->shape->fields; i++) {
        if (plan->shape->slot[i] != slot)
            continue;
        fprintf(text, "%s{'name':'f%u','type':'%s','size':%u}", comma, i, plan->kinds[i]->type,
                plan->kinds[i]->size);
        comma = ",";
    }
    return comma;
}

static void put_structure(const struct plan *plan, FILE *text, unsigned node, unsigned with)
{
    const struct shape *shape = plan->shape;
    unsigned slot = plan->first_slot[node];
    fprintf(text, "'vmsd_name':'%s','version':1,'fields':[", plan->names[node]);
    const char *comma = put_fields(plan, text, slot, "");
    for (unsigned i = 1; i < shape->structures; i++) {
        if (shape->parent[i] != node)
            continue;
        fprintf(text, "%s{'name':'s%u',%s'type':'struct','size':%zu,'struct':{", comma, i,
                shape->arrays >> i & 1 ? "'array_len':2," : "", size_of(plan, i, with));
        put_structure(plan, text, i, with);
        fputs("}}", text);
        comma = put_fields(plan, text, ++slot, ",");
    }
    fputs("]", text);
    bool any = false;
    for (unsigned i = shape->structures; i < node_count(shape); i++) {
        if (shape->parent[i] != node || !(with >> (i - shape->structures) & 1))
            continue;
        fputs(any ? ",{" : ",'subsections':[{", text);
        put_structure(plan, text, i, with);
        fputs("}", text);
        any = true;
    }
    if (any)
        fputs("]", text);
}

/* The description, with the subsections of which the bit is set; the caller frees it. */
static char *description_of(const struct plan *plan, unsigned with)
{
    char *description = NULL;
    size_t size = 0;
    FILE *text = must(open_memstream(&description, &size));
    fputs("{'devices':[", text);
    if (plan->leading_section)
        fputs("{'name':'c','instance_id':0,'vmsd_name':'q','version':1,'fields':[]},", text);
    fputs("{'name':'a','instance_id':0,", text);
    put_structure(plan, text, 0, with);
    fputs("}", text);
    if (plan->second_section) {
        fputs(",{'name':'b','instance_id':0,'vmsd_name':'z','version':1,'fields':[", text);
        if (plan->second_section > 1)
            fprintf(text, "{'name':'g','type':'buffer','size':%u}", plan->second_section - 1);
        fputs("]}", text);
    }
    fputs("]}", text);
    fclose(text);
    return description;
}

static struct vmwire_schema *schema_with(const struct plan *plan, struct vmwire_arena *arena,
                                         unsigned with)
{
    char *description = description_of(plan, with);
    struct vmwire_schema *schema = schema_of(arena, description, NULL);
    free(description);
    return schema;
}

/* ---- What is written --------------------------------------------------------------------------- */

struct maker {
    const struct plan *plan;
    struct vmwire_arena *arena;
};

static struct vmwire_bytes make_data(const struct maker *maker, const struct vmwire_field *field)
{
    static const uint8_t zeros = 0, null_pointer = 0x30;
    uint8_t value = zeros;
    if (field->class == VMWIRE_FIELD_FREE)
        value = maker->plan->fill;
    else if (field->class == VMWIRE_FIELD_CONSTANT)
        value = field->null_pointer ? null_pointer : maker->plan->constant;
    size_t length = (size_t)field->size * field->count;
    uint8_t *data = vmwire_arena_alloc(maker->arena, length);
    memset(data, value, length);
    return (struct vmwire_bytes){data, length};
}

/* The node of an owner's subsection, if it is sent; otherwise 0. */
static unsigned sent_node(const struct plan *plan, unsigned owner, const char *name,
                          unsigned element)
{
    for (unsigned node = plan->shape->structures; node < node_count(plan->shape); node++)
        if (plan->shape->parent[node] == owner && strcmp(plan->names[node], name) == 0)
            return plan->sent[node - plan->shape->structures] >> element & 1 ? node : 0;
    return 0;
}

static struct vmwire_record *make_record(const struct maker *maker,
                                         const struct vmwire_structure *structure, unsigned node,
                                         unsigned element);

static struct vmwire_value **make_value(const struct maker *maker, const struct vmwire_field *field,
                                        unsigned element, struct vmwire_value **end)
{
    unsigned count = field->class == VMWIRE_FIELD_RECORD ? field->count : 1;
    for (unsigned i = 0; i < count; i++) {
        struct vmwire_value *value = vmwire_arena_alloc(maker->arena, sizeof(*value));
        *value = (struct vmwire_value){.field = field, .element = i};
        if (field->class == VMWIRE_FIELD_RECORD)
            value->record =
                make_record(maker, field->structure, (unsigned)strtoul(field->name + 1, NULL, 10),
                            count > 1 ? i : element);
        else
            value->data = make_data(maker, field);
        *end = value;
        end = &value->next;
    }
    return end;
}

/* `element`: of the innermost array that the record is in. */
static struct vmwire_record *make_record(const struct maker *maker,
                                         const struct vmwire_structure *structure, unsigned node,
                                         unsigned element)
{
    struct vmwire_record *record = vmwire_arena_alloc(maker->arena, sizeof(*record));
    record->structure = structure;
    struct vmwire_value **end = &record->values;
    for (size_t i = 0; i < structure->field_count; i++)
        end = make_value(maker, &structure->fields[i], element, end);
    struct vmwire_subsection_value **place = &record->subsections;
    for (size_t i = 0; i < structure->subsection_count; i++) {
        const struct vmwire_subsection *subsection = &structure->subsections[i];
        unsigned sent = sent_node(maker->plan, node, subsection->name, element);
        if (!sent)
            continue;
        struct vmwire_subsection_value *value = vmwire_arena_alloc(maker->arena, sizeof(*value));
        *value = (struct vmwire_subsection_value){
            .subsection = subsection,
            .record = make_record(maker, subsection->structure, sent, element),
            .name = {(const uint8_t *)subsection->name, strlen(subsection->name)},
            .version_id = 1,
        };
        *place = record->last_subsection = value;
        place = &value->next;
    }
    return record;
}

/* `node`: of the section's own record. */
static const struct vmwire_item *make_section(const struct maker *maker, const char *idstr,
                                              const struct vmwire_schema *schema, uint32_t id,
                                              unsigned node)
{
    struct vmwire_item *item = vmwire_arena_alloc(maker->arena, sizeof(*item));
    *item = (struct vmwire_item){
        .kind = VMWIRE_ITEM_SECTION_FULL,
        .section_id = id,
        .idstr = {(const uint8_t *)idstr, strlen(idstr)},
        .version_id = 1,
        .footer = maker->plan->footers,
        .record = make_record(maker, vmwire_schema_device(schema, idstr, 0)->structure, node, 0),
    };
    return item;
}

static struct vmwire_stream *make_stream(const struct maker *maker,
                                         const struct vmwire_schema *schema)
{
    static const struct vmwire_item end = {.kind = VMWIRE_ITEM_EOF,
                                           .raw = {(const uint8_t *)"", 1}},
                                    package = {.kind = VMWIRE_ITEM_PACKAGE,
                                               .command = VMWIRE_MIG_CMD_PACKAGED,
                                               .raw = {(const uint8_t *)"\x08\0\7\0\4", 5}},
                                    package_end = {.kind = VMWIRE_ITEM_PACKAGE_END};
    const unsigned packaged = maker->plan->packaged;
    struct vmwire_stream *stream = vmwire_arena_alloc(maker->arena, sizeof(*stream));
    stream->items = vmwire_arena_alloc(maker->arena, 7 * sizeof(struct vmwire_item *));
    if (maker->plan->leading_section)
        stream->items[stream->item_count++] = make_section(maker, "c", schema, 3, NO_NODE);
    if (packaged)
        stream->items[stream->item_count++] = &package;
    stream->items[stream->item_count++] = make_section(maker, "a", schema, 1, 0);
    if (packaged == 1) {
        stream->items[stream->item_count++] = &end;
        stream->items[stream->item_count++] = &package_end;
    }
    if (maker->plan->second_section)
        stream->items[stream->item_count++] = make_section(maker, "b", schema, 2, NO_NODE);
    if (packaged == 2) {
        stream->items[stream->item_count++] = &end;
        stream->items[stream->item_count++] = &package_end;
    }
    stream->items[stream->item_count++] = &end;
    return stream;
}

/* ---- Reading ----------------------------------------------------------------------------------- */

struct event {
    uint64_t offset;
    const struct vmwire_structure *owner;
    bool taken, known;
};

/* What the reader did with one string. */
struct trace {
    struct event events[MOST_EVENTS];
    size_t event_count;
    enum vmwire_outcome outcome;
    uint64_t error_offset; /* of a rejection */
    size_t wrong;          /* the first event that is not the writer's */
};

/* What was found at one tail with one outcome. */
struct found {
    bool any;
    size_t looked_at, changed; /* the least bytes from the tail on that a string needed */
    uint8_t *string;           /* the first */
};

enum role {
    ROLE_NONE, /* counted, but nothing depends on it any more */
    ROLE_TAIL, /* 05, or not */
    ROLE_NAME, /* which of the lengths, letters and versions it is, or none of them */
    ROLE_FULL, /* its value counts */
};

struct looked {
    struct {
        uint64_t offset;
        enum role role;
        size_t event; /* behind which it was looked at */
    } list[MOST_LOOKED];
    size_t count;
};

struct totals {
    size_t shapes, cases, not_exact, cut_off, tails, clean, undecided, strings, others, in_full;
    size_t outcomes[OUTCOMES];  /* of tails, as the engine decided */
    size_t confirmed[OUTCOMES]; /* of those, found by brute force as well */
    size_t excused; /* found by brute force alone, at a tail that is not fully decided */
    struct differences differences;
};

/* One case: what was written, and the bytes in place, in which the strings are tried. */
struct brute {
    const struct plan *plan;
    const struct vmwire_option *option;
    const struct vmwire_schema *schema;
    struct vmwire_arena *arena, *scratch;
    struct chooser chooser;
    struct totals *totals;

    uint8_t *bytes, *before; /* the string, and as it was written */
    size_t length;
    uint8_t *classes; /* of each byte */
    uint8_t *fixed;   /* a role: in which of them the byte keeps its value for now */
    const struct vmwire_stream *written;
    const struct vmwire_schema *description; /* of it */
    uint8_t alphabet[64];
    size_t alphabet_size, name_letters; /* all; the first ones, which tell headers of subsections */

    struct trace base, trace;        /* as it was meant; of the string in place */
    struct found (*found)[OUTCOMES]; /* of each tail */
    size_t strings_left;
    bool thorough; /* one of a few cases with many strings */
    bool cut_off;
};

static void observe(void *context, const struct vmwire_tail_event *event)
{
    struct trace *trace = context;
    if (trace->event_count == MOST_EVENTS)
        TEST_BROKEN("more than %d tails", MOST_EVENTS);
    trace->events[trace->event_count++] = (struct event){
        .offset = event->offset,
        .owner = event->owner,
        .taken = event->taken,
        .known = event->taken && vmwire_structure_subsection(event->owner, event->name),
    };
}

struct list {
    struct vmwire_arena *arena;
    struct vmwire_stream stream;
    size_t room;
};

static void collect(void *context, const struct vmwire_item *item)
{
    struct list *list = context;
    list->stream.items = vmwire_arena_grow(list->arena, list->stream.items, list->stream.item_count,
                                           &list->room, sizeof(const struct vmwire_item *));
    list->stream.items[list->stream.item_count++] = item;
}

static bool same_event(const struct event *a, const struct event *b)
{
    return a->offset == b->offset && a->owner == b->owner && a->taken == b->taken;
}

static size_t first_wrong(const struct trace *trace, const struct trace *base)
{
    size_t i = 0;
    while (i < trace->event_count && i < base->event_count &&
           same_event(&trace->events[i], &base->events[i]))
        i++;
    return i;
}

/* What was written keeps its data in the bytes themselves: whatever string is in place was written. */
static void read_string(struct brute *brute, struct trace *trace)
{
    struct vmwire_arena_mark mark = vmwire_arena_mark(brute->scratch);
    struct list list = {.arena = brute->scratch};
    struct vmwire_reading reading = {
        .option = brute->option,
        .input = {brute->bytes, brute->length},
        .schema = brute->schema,
        .description = brute->description,
        .arena = brute->scratch,
        .sink = {&list, collect, true},
        .observer = {trace, observe},
    };
    struct vmwire_cost cost;
    struct vmwire_error error;
    trace->event_count = 0;
    bool accepted = vmwire_stream_read(&reading, &cost, &error);
    trace->outcome = vmwire_outcome_of(brute->written, accepted ? &list.stream : NULL);
    trace->error_offset = accepted ? VMWIRE_ERROR_NO_OFFSET : error.offset;
    trace->wrong = first_wrong(trace, &brute->base);
    vmwire_arena_reset(brute->scratch, mark);
    brute->totals->strings++;
}

/* ---- Differences ------------------------------------------------------------------------------- */

/* All there is to know about a difference; the caller frees it. */
static char *example_of(const struct brute *brute, size_t tail, const uint8_t *string)
{
    char *example = NULL;
    size_t size = 0;
    FILE *text = must(open_memstream(&example, &size));
    char *description = description_of(brute->plan, ~0U);
    char *before = hex_text((struct vmwire_bytes){brute->before, brute->length});
    char *after = hex_text((struct vmwire_bytes){string, brute->length});
    if (tail < brute->base.event_count)
        fprintf(text, "tail %zu, of \"%s\" at %llu", tail, brute->base.events[tail].owner->name,
                (unsigned long long)brute->base.events[tail].offset);
    fprintf(text, "\n  schema   %s\n  existing %x\n  written  %s\n  string   %s", description,
            brute->plan->older, before, after);
    fclose(text);
    free(description);
    free(before);
    free(after);
    return example;
}

static void differ(struct brute *brute, size_t tail, const uint8_t *string, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Of each kind the smallest is kept as an example. */
static void differ(struct brute *brute, size_t tail, const uint8_t *string, const char *format, ...)
{
    char what[MOST_TEXT / 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    char text[MOST_TEXT];
    snprintf(text, sizeof(text), "%s%s",
             brute->plan->leading_section ? "" : "first section: ", what);
    add_difference(&brute->totals->differences, text, brute->option->name,
                   example_of(brute, tail, string));
}

/* ---- Where a reader looks ---------------------------------------------------------------------- */

static int byte_at(const struct brute *brute, uint64_t offset)
{
    return offset < brute->length ? brute->bytes[offset] : -1;
}

static uint32_t be_at(const struct brute *brute, uint64_t offset, unsigned count)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value = value << 8 | (uint32_t)(byte_at(brute, offset + i) & 0xff);
    return value;
}

static void looks(const struct brute *brute, struct looked *looked, uint64_t offset, enum role role,
                  size_t event)
{
    if (offset >= brute->length)
        return;
    if (looked->count == MOST_LOOKED)
        TEST_BROKEN("a reader that looks at more than %d bytes", MOST_LOOKED);
    looked->list[looked->count].offset = offset;
    looked->list[looked->count].role = role;
    looked->list[looked->count++].event = event;
}

static bool looks_at_tail(const struct brute *brute, const struct vmwire_structure *owner)
{
    if (brute->option->look == VMWIRE_LOOK_NEVER)
        return false;
    bool any = false;
    for (size_t i = 0; i < owner->subsection_count; i++)
        any |= vmwire_option_sends_inline(brute->option, &owner->subsections[i]);
    return any || (brute->option->look != VMWIRE_LOOK_IF_DECLARED &&
                   brute->option->look != VMWIRE_LOOK_IF_DECLARED_AND_PLAUSIBLE &&
                   brute->option->subsections == VMWIRE_SUBSECTION_INLINE);
}

/* Whether some name begins with the `length` bytes: only then the reader's way depends on the next. */
static bool begins_name(const struct brute *brute, uint64_t offset, size_t length)
{
    for (unsigned i = 0; i < node_count(brute->plan->shape); i++)
        if (strlen(brute->plan->names[i]) >= length &&
            memcmp(brute->plan->names[i], brute->bytes + offset, length) == 0)
            return true;
    return brute->plan->second_section && length <= 1 &&
           memcmp("z", brute->bytes + offset, length) == 0;
}

static void look_at_name(const struct brute *brute, struct looked *looked, uint64_t offset,
                         const struct event *event, size_t number)
{
    size_t length = (size_t)byte_at(brute, offset + 1);
    enum role role = ROLE_NAME;
    looks(brute, looked, offset + 1, ROLE_NAME, number);
    bool by_name = brute->option->look == VMWIRE_LOOK_IF_PLAUSIBLE ||
                   brute->option->look == VMWIRE_LOOK_IF_DECLARED_AND_PLAUSIBLE;
    bool plausible = !by_name || length > strlen(event->owner->name);
    if (!plausible || offset + 2 + length > brute->length)
        return;
    for (size_t i = 0; i < length; i++) {
        looks(brute, looked, offset + 2 + i, role, number);
        if (!byte_at(brute, offset + 2 + i) || !begins_name(brute, offset + 2, i + 1))
            role = ROLE_NONE;
    }
    if (event->taken && event->known)
        looks(brute, looked, offset + 2 + length + 3, ROLE_NAME, number);
}

static void look_at_tail(const struct brute *brute, struct looked *looked, size_t number)
{
    const struct event *event = &brute->trace.events[number];
    if (!looks_at_tail(brute, event->owner))
        return;
    looks(brute, looked, event->offset, brute->option->sentinel ? ROLE_FULL : ROLE_TAIL, number);
    if (byte_at(brute, event->offset) == 0x05)
        look_at_name(brute, looked, event->offset, event, number);
}

/* The header of a full section, as far as it can lead to one. */
static void look_at_header(const struct brute *brute, struct looked *looked, uint64_t item,
                           size_t number)
{
    int length = byte_at(brute, item + 5);
    looks(brute, looked, item + 5, ROLE_FULL, number);
    if (length < 0 || item + 6 + (size_t)length > brute->length)
        return;
    for (int i = 0; i < length; i++)
        looks(brute, looked, item + 6 + (size_t)i, ROLE_FULL, number);
    int first = byte_at(brute, item + 6);
    if (!length || (first != 'a' && first != 'b' && first != 'c'))
        return;
    bool separate = brute->option->subsections == VMWIRE_SUBSECTION_SECTION;
    for (int i = 0; i < 8; i++) {
        uint64_t offset = item + 6 + (size_t)(length + i);
        looks(brute, looked, offset, ROLE_FULL, number);
        if (i < 7 && byte_at(brute, offset) != 0 && !separate)
            return;
    }
}

/* Behind the end of a stream. */
static void look_at_description(const struct brute *brute, struct looked *looked, uint64_t offset,
                                size_t number)
{
    looks(brute, looked, offset, ROLE_FULL, number);
    for (unsigned i = 1; i <= 4 && byte_at(brute, offset) == 0x06; i++)
        looks(brute, looked, offset + i, ROLE_FULL, number);
}

static uint64_t look_at_items(const struct brute *brute, struct looked *looked, uint64_t item,
                              size_t number)
{
    looks(brute, looked, item, ROLE_FULL, number);
    while (byte_at(brute, item) == 0x08) {
        for (unsigned i = 1; i <= 4; i++)
            looks(brute, looked, item + i, ROLE_FULL, number);
        item += 5 + be_at(brute, item + 3, 2);
        looks(brute, looked, item, ROLE_FULL, number);
    }
    if (byte_at(brute, item) == 0x04)
        look_at_header(brute, looked, item, number);
    if (byte_at(brute, item) == 0x00)
        look_at_description(brute, looked, item + 1, number);
    return item;
}

/* Behind a section that began with the item: its footer, and the items up to the next section. */
static uint64_t look_behind_section(const struct brute *brute, struct looked *looked, uint64_t item,
                                    size_t number)
{
    uint64_t offset = brute->trace.events[number].offset;
    looks(brute, looked, offset, ROLE_FULL, number);
    if (byte_at(brute, offset) != 0x7e)
        return look_at_items(brute, looked, offset, number);
    for (unsigned i = 1; i <= 4; i++) {
        looks(brute, looked, item + i, ROLE_FULL, number);
        looks(brute, looked, offset + i, ROLE_FULL, number);
        if (byte_at(brute, item + i) != byte_at(brute, offset + i))
            return item;
    }
    return look_at_items(brute, looked, offset + 5, number);
}

/* Whether the end of this record is the end of its section. */
static bool ends_section(const struct brute *brute, const struct vmwire_structure *owner)
{
    for (size_t i = 0; i < brute->schema->device_count; i++)
        if (brute->schema->devices[i].structure == owner)
            return true;
    for (const struct vmwire_structure *each = brute->schema->structures; each; each = each->next)
        for (size_t i = 0; i < each->subsection_count; i++)
            if (each->subsections[i].structure == owner)
                return !vmwire_option_sends_inline(brute->option, &each->subsections[i]);
    return false;
}

static void look(const struct brute *brute, struct looked *looked)
{
    const struct trace *trace = &brute->trace;
    bool package_first = brute->plan->packaged && !brute->plan->leading_section;
    uint64_t item = MAGIC_LENGTH + (package_first ? PACKAGE_HEAD : 0);
    looked->count = 0;
    for (size_t i = 0; i < trace->event_count; i++) {
        look_at_tail(brute, looked, i);
        if (!trace->events[i].taken && ends_section(brute, trace->events[i].owner))
            item = look_behind_section(brute, looked, item, i);
    }
    if (trace->outcome == VMWIRE_OUTCOME_REJECT) {
        looks(brute, looked, trace->error_offset - 1, ROLE_FULL, trace->event_count);
        looks(brute, looked, trace->error_offset, ROLE_FULL, trace->event_count);
    }
}

/* ---- Trying strings ---------------------------------------------------------------------------- */

static bool can_hold(const struct brute *brute, uint64_t offset, uint8_t value)
{
    return class_can_hold(brute->classes[offset], brute->before[offset], value);
}

/* How many bytes the reader has looked at from the wrong tail on. */
static size_t count_looked(const struct brute *brute, const struct looked *looked)
{
    size_t count = 0;
    for (size_t i = 0; i < looked->count; i++) {
        bool again = looked->list[i].event < brute->trace.wrong;
        for (size_t j = 0; j < i && !again; j++)
            again = looked->list[j].offset == looked->list[i].offset &&
                    looked->list[j].event >= brute->trace.wrong;
        count += !again;
    }
    /* Markers of null pointers that are there do not show in the trace; at most these were. */
    for (size_t i = 0; i < brute->length; i++)
        count += brute->bytes[i] == 0x30;
    return count;
}

static size_t count_changed(const struct brute *brute)
{
    size_t count = 0;
    for (size_t i = 0; i < brute->length; i++)
        count += brute->bytes[i] != brute->before[i];
    return count;
}

/* Notes what the string in place has done. */
static void note(struct brute *brute, const struct looked *looked)
{
    const struct trace *trace = &brute->trace;
    bool in_step =
        trace->wrong == brute->base.event_count && trace->event_count == brute->base.event_count;
    if (in_step != (trace->outcome == VMWIRE_OUTCOME_EXACT))
        differ(brute, trace->wrong, brute->bytes, "%s, but its tails are %s",
               vmwire_outcome_name(trace->outcome), in_step ? "the writer's" : "not the writer's");
    if (trace->outcome == VMWIRE_OUTCOME_EXACT || trace->wrong == brute->base.event_count)
        return;
    struct found *found = &brute->found[trace->wrong][trace->outcome];
    size_t looked_at = count_looked(brute, looked), changed = count_changed(brute);
    if (!found->any) {
        found->string = vmwire_arena_alloc(brute->arena, brute->length);
        memcpy(found->string, brute->bytes, brute->length);
    }
    if (!found->any || looked_at < found->looked_at)
        found->looked_at = looked_at;
    if (!found->any || changed < found->changed)
        found->changed = changed;
    found->any = true;
}

/* Other values in all bytes that the reader has not looked at must make no difference to it. */
static void try_others(struct brute *brute, const struct looked *looked)
{
    struct trace trace;
    uint8_t *kept = must(malloc(brute->length)), *seen = must(calloc(brute->length, 1));
    memcpy(kept, brute->bytes, brute->length);
    for (size_t i = 0; i < looked->count; i++)
        seen[looked->list[i].offset] |= looked->list[i].role != ROLE_NONE;
    for (size_t i = 0; i < brute->length; i++) {
        uint8_t value = brute->alphabet[choose(&brute->chooser, (unsigned)brute->alphabet_size)];
        if (!seen[i] && !brute->fixed[i] && can_hold(brute, i, value))
            brute->bytes[i] = value;
    }
    read_string(brute, &trace);
    brute->totals->others++;
    if (trace.outcome != brute->trace.outcome || trace.wrong != brute->trace.wrong)
        differ(brute, brute->trace.wrong, brute->bytes,
               "%s, and %s for a string that look() takes for the same",
               vmwire_outcome_name(trace.outcome), vmwire_outcome_name(brute->trace.outcome));
    memcpy(brute->bytes, kept, brute->length);
    free(kept);
    free(seen);
}

static void explore(struct brute *brute);

static void explore_with(struct brute *brute, uint64_t offset, uint8_t value, enum role role)
{
    uint8_t now = brute->bytes[offset], fixed = brute->fixed[offset];
    if (value == now || !can_hold(brute, offset, value))
        return;
    brute->bytes[offset] = value;
    brute->fixed[offset] = role;
    explore(brute);
    brute->bytes[offset] = now;
    brute->fixed[offset] = fixed;
}

/* All strings that differ from the one in place in this byte, which the reader looks at. */
static void vary(struct brute *brute, uint64_t offset, enum role role)
{
    uint8_t now = brute->bytes[offset];
    if (role == ROLE_TAIL) {
        explore_with(brute, offset, now == 0x05 ? OTHER : 0x05, ROLE_TAIL);
        return;
    }
    /* What the byte was found not to be stands for all that it may be besides. */
    enum role before = (enum role)brute->fixed[offset];
    if ((before == ROLE_TAIL && now == 0x05) || (before == ROLE_NAME && now != OTHER))
        return;
    size_t first = before == ROLE_NAME ? brute->name_letters : 0;
    size_t end = role == ROLE_NAME ? brute->name_letters : brute->alphabet_size;
    for (size_t i = first; i < end; i++)
        if (before != ROLE_TAIL || brute->alphabet[i] != 0x05)
            explore_with(brute, offset, brute->alphabet[i], role);
}

static void explore(struct brute *brute)
{
    if (!brute->strings_left) {
        brute->cut_off = true;
        return;
    }
    brute->strings_left--;
    struct looked *looked = must(malloc(sizeof(*looked)));
    read_string(brute, &brute->trace);
    look(brute, looked);
    note(brute, looked);
    if (!choose(&brute->chooser, 16))
        try_others(brute, looked);
    size_t done = 0;
    uint8_t *fixed = must(malloc(looked->count + 1));
    for (; done < looked->count; done++) {
        uint64_t offset = looked->list[done].offset;
        enum role role = looked->list[done].role;
        fixed[done] = brute->fixed[offset];
        if (role <= brute->fixed[offset])
            continue;
        vary(brute, offset, role);
        brute->fixed[offset] = (uint8_t)role;
    }
    while (done--)
        brute->fixed[looked->list[done].offset] = fixed[done];
    free(fixed);
    free(looked);
}

/* ---- All strings, where they are few ------------------------------------------------------------ */

static size_t free_bytes(const struct brute *brute, uint64_t *offsets)
{
    size_t count = 0;
    for (size_t i = 0; i < brute->length; i++)
        if (brute->classes[i] == VMWIRE_FIELD_FREE || brute->classes[i] == VMWIRE_FIELD_BOOL)
            offsets[count++] = i;
    return count;
}

static void check_all_strings(struct brute *brute)
{
    uint64_t *offsets = must(malloc(brute->length * sizeof(*offsets)));
    size_t count = free_bytes(brute, offsets), strings = 1;
    size_t limit = STRINGS_IN_FULL * (brute->thorough ? TIMES_AS_MANY : 1);
    for (size_t i = 0; i < count && strings <= limit; i++)
        strings *= brute->alphabet_size;
    brute->totals->in_full += strings <= limit;
    for (size_t string = 0; strings <= limit && string < strings; string++) {
        size_t rest = string;
        bool possible = true;
        for (size_t i = 0; i < count; i++, rest /= brute->alphabet_size) {
            uint8_t value = brute->alphabet[rest % brute->alphabet_size];
            possible &= can_hold(brute, offsets[i], value);
            brute->bytes[offsets[i]] = value;
        }
        if (!possible)
            continue;
        read_string(brute, &brute->trace);
        const struct trace *trace = &brute->trace;
        if (!brute->cut_off && trace->outcome != VMWIRE_OUTCOME_EXACT &&
            trace->wrong < brute->base.event_count &&
            !brute->found[trace->wrong][trace->outcome].any)
            differ(brute, trace->wrong, brute->bytes, "%s, which look() has led past",
                   vmwire_outcome_name(trace->outcome));
    }
    memcpy(brute->bytes, brute->before, brute->length);
    free(offsets);
}

/* ---- What the engine says ----------------------------------------------------------------------- */

static bool in_alphabet(const struct brute *brute, uint8_t value)
{
    return memchr(brute->alphabet, value, brute->alphabet_size);
}

/* Whether brute force tries this value: of the lengths of a name it tries those in the first part. */
static bool in_strings(const struct brute *brute, const struct vmwire_required_byte *demand)
{
    bool maybe_length = demand->value <= 0x08;
    return memchr(brute->alphabet, demand->value,
                  maybe_length ? brute->name_letters : brute->alphabet_size);
}

/* Puts the witness in place; false where a byte cannot hold its value. `within`: of the alphabet. */
static bool put_witness(struct brute *brute, const struct vmwire_finding *finding, bool *within)
{
    bool possible = true;
    *within = true;
    for (size_t i = 0; i < finding->required_count; i++) {
        const struct vmwire_required_byte *demand = &finding->required[i];
        if (demand->offset >= brute->length || !can_hold(brute, demand->offset, demand->value))
            possible = false;
        else
            brute->bytes[demand->offset] = demand->value;
        *within &= in_strings(brute, demand);
    }
    return possible;
}

/* Required bytes before the tail keep the stream's own bytes from misleading the reader earlier. */
static size_t count_required_from(const struct vmwire_finding *finding)
{
    size_t count = 0;
    for (size_t i = 0; i < finding->required_count; i++)
        count += finding->required[i].offset >= finding->offset;
    return count;
}

static void check_witness(struct brute *brute, size_t tail, const struct vmwire_finding *finding,
                          bool decided)
{
    const char *outcome = vmwire_outcome_name(finding->outcome);
    const struct found *found = &brute->found[tail][finding->outcome];
    bool within;
    if (!put_witness(brute, finding, &within))
        differ(brute, tail, brute->bytes, "the witness for %s changes what no state can", outcome);
    read_string(brute, &brute->trace);
    if (brute->trace.outcome != finding->outcome || brute->trace.wrong != tail)
        differ(brute, tail, brute->bytes, "decided %s, but with the witness the reader says %s%s",
               outcome, vmwire_outcome_name(brute->trace.outcome),
               brute->trace.wrong == tail ? "" : " at another tail");
    else if (within && !brute->cut_off && !found->any)
        differ(brute, tail, brute->bytes, "the witness for %s is no string of brute force",
               outcome);
    else if (within && !brute->cut_off && found->changed > count_changed(brute))
        differ(brute, tail, brute->bytes, "the witness for %s changes fewer bytes than any string",
               outcome);
    if (found->any && decided && count_required_from(finding) > found->looked_at)
        differ(brute, tail, found->string, "the witness for %s has more bytes than are enough",
               outcome);
    memcpy(brute->bytes, brute->before, brute->length);
}

/* What option.h says of `exact`; no case has two subsections of one name in one structure. */
static bool claims_exactness(const struct brute *brute)
{
    return brute->option->exact &&
           (!brute->plan->older || brute->option->subsections != VMWIRE_SUBSECTION_SECTION);
}

static void check_tail(struct brute *brute, size_t tail, const struct vmwire_tail_verdict *verdict)
{
    brute->totals->tails++;
    brute->totals->clean += verdict->verdict == VMWIRE_VERDICT_CLEAN;
    brute->totals->undecided += verdict->reason != NULL;
    if ((verdict->verdict == VMWIRE_VERDICT_UNDECIDED && !verdict->reason) ||
        (verdict->verdict == VMWIRE_VERDICT_CLEAN && verdict->reason))
        differ(brute, tail, brute->bytes, "undecided without a reason, or clean with one");
    if (claims_exactness(brute) && verdict->verdict != VMWIRE_VERDICT_CLEAN)
        differ(brute, tail, brute->bytes, "claims to be exact, and the tail is not clean");
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome < OUTCOMES; outcome++) {
        const struct vmwire_finding *finding = verdict->findings[outcome];
        const struct found *found = &brute->found[tail][outcome];
        if (finding && verdict->verdict != VMWIRE_VERDICT_FINDINGS)
            differ(brute, tail, brute->bytes, "no findings, and %s can happen",
                   vmwire_outcome_name(outcome));
        brute->totals->excused += found->any && !finding && verdict->reason;
        if (found->any && !finding && !verdict->reason)
            differ(brute, tail, found->string, "%s is found, but decided impossible",
                   vmwire_outcome_name((enum vmwire_outcome)outcome));
        if (!finding)
            continue;
        brute->totals->outcomes[outcome]++;
        brute->totals->confirmed[outcome] += found->any;
        check_witness(brute, tail, finding, !verdict->reason);
    }
}

/* The verdict about a tail. */
static const struct vmwire_tail_verdict *
verdict_at(struct brute *brute, const struct vmwire_decision *decision, size_t tail)
{
    const struct event *event = &brute->base.events[tail];
    const struct vmwire_tail_verdict *verdict = &decision->tails[tail];
    if (verdict->offset == event->offset && verdict->owner == event->owner)
        return verdict;
    differ(brute, tail, brute->bytes, "the tails are not decided in the order of the stream");
    for (size_t i = 0; i < decision->tail_count; i++)
        if (decision->tails[i].offset == event->offset && decision->tails[i].owner == event->owner)
            return &decision->tails[i];
    return verdict;
}

static void check_decision(struct brute *brute)
{
    const struct vmwire_question question = {
        .option = brute->option,
        .stream = brute->written,
        .bytes = {brute->bytes, brute->length},
        .reader = {brute->option, brute->schema},
    };
    struct vmwire_decision decision = must_decide(&question, brute->arena);
    if (decision.tail_count != brute->base.event_count) {
        differ(brute, 0, brute->bytes, "%zu tails are decided, the reader passes %zu",
               decision.tail_count, brute->base.event_count);
        return;
    }
    for (size_t i = 0; i < decision.tail_count; i++)
        check_tail(brute, i, verdict_at(brute, &decision, i));
}

/* ---- One case ---------------------------------------------------------------------------------- */

static void add_letter(struct brute *brute, unsigned value)
{
    if (!in_alphabet(brute, (uint8_t)value))
        brute->alphabet[brute->alphabet_size++] = (uint8_t)value;
}

static void add_text(struct brute *brute, const char *text)
{
    for (; *text; text++)
        add_letter(brute, (unsigned char)*text);
}

static void make_alphabet(struct brute *brute)
{
    static const uint8_t always[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, OTHER};
    const struct plan *plan = brute->plan;
    for (size_t i = 0; i < sizeof(always); i++)
        add_letter(brute, always[i]);
    for (unsigned i = 0; i < node_count(plan->shape); i++) {
        add_letter(brute, (unsigned)strlen(plan->names[i]) + !is_subsection(plan->shape, i));
        add_text(brute, plan->names[i]);
    }
    brute->name_letters = brute->alphabet_size;
    for (unsigned item = 0x06; brute->thorough && item <= 0x08; item++)
        add_letter(brute, item);
    for (unsigned i = 0; i < plan->shape->fields; i++)
        if (strcmp(plan->kinds[i]->type, "nullptr") == 0)
            add_letter(brute, 0x30);
    if (plan->footers)
        add_letter(brute, 0x7e);
    add_text(brute, brute->option->subsections == VMWIRE_SUBSECTION_SECTION ? "abc/" : "abc");
}

static void set_classes(struct brute *brute)
{
    memset(brute->classes, VMWIRE_FIELD_CONSTANT, brute->length);
    for (size_t i = 0; i < brute->written->item_count; i++) {
        if (!brute->written->items[i]->record)
            continue;
        struct vmwire_record_walk walk;
        vmwire_record_walk_begin(&walk, brute->written->items[i]->record);
        for (enum vmwire_record_step step;
             (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
            if (step == VMWIRE_RECORD_VALUE)
                memset(brute->classes + (walk.value->data.data - brute->bytes),
                       walk.value->field->class, walk.value->data.length);
    }
}

/* Where subsections were written. */
struct written_tails {
    struct written_tail {
        uint64_t offset;
        const struct vmwire_structure *owner;
    } list[MOST_EVENTS];
    size_t count;
};

static void add_written_tails(struct written_tails *tails, const struct vmwire_template *laid,
                              const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step != VMWIRE_RECORD_SUBSECTION)
            continue;
        if (tails->count == MOST_EVENTS)
            TEST_BROKEN("more than %d subsections", MOST_EVENTS);
        tails->list[tails->count++] = (struct written_tail){
            (uint64_t)(walk.subsection->raw.data - laid->bytes.data),
            walk.frames[walk.depth - 1].record->structure,
        };
    }
}

static bool was_written(void *context, const struct vmwire_structure *owner, uint64_t offset)
{
    const struct written_tails *tails = context;
    for (size_t i = 0; i < tails->count; i++)
        if (tails->list[i].offset == offset && tails->list[i].owner == owner)
            return true;
    return false;
}

/* What was written as it was meant, also where the option's own reader is misled by it as it is. False where
 * it is by what other options send inline. */
static bool read_as_meant(struct brute *brute, const struct vmwire_stream *made)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_template laid;
    struct written_tails *tails = must(calloc(1, sizeof(*tails)));
    bool inline_ones = brute->option->subsections == VMWIRE_SUBSECTION_INLINE;
    if (inline_ones && !vmwire_template_of_state(&laid, brute->option, made, brute->arena, &error))
        TEST_BROKEN("%s", error.message);
    for (size_t i = 0; inline_ones && i < laid.stream.item_count; i++)
        if (laid.stream.items[i]->record)
            add_written_tails(tails, &laid, laid.stream.items[i]->record);
    struct vmwire_reading reading = {
        .option = brute->option,
        .input = {brute->bytes, brute->length},
        .schema = brute->schema,
        .arena = brute->arena,
        .observer = {&brute->base, observe},
    };
    if (inline_ones)
        reading.chooser = (struct vmwire_tail_chooser){tails, was_written};
    brute->written = vmwire_stream_collect(reading, &cost, &error);
    brute->description = vmwire_describe(made, brute->option, brute->arena, &error);
    free(tails);
    bool exact = vmwire_outcome_of(made, brute->written) == VMWIRE_OUTCOME_EXACT;
    if (inline_ones && !exact)
        TEST_BROKEN("what was meant is something else: %s", error.message);
    return exact;
}

/* False where nothing can be said of what was written. */
static bool write_and_read(struct brute *brute)
{
    struct vmwire_error error;
    struct maker maker = {brute->plan, brute->arena};
    struct vmwire_stream *made = make_stream(&maker, brute->schema);
    struct vmwire_writer *writer = write_whole(made, brute->option, false, &error);
    if (!writer)
        TEST_BROKEN("%s", error.message);
    struct vmwire_bytes output = vmwire_writer_output(writer);
    brute->length = output.length;
    brute->bytes = must(malloc(output.length)); /* exactly as long, for the sanitizer */
    brute->before = vmwire_arena_alloc(brute->arena, output.length);
    brute->classes = vmwire_arena_alloc(brute->arena, output.length);
    brute->fixed = vmwire_arena_alloc(brute->arena, output.length);
    memcpy(brute->bytes, output.data, output.length);
    memcpy(brute->before, output.data, output.length);
    vmwire_writer_destroy(writer);
    if (!read_as_meant(brute, made))
        return false;
    read_string(brute, &brute->trace);
    brute->totals->not_exact += brute->trace.outcome != VMWIRE_OUTCOME_EXACT;
    return true;
}

static void check_case(struct brute *brute)
{
    set_classes(brute);
    make_alphabet(brute);
    brute->found =
        vmwire_arena_alloc(brute->arena, brute->base.event_count * sizeof(*brute->found));
    explore(brute);
    check_all_strings(brute);
    check_decision(brute);
    brute->totals->cut_off += brute->cut_off;
}

/* Schemas have no arrays the elements of which may have no bytes. Two of one name do not stand beside one
 * another: a reader takes both for the first. */
static bool is_possible(const struct plan *plan)
{
    const struct shape *shape = plan->shape;
    for (unsigned i = 1; i < shape->structures; i++)
        if (shape->arrays >> i & 1 && !size_of(plan, i, 0))
            return false;
    unsigned last = node_count(shape) - 1;
    return !has_namesakes(shape) || shape->parent[last] != shape->parent[last - 1];
}

/* What the program's arguments say. */
static unsigned rounds = 1;
static size_t strings_of_a_case = STRINGS_OF_A_CASE;
static unsigned long share = 1;

struct visit {
    struct totals totals;
    unsigned round;
};

static void visit(void *context, const struct shape *shape)
{
    struct visit *visit = context;
    struct chooser chooser = {(uint64_t)visit->round << 32 | visit->totals.shapes++};
    if (share > 1 && choose(&chooser, (unsigned)share))
        return;
    struct plan plan = plan_of(shape, &chooser);
    if (!is_possible(&plan))
        return;
    struct brute *brute = must(calloc(1, sizeof(*brute)));
    brute->plan = &plan;
    brute->option = plan.option;
    brute->arena = vmwire_arena_create();
    brute->scratch = vmwire_arena_create();
    brute->chooser = chooser;
    brute->totals = &visit->totals;
    brute->thorough = !choose(&brute->chooser, FEW);
    brute->strings_left = strings_of_a_case * (brute->thorough ? TIMES_AS_MANY : 1);
    struct vmwire_schema *schema = schema_with(&plan, brute->arena, ~0U);
    if (plan.option->subsections == VMWIRE_SUBSECTION_SECTION)
        must_set_existing(schema, schema_with(&plan, brute->arena, plan.older));
    brute->schema = schema;
    visit->totals.cases++;
    if (write_and_read(brute))
        check_case(brute);
    free(brute->bytes);
    vmwire_arena_destroy(brute->scratch);
    vmwire_arena_destroy(brute->arena);
    free(brute);
}

/* ---- The test ----------------------------------------------------------------------------------- */

static void print_totals(const struct totals *totals)
{
    print_message(
        "%zu shapes, %zu cases: %zu are misread as they are, %zu cut off, %zu read in full\n"
        "%zu tails: %zu clean, %zu not fully decided (brute force finds %zu outcomes there "
        "alone)\n",
        totals->shapes, totals->cases, totals->not_exact, totals->cut_off, totals->in_full,
        totals->tails, totals->clean, totals->undecided, totals->excused);
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome < OUTCOMES; outcome++)
        print_message("%zu tails: %s, %zu found by brute force\n", totals->outcomes[outcome],
                      vmwire_outcome_name((enum vmwire_outcome)outcome),
                      totals->confirmed[outcome]);
    print_message("%zu strings, of which %zu differ in bytes that are not looked at\n",
                  totals->strings, totals->others);
}

static void test_engine_and_brute_force_agree(void **state)
{
    (void)state;
    static struct visit all;
    for (; all.round < rounds; all.round++)
        visit_shapes(visit, &all);
    print_totals(&all.totals);
    print_differences(&all.totals.differences);
    if (all.totals.differences.count)
        fail_msg("%zu differences", all.totals.differences.count);
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome < OUTCOMES; outcome++)
        assert_true(all.totals.confirmed[outcome] > 100 / share);
    assert_true(all.totals.clean > 0);
    assert_true(all.totals.strings > 1000000 / share);
    assert_true(all.totals.cut_off < all.totals.cases / 3);
    assert_true(all.totals.in_full > 1000 / share);
}

int main(int argc, char **argv)
{
    share = share_of_cases();
    if (argc > 1)
        rounds = (unsigned)strtoul(argv[1], NULL, 10);
    if (argc > 2)
        strings_of_a_case = strtoul(argv[2], NULL, 10);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_engine_and_brute_force_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
