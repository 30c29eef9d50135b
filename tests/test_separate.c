/* SPDX-License-Identifier: MIT */
/*
 * Subsections that are items of their own: which states the writer refuses, because a reader would not find their
 * owner, and what the engine says where the reader has another schema or option. Each answer of the engine is
 * held against the reader itself, over all pairs of the devices below.
 */
#include "build.h"

#include <time.h>

/* ---- Devices --------------------------------------------------------------------------------- */

#define S(rest)           INNER("S", U8("a")) SENDS(rest)
#define S_A(fields)       SUB(INNER("S/a", fields))
#define VERSIONED(number) "{'vmsd_name':'S/a','version':" number ",'fields':[" U8("q") "]}"
#define DEV(fields)       LAYOUT(DEVICE("dev", INNER("D", fields)))
#define SIMPLE            S(S_A(U8("q")))
#define T_OF_A                                                                                     \
    SUB(INNER("S/a", STRUCT("g", 11, INNER("G", U8("h")) SENDS(SUB(INNER("G/b", U8("i")))))))

#define EMPTY(name) INNER(name, "")
#define F_X         SENDS(SUB(INNER("F/x", U8("q"))))

/* What a release may have in place of the first: each is a writer and a reader. */
static const char *const devices[] = {
    DEV(U8("t") "," STRUCT("s", 11, SIMPLE) "," U8("z")),
    DEV(STRUCT("s", 11, SIMPLE) "," U8("t") "," U8("z")),
    DEV(U8("t") "," STRUCT("r", 11, SIMPLE) "," U8("z")),
    DEV(STRUCT("t", 1, INNER("T", U8("a"))) "," STRUCT("s", 11, SIMPLE) "," U8("z")),
    DEV(U8("t") "," STRUCTS("s", 2, 11, SIMPLE)),
    DEV(U8("t") "," STRUCT("s", 1, INNER("S", U8("a"))) "," U8("z")),
    DEV(U8("t") "," STRUCT("s", 11, S(VERSIONED("2"))) "," U8("z")),
    DEV(U8("t") "," STRUCT("s", 14, S(S_A(U32("q")))) "," U8("z")),
    DEV(U8("t") "," STRUCT("s", 12, S(S_A(U8("q") "," U8("p")))) "," U8("z")),
    DEV(U8("t") "," STRUCT("s", 21, S(T_OF_A)) "," U8("z")),
    DEV(U8("t") "," STRUCT("s", 21, S(S_A(U8("q")) "," SUB(INNER("S/c", U8("p"))))) "," U8("z")),
    DEV(STRUCT("e", 0, INNER("E", "")) "," U8("t") "," STRUCT("s", 11, SIMPLE) "," U8("z")),
    DEV(STRUCT("s", 10, EMPTY("F") F_X) "," STRUCT("e", 0, EMPTY("E")) "," STRUCT("s", 0,
                                                                                  EMPTY("E"))),
    DEV("{'name':'l','type':'qtailq','size':13," SIMPLE "}," U8("z")),
    DEV(U8("t") "," STRUCT("s", 11, SIMPLE) "," U8("z") "," U8("y")),
};
enum { DEVICES = sizeof(devices) / sizeof(devices[0]) };

/* ---- A state ----------------------------------------------------------------------------------- */

/* A stream of one section of the device: every field 11, lists of one element, every subsection sent. */
struct state {
    struct vmwire_stream stream;
    const struct vmwire_item *items[2];
    struct vmwire_item section;
};

static struct vmwire_record *make_record(struct vmwire_arena *arena,
                                         const struct vmwire_structure *structure);

static struct vmwire_value **add_value(struct vmwire_arena *arena, struct vmwire_value **end,
                                       const struct vmwire_field *field, uint32_t element,
                                       size_t length, uint8_t byte)
{
    struct vmwire_value *value = *end = vmwire_arena_alloc(arena, sizeof(*value));
    value->field = field;
    value->element = element;
    if (length)
        value->data =
            (struct vmwire_bytes){memset(vmwire_arena_alloc(arena, length), byte, length), length};
    if (field->class == VMWIRE_FIELD_RECORD || (field->class == VMWIRE_FIELD_LIST && byte))
        value->record = make_record(arena, field->structure);
    return &value->next;
}

static struct vmwire_record *make_record(struct vmwire_arena *arena,
                                         const struct vmwire_structure *structure)
{
    struct vmwire_record *record = vmwire_arena_alloc(arena, sizeof(*record));
    struct vmwire_value **end = &record->values;
    record->structure = structure;
    for (size_t i = 0; i < structure->field_count; i++) {
        const struct vmwire_field *field = &structure->fields[i];
        if (field->class == VMWIRE_FIELD_LIST) {
            end = add_value(arena, end, field, 0, 1, 1);
            end = add_value(arena, end, field, 1, 1, 0);
        } else if (field->class == VMWIRE_FIELD_RECORD) {
            for (uint32_t j = 0; j < field->count; j++)
                end = add_value(arena, end, field, j, 0, 0);
        } else {
            end = add_value(arena, end, field, 0, (size_t)field->size * field->count, 0x11);
        }
    }
    for (size_t i = 0; i < structure->subsection_count; i++) {
        struct vmwire_subsection_value *sent = vmwire_arena_alloc(arena, sizeof(*sent));
        sent->subsection = &structure->subsections[i];
        sent->name = vmwire_bytes_of_string(structure->subsections[i].name);
        sent->version_id = structure->subsections[i].version_id;
        sent->record = make_record(arena, structure->subsections[i].structure);
        if (record->last_subsection)
            record->last_subsection->next = sent;
        else
            record->subsections = sent;
        record->last_subsection = sent;
    }
    return record;
}

static void make_state(struct state *state, const struct vmwire_schema *schema, bool footers)
{
    static const struct vmwire_item eof = {.kind = VMWIRE_ITEM_EOF,
                                           .raw = {(const uint8_t *)"", 1}};
    state->section = (struct vmwire_item){
        .kind = VMWIRE_ITEM_SECTION_FULL,
        .section_id = 1,
        .idstr = vmwire_bytes_of_string("dev"),
        .version_id = 1,
        .footer = footers,
        .record = make_record(schema->arena, schema->devices[0].structure),
    };
    state->items[0] = &state->section;
    state->items[1] = &eof;
    state->stream = (struct vmwire_stream){state->items, 2};
}

/* ---- What the reader does ---------------------------------------------------------------------- */

/* What comes next in a record: bytes of a field, or a subsection's name and owner. */
struct leaf {
    struct vmwire_bytes bytes; /* length 0: nothing more */
    const char *owner;         /* of the subsection; NULL: a field */
    const char *name;          /* of the section's field that has it; NULL: a subsection has it */
    bool list;
};

static const char *name_of_place(const struct vmwire_record_walk *walk)
{
    const struct vmwire_value *value = walk->depth > 1 ? walk->frames[1].as_value : walk->value;
    return value ? value->field->name : NULL;
}

static bool has_field(const struct vmwire_record *record, const char *name)
{
    for (size_t i = 0; i < record->structure->field_count; i++)
        if (strcmp(record->structure->fields[i].name, name) == 0)
            return true;
    return false;
}

static struct leaf next_leaf(struct vmwire_record_walk *walk)
{
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(walk)) != VMWIRE_RECORD_DONE;) {
        if (step == VMWIRE_RECORD_SUBSECTION)
            return (struct leaf){walk->subsection->name,
                                 walk->frames[walk->depth - 1].record->structure->name, NULL,
                                 false};
        if (step == VMWIRE_RECORD_VALUE && walk->value->data.length)
            return (struct leaf){walk->value->data, NULL, name_of_place(walk),
                                 walk->value->field->class == VMWIRE_FIELD_LIST};
    }
    return (struct leaf){.owner = NULL};
}

static bool begin_alike(const struct leaf *a, const struct leaf *b)
{
    return a->bytes.data == b->bytes.data && a->list == b->list && !a->owner == !b->owner &&
           (!a->owner || (strcmp(a->owner, b->owner) == 0 && a->bytes.length == b->bytes.length));
}

/* Whether two readings of the same bytes have the same values. One may have a value in two where the other has it in
 * one, or in a structure of its own. */
static bool same_values(const struct vmwire_record *a, const struct vmwire_record *b)
{
    struct vmwire_record_walk walk_a, walk_b;
    vmwire_record_walk_begin(&walk_a, a);
    vmwire_record_walk_begin(&walk_b, b);
    for (;;) {
        struct leaf x = next_leaf(&walk_a), y = next_leaf(&walk_b);
        if (!x.bytes.length || !y.bytes.length)
            return x.bytes.length == y.bytes.length;
        if (!begin_alike(&x, &y))
            return false;
        bool other_names = x.name && y.name && strcmp(x.name, y.name) != 0;
        if (other_names && (has_field(b, x.name) || has_field(a, y.name)))
            return false; /* a field that both have, at another place */
        bool divided = x.bytes.length < y.bytes.length;
        struct vmwire_record_walk *parts = divided ? &walk_a : &walk_b;
        size_t whole = divided ? y.bytes.length : x.bytes.length;
        size_t passed = divided ? x.bytes.length : y.bytes.length;
        while (passed < whole) {
            struct leaf part = next_leaf(parts);
            if (part.bytes.data != x.bytes.data + passed || part.owner)
                return false;
            passed += part.bytes.length;
        }
        if (passed > whole)
            return false;
    }
}

/* Whether both have the same values in the same structures. */
static bool same_shape(const struct vmwire_record *a, const struct vmwire_record *b)
{
    struct vmwire_record_walk x, y;
    vmwire_record_walk_begin(&x, a);
    vmwire_record_walk_begin(&y, b);
    for (;;) {
        enum vmwire_record_step step = vmwire_record_walk_next(&x);
        if (step != vmwire_record_walk_next(&y))
            return false;
        if (step == VMWIRE_RECORD_DONE)
            return true;
        if (step == VMWIRE_RECORD_VALUE && x.value->data.length != y.value->data.length)
            return false;
    }
}

struct pair {
    const struct vmwire_option *writes, *reads;
    const char *writer, *reader; /* the devices */
    bool footers;
};

/* What happens, and what the engine says. */
struct told {
    enum vmwire_outcome happens;
    bool possible[VMWIRE_OUTCOME_CORRUPT +
                  1]; /* some finding needs no byte, or has the bytes of the state */
    bool certain;     /* some rejection is of every state */
    bool undecided;
};

/* What becomes of these bytes of the writer's. `unknown`: the reader lacks a layout, or has the values in other structures:
 * then nobody says whether a subsection among them is the same. */
static enum vmwire_outcome read_bytes(const struct pair *pair, struct vmwire_bytes bytes,
                                      const struct vmwire_schema *writer_schema,
                                      const struct vmwire_schema *reader_schema,
                                      struct vmwire_arena *arena, bool *unknown)
{
    struct vmwire_error error = {0};
    struct vmwire_cost cost;
    struct vmwire_stream *own =
        vmwire_stream_read_whole(pair->writes, bytes, writer_schema, arena, &cost, &error);
    struct vmwire_stream *read =
        vmwire_stream_read_whole(pair->reads, bytes, reader_schema, arena, &cost, &error);
    *unknown = !read && error.kind == VMWIRE_ERROR_NO_LAYOUT &&
               !strstr(error.message, "no description of section");
    if (!read)
        return VMWIRE_OUTCOME_REJECT;
    if (read->item_count != 2) /* the section and the end */
        return VMWIRE_OUTCOME_TRUNCATED;
    if (!own) /* the witness misleads the writer's own reader as well */
        return VMWIRE_OUTCOME_CORRUPT;
    bool same = same_values(own->items[0]->record, read->items[0]->record);
    *unknown |= same && !same_shape(own->items[0]->record, read->items[0]->record);
    return same ? VMWIRE_OUTCOME_EXACT : VMWIRE_OUTCOME_CORRUPT;
}

static void tell(struct told *told, const struct vmwire_question *question,
                 struct vmwire_arena *arena)
{
    struct vmwire_decision decision = must_decide(question, arena);
    for (size_t i = 0; i < decision.tail_count; i++) {
        told->undecided |= decision.tails[i].reason != NULL;
        for (int j = VMWIRE_OUTCOME_REJECT; j <= VMWIRE_OUTCOME_CORRUPT; j++) {
            const struct vmwire_finding *finding = decision.tails[i].findings[j];
            told->possible[j] |= finding != NULL;
            told->certain |= finding && j == VMWIRE_OUTCOME_REJECT && !finding->required_count &&
                             decision.tails[i].differs &&
                             !decision.tails[i].findings[VMWIRE_OUTCOME_CORRUPT] &&
                             !decision.tails[i].findings[VMWIRE_OUTCOME_TRUNCATED];
        }
    }
}

/* Each finding ends as it says. */
static void check_findings(const struct pair *pair, const struct vmwire_question *question,
                           const struct vmwire_schema *writer_schema,
                           const struct vmwire_schema *reader_schema, struct vmwire_arena *arena)
{
    struct vmwire_decision decision = must_decide(question, arena);
    for (size_t i = 0; i < decision.tail_count; i++)
        for (int j = VMWIRE_OUTCOME_REJECT; j <= VMWIRE_OUTCOME_CORRUPT; j++) {
            const struct vmwire_finding *finding = decision.tails[i].findings[j];
            bool unknown;
            if (!finding)
                continue;
            enum vmwire_outcome found =
                read_bytes(pair, must_make_witness(question, finding, arena), writer_schema,
                           reader_schema, arena, &unknown);
            bool either = found == VMWIRE_OUTCOME_EXACT && unknown;
            if ((found != finding->outcome || unknown) &&
                !(either && finding->outcome == VMWIRE_OUTCOME_CORRUPT))
                fail_msg("%s to %s, %s:\n%s\nread with\n%s\nat %" PRIu64
                         " (%s) %s is claimed, and %s found",
                         pair->writes->name, pair->reads->name,
                         pair->footers ? "footers" : "no footers", pair->writer, pair->reader,
                         finding->offset, finding->differs ? finding->differs : "a tail",
                         vmwire_outcome_name(finding->outcome), vmwire_outcome_name(found));
        }
}

/* False: the option cannot write the state. */
static bool try_pair(const struct pair *pair, struct told *told)
{
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *writer_schema = schema_of(arena, pair->writer, NULL);
    struct vmwire_schema *reader_schema = schema_of(arena, pair->reader, NULL);
    struct vmwire_error error = {0};
    struct vmwire_cost cost;
    struct state state;
    *told = (struct told){0};
    make_state(&state, writer_schema, pair->footers);
    struct vmwire_writer *writer = write_whole(&state.stream, pair->writes, false, &error);
    if (!writer) {
        assert_int_equal(error.kind, VMWIRE_ERROR_CANNOT_WRITE);
        vmwire_arena_destroy(arena);
        return false;
    }
    struct vmwire_bytes bytes = vmwire_writer_output(writer);
    struct vmwire_stream *own =
        vmwire_stream_read_whole(pair->writes, bytes, writer_schema, arena, &cost, &error);
    if (!own)
        fail_msg("%s: %s", pair->writer, error.message);
    if (!vmwire_record_equal(own->items[0]->record, state.section.record))
        fail_msg("%s: %s", pair->writer, tree_text(own));
    bool unknown;
    told->happens = read_bytes(pair, bytes, writer_schema, reader_schema, arena, &unknown);
    struct vmwire_question question = {.option = pair->writes,
                                       .stream = own,
                                       .bytes = bytes,
                                       .reader = {pair->reads, reader_schema},
                                       .skewed = true};
    tell(told, &question, arena);
    check_findings(pair, &question, writer_schema, reader_schema, arena);
    vmwire_writer_destroy(writer);
    vmwire_arena_destroy(arena);
    return true;
}

static void check_pair(const struct pair *pair, const struct told *told)
{
    bool decided = told->happens == VMWIRE_OUTCOME_EXACT || told->possible[told->happens];
    if ((!decided && !told->undecided) ||
        (told->certain && told->happens != VMWIRE_OUTCOME_REJECT && !told->undecided))
        fail_msg("%s to %s, %s:\n%s\nread with\n%s\nthe reader's outcome is %s; the engine: reject "
                 "%d (of every state %d) truncated %d corrupt %d undecided %d",
                 pair->writes->name, pair->reads->name, pair->footers ? "footers" : "no footers",
                 pair->writer, pair->reader, vmwire_outcome_name(told->happens),
                 told->possible[VMWIRE_OUTCOME_REJECT], told->certain,
                 told->possible[VMWIRE_OUTCOME_TRUNCATED], told->possible[VMWIRE_OUTCOME_CORRUPT],
                 told->undecided);
}

static void test_engine_and_readers_agree(void **state)
{
    static const char *const options[][2] = {
        {"standalone", "standalone"}, {"toplevel", "toplevel"}, {"toplevel", "heuristic"},
        {"toplevel", "guarded"},      {"toplevel", "legacy"},   {"heuristic", "toplevel"},
        {"guarded", "toplevel"},      {"heuristic", "guarded"}, {"heuristic", "heuristic"},
        {"toplevel", "combined"},     {"combined", "toplevel"}, {"heuristic", "combined"},
        {"combined", "heuristic"}};
    size_t outcomes[VMWIRE_OUTCOME_CORRUPT + 1] = {0}, undecided = 0, refused = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        for (size_t j = 0; j < 2 * DEVICES * DEVICES; j++) {
            struct pair pair = {option_named(options[i][0]), option_named(options[i][1]),
                                devices[j / 2 % DEVICES], devices[j / 2 / DEVICES], j % 2};
            struct told told;
            if (!try_pair(&pair, &told)) {
                refused++;
                continue;
            }
            check_pair(&pair, &told);
            outcomes[told.happens]++;
            undecided += told.undecided;
        }
    print_message("%zu exact, %zu reject, %zu truncated, %zu corrupt; in %zu something is "
                  "undecided; %zu cannot be written\n",
                  outcomes[VMWIRE_OUTCOME_EXACT], outcomes[VMWIRE_OUTCOME_REJECT],
                  outcomes[VMWIRE_OUTCOME_TRUNCATED], outcomes[VMWIRE_OUTCOME_CORRUPT], undecided,
                  refused);
}

/* ---- Answers, one by one ------------------------------------------------------------------------ */

/* What is said about the first item that the reader does not take. */
static void test_reasons(void **state)
{
    static const struct {
        const char *writer, *reader, *options[2], *differs;
    } rows[] = {
        {DEV(STRUCT("s", 11, SIMPLE) "," U8("z")),
         DEV(STRUCT("s", 1, INNER("S", U8("a"))) "," U8("z")),
         {"standalone", "standalone"},
         "the reader does not have this subsection"},
        {DEV(STRUCT("s", 11, SIMPLE) "," U8("z")),
         DEV(STRUCT("r", 11, SIMPLE) "," U8("z")),
         {"standalone", "standalone"},
         "the reader has no record of this path"},
        {DEV(STRUCT("s", 11, SIMPLE) "," U8("z")),
         DEV(STRUCT("r", 11, SIMPLE) "," U8("z")),
         {"toplevel", "toplevel"},
         "the reader has no record of this path"},
        {DEV(STRUCT("s", 11, S(VERSIONED("2")))),
         DEV(STRUCT("s", 11, SIMPLE)),
         {"toplevel", "toplevel"},
         "the reader does not have this version of the subsection"},
        {DEV(STRUCT("s", 11, SIMPLE)),
         DEV(STRUCT("s", 11, SIMPLE)),
         {"toplevel", "heuristic"},
         "the reader takes a subsection for a device that it does not have"},
        {DEV(STRUCT("s", 11, SIMPLE)),
         DEV(STRUCT("s", 14, S(S_A(U32("q"))))),
         {"standalone", "standalone"},
         "the reader has another field here"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vmwire_arena *arena = vmwire_arena_create();
        struct vmwire_schema *writes = schema_of(arena, rows[i].writer, NULL);
        struct vmwire_schema *reads = schema_of(arena, rows[i].reader, NULL);
        const struct vmwire_option *option = option_named(rows[i].options[0]);
        struct vmwire_error error = {0};
        struct vmwire_cost cost;
        struct state made;
        make_state(&made, writes, true);
        struct vmwire_writer *writer = write_whole(&made.stream, option, false, &error);
        assert_non_null(writer);
        struct vmwire_question question = {.option = option,
                                           .bytes = vmwire_writer_output(writer),
                                           .reader = {option_named(rows[i].options[1]), reads},
                                           .skewed = true};
        question.stream =
            vmwire_stream_read_whole(option, question.bytes, writes, arena, &cost, &error);
        struct vmwire_decision decision = must_decide(&question, arena);
        const char *differs = NULL;
        for (size_t j = 0; j < decision.tail_count && !differs; j++)
            differs = decision.tails[j].differs;
        assert_non_null(differs);
        assert_string_equal(differs, rows[i].differs);
        vmwire_writer_destroy(writer);
        vmwire_arena_destroy(arena);
    }
}

/* ---- States that cannot be written --------------------------------------------------------------- */

#define LONG_NAME                                                                                  \
    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiiiiiiiiijj" \
    "jjjjjjjj"
static void test_refusals(void **state)
{
    static const struct {
        const char *name, *device, *message;
    } rows[] = {
        {"standalone toplevel",
         DEV(STRUCT("s", 0, EMPTY("E")) "," STRUCT("e", 0, EMPTY("E")) "," STRUCT("s", 10,
                                                                                  EMPTY("F") F_X)),
         "another record \"s\" ends at the same byte"},
        {"standalone toplevel",
         DEV(STRUCT("s", 10, EMPTY("F") F_X) "," STRUCT("e", 0, EMPTY("E")) "," STRUCT("s", 0,
                                                                                       EMPTY("E"))),
         NULL},
        {"standalone toplevel",
         DEV(STRUCT("s", 0, EMPTY("E")) "," U8("b") "," STRUCT("s", 10, EMPTY("F") F_X)), NULL},
        {"standalone toplevel",
         DEV(STRUCT("s", 10, EMPTY("F") F_X) "," STRUCT("s", 10, EMPTY("F") F_X)), NULL},
        {"standalone toplevel",
         DEV(STRUCT(LONG_NAME, 11,
                    INNER("A", STRUCT(LONG_NAME, 11, INNER("B", STRUCT(LONG_NAME, 11, SIMPLE)))))),
         "longer than 255 bytes"},
        {"standalone", DEV(STRUCT("s", 10, S(SUB(INNER("/a", U8("q")))))), NULL},
        {"toplevel", DEV(STRUCT("s", 10, S(SUB(INNER("/a", U8("q")))))),
         "\"/a\" would be read as part of its owner's path"},
        {"standalone toplevel",
         DEV(STRUCT("x/y", 9, S(SUB(INNER("z", U8("q"))))) "," STRUCT(
             "x", 11, S(SUB(INNER("y/z", U8("q")))))),
         NULL},
        {"standalone toplevel", DEV(STRUCT("x//", 8, S(SUB(INNER("", U8("q")))))), NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t j = 0; j < vmwire_option_count; j++) {
            if (!listed(rows[i].name, vmwire_options[j].name))
                continue;
            struct vmwire_arena *arena = vmwire_arena_create();
            struct vmwire_schema *schema = schema_of(arena, rows[i].device, NULL);
            struct vmwire_error error = {0};
            struct vmwire_cost cost;
            struct state made;
            make_state(&made, schema, true);
            struct vmwire_writer *writer =
                write_whole(&made.stream, &vmwire_options[j], false, &error);
            if (rows[i].message) {
                if (writer)
                    fail_msg("%s: written", rows[i].device);
                assert_int_equal(error.kind, VMWIRE_ERROR_CANNOT_WRITE);
                if (!strstr(error.message, rows[i].message))
                    fail_msg("%s", error.message);
            } else {
                if (!writer)
                    fail_msg("%s: %s", rows[i].device, error.message);
                struct vmwire_stream *back = vmwire_stream_read_whole(
                    &vmwire_options[j], vmwire_writer_output(writer), schema, arena, &cost, &error);
                if (!back)
                    fail_msg("%s: %s", rows[i].device, error.message);
                assert_true(vmwire_record_equal(back->items[0]->record, made.section.record));
            }
            vmwire_writer_destroy(writer);
            vmwire_arena_destroy(arena);
        }
}

/* A section of the id of the section before, whose idstr is that of one of its subsections. */
static void test_section_like_a_subsection(void **state)
{
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *schema = schema_of(arena, devices[5], NULL);
    struct vmwire_error error = {0};
    struct state made;
    (void)state;
    make_state(&made, schema, true);
    struct vmwire_item second = made.section;
    second.idstr = vmwire_bytes_of_string("dev/s/S/a");
    const struct vmwire_item *items[] = {&made.section, &second};
    const struct vmwire_stream stream = {items, 2};
    assert_null(write_whole(&stream, option_named("toplevel"), false, &error));
    assert_int_equal(error.kind, VMWIRE_ERROR_CANNOT_WRITE);
    second.section_id++;
    struct vmwire_writer *writer = write_whole(&stream, option_named("toplevel"), false, &error);
    assert_non_null(writer);
    vmwire_writer_destroy(writer);
    vmwire_arena_destroy(arena);
}

/* Many records that end at one byte, and many items: each item costs about the same. */
static void test_cost(void **state)
{
    (void)state;
    double per_byte[2];
    for (int i = 0; i < 2; i++) {
        struct vmwire_arena *arena = vmwire_arena_create();
        char text[512];
        unsigned count = i ? 4000 : 500;
        snprintf(text, sizeof(text),
                 DEV("{'name':'s','array_len':%u,'type':'struct','size':11,'struct':{" SIMPLE "}}"),
                 count);
        struct vmwire_schema *schema = schema_of(arena, text, NULL);
        struct vmwire_error error = {0};
        struct vmwire_cost cost;
        struct state made;
        make_state(&made, schema, true);
        struct vmwire_writer *writer =
            write_whole(&made.stream, option_named("standalone"), false, &error);
        assert_non_null(writer);
        struct vmwire_stream *back = vmwire_stream_read_whole(
            option_named("standalone"), vmwire_writer_output(writer), schema, arena, &cost, &error);
        assert_non_null(back);
        per_byte[i] = (double)cost.bytes_allocated / (double)vmwire_writer_output(writer).length;
        vmwire_writer_destroy(writer);
        vmwire_arena_destroy(arena);
    }
    assert_true(per_byte[1] < 1.5 * per_byte[0]);
}

/* ---- Names that an attacker chooses --------------------------------------------------------------- */

enum {
    CHOSEN_RECORDS = 2048, /* each a field of one byte */
    CHOSEN_SLOTS = 4096,   /* of their index, if it were a table of so many */
    CHOSEN_SECTIONS = 8,
};

static uint64_t hash_on(uint64_t hash, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* Whether the record of this name that ends there begins at the first slot, as the index once was. */
static bool begins_at_first_slot(const char *name, uint64_t ends_at)
{
    uint64_t hash = hash_on(UINT64_C(0xcbf29ce484222325), name, strlen(name));
    hash = hash_on(hash, &ends_at, sizeof(ends_at));
    return ((hash ^ hash >> 32) & (CHOSEN_SLOTS - 1)) == 0;
}

static struct vmwire_schema *schema_of_records(struct vmwire_arena *arena, bool chosen)
{
    char *text;
    size_t length;
    FILE *file = open_memstream(&text, &length);
    unsigned number = 0x100000;
    fputs("{'page_size':4096,'devices':[{'name':'dev','instance_id':0,'vmsd_name':'D','version':1,'"
          "fields':[",
          file);
    for (unsigned i = 1; i <= CHOSEN_RECORDS; i++) {
        char name[16];
        do
            snprintf(name, sizeof(name), "%x", number++);
        while (chosen && !begins_at_first_slot(name, i));
        fprintf(file, "%s{'name':'%s','type':'struct','size':1,'struct':{" INNER("S", U8("a")) "}}",
                i > 1 ? "," : "", name);
    }
    fputs("],'subsections':[{" INNER("D/s", "") "}]}]}", file);
    fclose(file);
    struct vmwire_schema *schema = schema_of(arena, text, NULL);
    free(text);
    return schema;
}

/* The processor's time for sections of so many records, with a subsection behind each. */
static clock_t time_of_records(bool chosen)
{
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *schema = schema_of_records(arena, chosen);
    char text[256];
    snprintf(text, sizeof(text),
             "'QEVM' 00000005 %d*(04 00000001 .'dev' 00000000 00000001 %d*(00) 7e 00000001 "
             "05 00000001 00 %08x .'D/s' 00000001 7e 00000001) 00",
             CHOSEN_SECTIONS, CHOSEN_RECORDS, CHOSEN_RECORDS);
    struct made made = assemble(option_named("standalone"), text);
    clock_t least = 0;
    for (int i = 0; i < 5; i++) {
        struct vmwire_reading reading = {
            .option = option_named("standalone"), .input = made.bytes, .schema = schema};
        struct vmwire_cost cost;
        struct vmwire_error error = {0};
        clock_t begin = clock();
        assert_true(vmwire_stream_read(&reading, &cost, &error));
        clock_t took = clock() - begin;
        least = i && least < took ? least : took;
        assert_int_equal(cost.subsections, CHOSEN_SECTIONS);
    }
    made_free(&made);
    vmwire_arena_destroy(arena);
    return least;
}

/* A time, as no counter tells how long a search in the index is. */
static void test_chosen_names(void **state)
{
    (void)state;
    clock_t chosen = time_of_records(true), plain = time_of_records(false);
    print_message("chosen names: %.1f times as long\n", (double)chosen / (double)plain);
    assert_true(chosen < 3 * plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine_and_readers_agree),
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_section_like_a_subsection),
        cmocka_unit_test(test_cost),
        cmocka_unit_test(test_chosen_names),
    };
    return cmocka_run_group_tests_name("separate", tests, NULL, NULL);
}
