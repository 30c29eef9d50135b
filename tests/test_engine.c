/* SPDX-License-Identifier: MIT */
/*
 * The engine and the readers keep each other honest: every witness that the engine finds on the real
 * streams makes the reference reader do exactly what was decided, and under the options that claim to
 * be unambiguous there is none.
 */
#include "corpus.h"
#include "share.h"

static struct corpus corpus;
static unsigned long share = 1;

/* A stream as an option writes it, read back, and what was decided about it. */
struct decided {
    struct vmwire_arena *arena;
    struct vmwire_writer *writer;
    struct vmwire_bytes bytes;
    struct vmwire_stream *stream;
    struct vmwire_decision decision;
};

static struct vmwire_bytes written(struct decided *decided, const struct vmwire_option *option,
                                   const struct capture *capture)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    const struct vmwire_stream *stream =
        must(vmwire_stream_read_whole(option_named("heuristic"), capture->input.bytes,
                                      capture->schema, decided->arena, &cost, &error));
    struct vmwire_writing writing = {.option = option, .footers = cost.footers > 0};
    decided->writer = must_create_writer(&writing);
    for (size_t i = 0; i < stream->item_count; i++)
        assert_true(vmwire_writer_item(decided->writer, stream->items[i], &error));
    return vmwire_writer_output(decided->writer);
}

/* False where the option's reader does not accept its own writer's stream. */
static bool decide(struct decided *decided, const char *option, const struct capture *capture)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    decided->arena = vmwire_arena_create();
    decided->bytes = written(decided, option_named(option), capture);
    decided->stream = vmwire_stream_read_whole(option_named(option), decided->bytes,
                                               capture->schema, decided->arena, &cost, &error);
    if (decided->stream)
        decided->decision = must_decide(
            &(struct vmwire_question){.option = option_named(option),
                                      .stream = decided->stream,
                                      .bytes = decided->bytes,
                                      .reader = {option_named(option), capture->schema}},
            decided->arena);
    return decided->stream != NULL;
}

static void forget(struct decided *decided)
{
    vmwire_writer_destroy(decided->writer);
    vmwire_arena_destroy(decided->arena);
}

/* The reader's decisions at the tails of a stream, and how the reading ended. */
struct tails_read {
    struct read_tail {
        uint64_t offset;
        bool taken;
    } list[1 << 15];
    size_t count;
    bool accepted, unread;
};

static void note_tail(void *context, const struct vmwire_tail_event *event)
{
    struct tails_read *tails = context;
    assert_true(tails->count < sizeof(tails->list) / sizeof(tails->list[0]));
    tails->list[tails->count++] = (struct read_tail){event->offset, event->taken};
}

static void read_tails(struct tails_read *tails, const struct vmwire_option *option,
                       struct vmwire_bytes bytes, const struct vmwire_schema *schema)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_reading reading = {
        .option = option, .input = bytes, .schema = schema, .observer = {tails, note_tail}};
    tails->count = 0;
    tails->accepted = vmwire_stream_read(&reading, &cost, &error);
    tails->unread = cost.accounted[VMWIRE_ACCOUNT_UNREAD] > 0;
}

static bool same_tails(const struct tails_read *a, const struct tails_read *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->list[i].offset != b->list[i].offset || a->list[i].taken != b->list[i].taken)
            return false;
    return true;
}

/* What the reader does with the witness put in place, `bytes`. The fields hold the witness, nothing else
 * differs: what is accepted is exact where the reader decides at each tail as it does without. */
static enum vmwire_outcome outcome_of_bytes(const struct decided *decided, const char *option,
                                            const struct capture *capture,
                                            struct vmwire_bytes bytes)
{
    struct tails_read *tails = must(calloc(2, sizeof(*tails)));
    read_tails(&tails[0], option_named(option), decided->bytes, capture->schema);
    read_tails(&tails[1], option_named(option), bytes, capture->schema);
    enum vmwire_outcome outcome = !tails[1].accepted                 ? VMWIRE_OUTCOME_REJECT
                                  : tails[1].unread                  ? VMWIRE_OUTCOME_TRUNCATED
                                  : same_tails(&tails[0], &tails[1]) ? VMWIRE_OUTCOME_EXACT
                                                                     : VMWIRE_OUTCOME_CORRUPT;
    free(tails);
    return outcome;
}

static enum vmwire_outcome outcome_with(const struct decided *decided, const char *option,
                                        const struct capture *capture,
                                        const struct vmwire_finding *finding)
{
    uint8_t *bytes = must(malloc(decided->bytes.length));
    memcpy(bytes, decided->bytes.data, decided->bytes.length);
    for (size_t i = 0; i < finding->required_count; i++)
        bytes[finding->required[i].offset] = finding->required[i].value;
    enum vmwire_outcome outcome = outcome_of_bytes(
        decided, option, capture, (struct vmwire_bytes){bytes, decided->bytes.length});
    free(bytes);
    return outcome;
}

static size_t check_witnesses(const char *option, const struct capture *capture)
{
    struct decided decided = {0};
    size_t count = 0;
    if (!decide(&decided, option, capture)) {
        forget(&decided);
        return 0;
    }
    assert_true(decided.decision.tail_count > 0);
    for (size_t i = 0; i < decided.decision.tail_count; i++) {
        const struct vmwire_tail_verdict *tail = &decided.decision.tails[i];
        if (tail->reason && strcmp(tail->reason, VMWIRE_REASON_NOT_CONFIRMED) == 0)
            fail_msg("%s under %s, tail of %s at %llx: a finding is not confirmed", capture->name,
                     option, tail->owner->name, (unsigned long long)tail->offset);
        for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++) {
            const struct vmwire_finding *finding = tail->findings[outcome];
            if (!finding)
                continue;
            enum vmwire_outcome found = outcome_with(&decided, option, capture, finding);
            if (found != finding->outcome)
                fail_msg("%s under %s, tail of %s at %llx, %s: decided %s, but the reader says %s",
                         capture->name, option, finding->owner->name,
                         (unsigned long long)finding->offset, finding->path,
                         vmwire_outcome_name(finding->outcome), vmwire_outcome_name(found));
            count++;
        }
    }
    forget(&decided);
    return count;
}

static void test_every_witness_does_what_was_decided(void **state)
{
    (void)state;
    static const char *const options[] = {"heuristic", "guarded", "combined"};
    for (size_t option = 0; option < sizeof(options) / sizeof(options[0]); option++) {
        size_t count = 0;
        for (size_t i = 0; i < corpus.count; i += share)
            count += check_witnesses(options[option], &corpus.captures[i]);
        print_message("%s: %zu witnesses of one capture of %lu\n", options[option], count, share);
        assert_true(count > 0);
    }
}

/* QEMU's own example of the problem: an XMM register that holds a length and a name. */
static void test_xmm_register(void **state)
{
    (void)state;
    for (size_t i = 0; i < corpus.count; i++) {
        if (strcmp(corpus.captures[i].name, "bookworm-q35.vmstate") != 0)
            continue;
        struct decided decided = {0};
        assert_true(decide(&decided, "heuristic", &corpus.captures[i]));
        const struct vmwire_finding *finding = NULL;
        for (size_t j = 0; j < decided.decision.tail_count && !finding; j++)
            if (strcmp(decided.decision.tails[j].owner->name, "xmm_reg") == 0)
                finding = decided.decision.tails[j].findings[VMWIRE_OUTCOME_REJECT];
        assert_non_null(finding);
        assert_int_equal(finding->required_count, 10);
        static const uint8_t begins[] = "\x05\x08xmm_reg";
        for (size_t j = 0; j < sizeof(begins) - 1; j++)
            assert_int_equal(finding->required[j].value, begins[j]);
        forget(&decided);
        return;
    }
    fail_msg("bookworm-q35.vmstate is not in the corpus");
}

/* A reader that goes by the description refuses such a stream. */
static bool lacks_description(const char *option, const struct capture *capture)
{
    return option_named(option)->look == VMWIRE_LOOK_DESCRIBED &&
           !vmwire_description_find(capture->input.bytes).length;
}

static void test_unambiguous_options_have_no_findings(void **state)
{
    (void)state;
    static const char *const options[] = {"flagday", "standalone", "toplevel", "framed",
                                          "described"};
    for (size_t option = 0; option < sizeof(options) / sizeof(options[0]); option++)
        for (size_t i = 0; i < corpus.count; i += share) {
            struct decided decided = {0};
            bool read = decide(&decided, options[option], &corpus.captures[i]);
            assert_true(read || lacks_description(options[option], &corpus.captures[i]));
            for (size_t j = 0; j < decided.decision.tail_count; j++)
                if (decided.decision.tails[j].verdict != VMWIRE_VERDICT_CLEAN)
                    fail_msg("%s under %s: the tail of %s, %s, is not clean",
                             corpus.captures[i].name, options[option],
                             decided.decision.tails[j].owner->name, decided.decision.tails[j].path);
            forget(&decided);
        }
}

/* ---- States that send other subsections ----------------------------------------------------------- */

static bool ends_as(const struct tails_read *tails, enum vmwire_outcome outcome)
{
    switch (outcome) {
    case VMWIRE_OUTCOME_REJECT:
        return !tails->accepted;
    case VMWIRE_OUTCOME_TRUNCATED:
        return tails->accepted && tails->unread;
    default:
        return tails->accepted && !tails->unread;
    }
}

/* With the witness the reader does what was decided, and without it reads the same state as it is. */
static void check_state(const struct vmwire_question *question,
                        const struct vmwire_finding *finding, struct tails_read tails[2])
{
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_finding without = *finding;
    without.required_count = 0;
    read_tails(&tails[0], question->reader.option, must_make_witness(question, &without, arena),
               question->reader.schema);
    read_tails(&tails[1], question->reader.option, must_make_witness(question, finding, arena),
               question->reader.schema);
    if (!ends_as(&tails[1], finding->outcome) || same_tails(&tails[0], &tails[1]))
        fail_msg("the tail of %s at %llx, %s: decided %s, and it is not so", finding->owner->name,
                 (unsigned long long)finding->offset, finding->path,
                 vmwire_outcome_name(finding->outcome));
    vmwire_arena_destroy(arena);
}

static size_t check_states(const char *option, const struct capture *capture)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_arena *arena = vmwire_arena_create();
    struct tails_read *tails = must(calloc(2, sizeof(*tails)));
    struct vmwire_schema *schema = must_create_schema(arena);
    add_file(schema, capture->described);
    add_file(schema, capture->dump);
    must_finish_schema(schema);
    const struct vmwire_stream *stream = must(vmwire_stream_read_whole(
        option_named("heuristic"), capture->input.bytes, schema, arena, &cost, &error));
    struct vmwire_template template;
    assert_true(vmwire_template_of_stream(&template, option_named(option), stream, arena, &error));
    struct vmwire_question question = {.option = option_named(option),
                                       .stream = &template.stream,
                                       .bytes = template.bytes,
                                       .reader = {option_named(option), schema}};
    struct vmwire_decision decision = must_decide(&question, arena);
    size_t count = 0;
    for (size_t i = 0; i < decision.tail_count; i++)
        for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++)
            if (decision.tails[i].findings[outcome]) {
                check_state(&question, decision.tails[i].findings[outcome], tails);
                count++;
            }
    free(tails);
    vmwire_arena_destroy(arena);
    return count;
}

static void test_every_state_does_what_was_decided(void **state)
{
    (void)state;
    static const char *const names[] = {"bookworm-pc.vmstate", "bookworm-q35.vmstate",
                                        "bookworm-aarch64-virt-gicv3.vmstate", "forky-pc.vmstate"};
    size_t count = 0, found = 0;
    for (size_t i = 0; i < corpus.count; i++)
        for (size_t name = 0; name < sizeof(names) / sizeof(names[0]); name += share)
            if (strcmp(corpus.captures[i].name, names[name]) == 0) {
                count += check_states("heuristic", &corpus.captures[i]);
                found++;
            }
    print_message("heuristic, all states: %zu witnesses\n", count);
    assert_int_equal(found, (sizeof(names) / sizeof(names[0]) + share - 1) / share);
    assert_true(count > 1000 / share / 2);
}

/* ---- Ambiguity ------------------------------------------------------------------------------------ */

/* The construction of the design's section 5: S in P, each with a subsection, and a field g behind S. With
 * u the header of S/a and z that of P/x: the one state has g = u ... and P/x, the other one S/a = z ... and
 * no P/x. g need not be longer than u. */
#define CONSTRUCTION(g, x)                                                                         \
    LAYOUT("{'name':'p','instance_id':0,'vmsd_name':'P','version':1,'fields':["                    \
           "{'name':'s','type':'struct','size':19,'struct':{'vmsd_name':'S','version':1,"          \
           "'fields':[" U8("x") "],'subsections':[{'vmsd_name':'S/a','version':1,'fields':["       \
                                "{'name':'d','type':'buffer','size':9}]}]}},"                      \
                                "{'name':'g','type':'buffer','size':" g "}],"                      \
                                "'subsections':[{'vmsd_name':'P/x','version':1,'fields':["         \
                                "{'name':'d','type':'buffer','size':" x "}]}]}")

struct ambiguity {
    struct vmwire_arena *arena;
    struct vmwire_template template;
    struct vmwire_question question;
    const struct vmwire_finding *finding;
};

static struct ambiguity look_for_ambiguity(const char *option, const char *description)
{
    struct ambiguity ambiguity = {.arena = vmwire_arena_create()};
    struct vmwire_error error;
    const struct vmwire_schema *schema = schema_of(ambiguity.arena, description, NULL);
    assert_true(vmwire_template_of_device(&ambiguity.template, option_named(option),
                                          &schema->devices[0], ambiguity.arena, &error));
    ambiguity.question = (struct vmwire_question){.option = option_named(option),
                                                  .bytes = ambiguity.template.bytes,
                                                  .reader = {option_named(option), schema},
                                                  .ambiguity = VMWIRE_AMBIGUITY_STREAM};
    return ambiguity;
}

static void decide_ambiguity(struct ambiguity *ambiguity)
{
    ambiguity->question.stream = &ambiguity->template.stream;
    struct vmwire_decision decision = must_decide(&ambiguity->question, ambiguity->arena);
    for (size_t i = 0; i < decision.tail_count; i++) {
        assert_null(decision.tails[i].findings[VMWIRE_OUTCOME_REJECT]);
        if (decision.tails[i].findings[VMWIRE_OUTCOME_CORRUPT])
            ambiguity->finding = decision.tails[i].findings[VMWIRE_OUTCOME_CORRUPT];
    }
}

/* Read back it is the other state. */
static void check_construction(const char *description)
{
    struct ambiguity ambiguity = look_for_ambiguity("heuristic", description);
    decide_ambiguity(&ambiguity);
    assert_non_null(ambiguity.finding);
    assert_string_equal(ambiguity.finding->owner->name, "S");
    assert_int_equal(ambiguity.finding->required_count, 9);
    assert_memory_equal(ambiguity.question.bytes.data + ambiguity.finding->sends[0].from + 2, "P/x",
                        3);
    struct vmwire_bytes bytes =
        must_make_witness(&ambiguity.question, ambiguity.finding, ambiguity.arena);
    struct vmwire_cost cost;
    struct vmwire_error error;
    const struct vmwire_stream *stream = must(
        vmwire_stream_read_whole(option_named("heuristic"), bytes, ambiguity.question.reader.schema,
                                 ambiguity.arena, &cost, &error));
    char *tree = tree_text(stream);
    assert_non_null(strstr(tree, "+S/a:1"));
    assert_null(strstr(tree, "+P/x"));
    free(tree);
    vmwire_arena_destroy(ambiguity.arena);
}

static void test_construction_is_found(void **state)
{
    (void)state;
    check_construction(CONSTRUCTION("27", "9"));
    check_construction(CONSTRUCTION("9", "9"));
}

static void test_construction_needs_all_its_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *option, *description;
    } others[] = {
        {"heuristic", CONSTRUCTION("27", "8")}, /* the two subsections differ in length */
        {"heuristic", CONSTRUCTION("8", "9")},  /* no room for a header */
        {"heuristic", CONSTRUCTION("27", "4")}, /* they would not, if the one sent no footer */
        {"flagday", CONSTRUCTION("27", "9")},   {"standalone", CONSTRUCTION("27", "9")},
        {"toplevel", CONSTRUCTION("27", "9")},  {"framed", CONSTRUCTION("27", "9")},
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct ambiguity ambiguity = look_for_ambiguity(others[i].option, others[i].description);
        decide_ambiguity(&ambiguity);
        if (ambiguity.finding)
            fail_msg("case %zu is ambiguous", i);
        vmwire_arena_destroy(ambiguity.arena);
    }
}

/* ---- Namesakes ------------------------------------------------------------------------------------ */

/* D and its subsection D/a each have a subsection D/a/x, D's of a version. */
#define NAMESAKES(version)                                                                         \
    LAYOUT("{'name':'d','instance_id':0,'vmsd_name':'D','version':1,'fields':[],'subsections':["   \
           "{'vmsd_name':'D/a','version':1,'fields':[],'subsections':["                            \
           "{'vmsd_name':'D/a/x','version':2,'fields':["                                           \
           "{'name':'g','type':'buffer','size':9}]}]},"                                            \
           "{'vmsd_name':'D/a/x','version':" version                                               \
           ",'fields':[{'name':'h','type':'buffer','size':4}]}]}")

/* Counts the findings at the tail of D/a that need no byte: the reader of heuristic takes D's D/a/x for a second one
 * of D/a, whatever the state. */
static size_t count_taken_namesakes(const struct vmwire_question *question,
                                    enum vmwire_outcome outcome, struct vmwire_arena *arena)
{
    struct vmwire_decision decision = must_decide(question, arena);
    struct tails_read *tails = must(calloc(1, sizeof(*tails)));
    size_t found = 0;
    for (size_t i = 0; i < decision.tail_count; i++) {
        const struct vmwire_tail_verdict *tail = &decision.tails[i];
        const struct vmwire_finding *finding = tail->findings[outcome];
        assert_true(!question->option->exact || tail->verdict == VMWIRE_VERDICT_CLEAN);
        if (!finding || strcmp(tail->path, "D/a") != 0 || finding->required_count)
            continue;
        read_tails(tails, question->option, must_make_witness(question, finding, arena),
                   question->reader.schema);
        assert_true(ends_as(tails, outcome));
        found++;
    }
    free(tails);
    return found;
}

static void check_namesakes(const char *option, const char *description,
                            enum vmwire_outcome outcome, size_t expected)
{
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_error error;
    struct vmwire_template template;
    const struct vmwire_schema *schema = schema_of(arena, description, NULL);
    assert_true(vmwire_template_of_device(&template, option_named(option), &schema->devices[0],
                                          arena, &error));
    const struct vmwire_question question = {.option = option_named(option),
                                             .stream = &template.stream,
                                             .bytes = template.bytes,
                                             .reader = {option_named(option), schema}};
    assert_int_equal(count_taken_namesakes(&question, outcome, arena), expected);
    vmwire_arena_destroy(arena);
}

static void test_namesake_is_taken_for_a_second_one(void **state)
{
    (void)state;
    check_namesakes("heuristic", NAMESAKES("2"), VMWIRE_OUTCOME_CORRUPT,
                    1); /* it reads over the footer, to the end */
    check_namesakes("heuristic", NAMESAKES("1"), VMWIRE_OUTCOME_REJECT, 1);
    check_namesakes("heuristic", NAMESAKES("4"), VMWIRE_OUTCOME_REJECT, 1);
}

/* A sentinel tells whose it is. */
static void test_sentinel_tells_namesakes_apart(void **state)
{
    (void)state;
    check_namesakes("flagday", NAMESAKES("2"), VMWIRE_OUTCOME_CORRUPT, 0);
    check_namesakes("flagday", NAMESAKES("4"), VMWIRE_OUTCOME_REJECT, 0);
    check_namesakes("framed", NAMESAKES("2"), VMWIRE_OUTCOME_CORRUPT, 0);
    check_namesakes("framed", NAMESAKES("4"), VMWIRE_OUTCOME_REJECT, 0);
}

/* ---- Two schemas -------------------------------------------------------------------------------- */

/* Decides about the template of the writer's one device, read with the reader's schema. */
static struct vmwire_decision decide_skew(const char *option, const char *writes, const char *reads,
                                          struct vmwire_question *question,
                                          struct vmwire_template *template,
                                          struct vmwire_arena *arena)
{
    struct vmwire_error error;
    const struct vmwire_schema *writer = schema_of(arena, writes, NULL);
    assert_true(vmwire_template_of_device(template, option_named(option), &writer->devices[0],
                                          arena, &error));
    *question =
        (struct vmwire_question){.option = option_named(option),
                                 .stream = &template->stream,
                                 .bytes = template->bytes,
                                 .reader = {option_named(option), schema_of(arena, reads, NULL)},
                                 .skewed = true};
    return must_decide(question, arena);
}

/* The writer's D {s {a b}}, of which the reader lacks b in S: where it expects the sentinel, the writer's
 * field `type` stands. */
#define WRITES_FIELD(type, size)                                                                   \
    LAYOUT("{'name':'d','instance_id':0,'vmsd_name':'D','version':1,'fields':["                    \
           "{'name':'s','type':'struct','size':2,'struct':{'vmsd_name':'S','version':1,'fields':[" \
           "{'name':'a','type':'uint8','size':1},{'name':'b','type':'" type "','size':" size       \
           "}]}}]}")
#define READS_NO_FIELD                                                                             \
    LAYOUT("{'name':'d','instance_id':0,'vmsd_name':'D','version':1,'fields':["                    \
           "{'name':'s','type':'struct','size':1,'struct':{'vmsd_name':'S','version':1,'fields':[" \
           "{'name':'a','type':'uint8','size':1}]}}]}")

/* Whatever byte the writer can have where the reader expects a sentinel is rejected, but 00. */
static void test_every_byte_in_the_place_of_a_sentinel(void **state)
{
    (void)state;
    static const struct {
        const char *writes;
        bool rejects;
    } rows[] = {
        {WRITES_FIELD("uint8", "1"), true},
        {WRITES_FIELD("bool", "1"), true},           /* 01 */
        {WRITES_FIELD("nullptr", "1"), true},        /* 30, in every state */
        {WRITES_FIELD("unused_buffer", "1"), false}, /* 00: taken for the sentinel */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vmwire_arena *arena = vmwire_arena_create();
        struct vmwire_template template;
        struct vmwire_question question;
        struct vmwire_decision decision =
            decide_skew("flagday", rows[i].writes, READS_NO_FIELD, &question, &template, arena);
        size_t found = 0;
        for (size_t j = 0; j < decision.tail_count; j++) {
            const struct vmwire_finding *finding =
                decision.tails[j].findings[VMWIRE_OUTCOME_REJECT];
            struct tails_read *tails = must(calloc(1, sizeof(*tails)));
            if (finding) {
                read_tails(tails, question.option, must_make_witness(&question, finding, arena),
                           question.reader.schema);
                assert_false(tails->accepted);
                found++;
            }
            free(tails);
        }
        assert_int_equal(found > 0, rows[i].rejects);
        vmwire_arena_destroy(arena);
    }
}

/* D, which is one release's, and another's. */
#define FRAMED_D(fields)                                                                           \
    "'name':'d','instance_id':0,'vmsd_name':'D','version':1,'fields':[" fields "]"
#define ONLY_D(fields) LAYOUT("{" FRAMED_D(fields) "}")
#define D_SENDS(fields, subsections)                                                               \
    LAYOUT("{" FRAMED_D(fields) ",'subsections':[" subsections "]}")
#define S_RECORD(version, size, fields)                                                            \
    "{'name':'s','type':'struct','size':" size ",'struct':{'vmsd_name':'S','version':" version     \
    ",'fields':[" fields "]}}"
#define S_SENDS                                                                                    \
    "{'name':'s','type':'struct','size':11,'struct':{'vmsd_name':'S','version':1,'fields':["       \
    "{'name':'x','type':'uint8','size':1}],'subsections':[{'vmsd_name':'S/u','version':1,"         \
    "'fields':[{'name':'u','type':'uint8','size':1}]}]}}"
#define A8  "{'name':'a','type':'uint8','size':1}"
#define B8  "{'name':'b','type':'uint8','size':1}"
#define B16 "{'name':'b','type':'uint16','size':2}"
#define C16 "{'name':'c','type':'uint16','size':2}"

/* Fields of another length in all are refused, whatever they hold. Where the length is the same, the difference is
 * silent; but what the reader takes for a record must have a version and a length that are right by chance. */
static void test_differences_of_framed_records(void **state)
{
    (void)state;
    static const struct {
        const char *name, *writes, *reads;
        bool rejects, corrupts, undecided;
    } rows[] = {
        {"the same", ONLY_D(A8 "," B16), ONLY_D(A8 "," B16), false, false, false},
        {"a field more", ONLY_D(A8), ONLY_D(A8 "," B8), true, false, false},
        {"a field fewer", ONLY_D(A8 "," B8), ONLY_D(A8), true, false, false},
        {"exchanged", ONLY_D(A8 "," B16), ONLY_D(B16 "," A8), false, true, false},
        {"replaced at the same size", ONLY_D(A8 "," B16), ONLY_D(A8 "," C16), false, false, false},
        {"a field more in an embedded record", ONLY_D(S_RECORD("1", "1", A8) "," B8),
         ONLY_D(S_RECORD("1", "3", A8 "," C16) "," B8), true, false, false},
        {"a byte moved out of an embedded record", ONLY_D(S_RECORD("1", "2", A8 "," B8)),
         ONLY_D(S_RECORD("1", "1", A8) "," B8), true, false, false},
        {"embedded anew", ONLY_D(A8 "," B8), ONLY_D(S_RECORD("1", "1", A8) "," B8), true, false,
         false},
        {"embedded no more", ONLY_D(S_RECORD("1", "1", A8) "," B8), ONLY_D(A8 "," B8), true, false,
         false},
        {"a record in the place of as many bytes", ONLY_D("{'name':'f','type':'buffer','size':10}"),
         ONLY_D(S_RECORD("1", "1", A8)), true, true, false},
        {"a record in the place of as many zeros",
         ONLY_D("{'name':'f','type':'unused_buffer','size':10}"), ONLY_D(S_RECORD("1", "1", A8)),
         true, false, false},
        {"as many bytes in the place of a record", ONLY_D(S_RECORD("1", "1", A8)),
         ONLY_D("{'name':'f','type':'buffer','size':10}"), false, true, false},
        {"as many bytes in the place of a record that may send a subsection", ONLY_D(S_SENDS),
         ONLY_D("{'name':'f','type':'buffer','size':10}"), true, true, false},
        {"another version of an embedded record", ONLY_D(S_RECORD("2", "1", A8)),
         ONLY_D(S_RECORD("1", "1", A8)), true, false, false},
        {"a subsection more", D_SENDS(A8, "{'vmsd_name':'D/s','version':1,'fields':[" B8 "]}"),
         ONLY_D(A8), true, false, false},
        {"a length that depends on a subsection is read as a record's",
         ONLY_D("{'name':'f','type':'uint8','size':1}," S_SENDS),
         ONLY_D(S_RECORD("1", "1", A8) ",{'name':'g','type':'uint8','size':1}"), true, false,
         false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vmwire_arena *arena = vmwire_arena_create();
        struct vmwire_template template;
        struct vmwire_question question;
        struct vmwire_decision decision =
            decide_skew("framed", rows[i].writes, rows[i].reads, &question, &template, arena);
        bool found[VMWIRE_OUTCOME_CORRUPT + 1] = {false}, undecided = false;
        for (size_t j = 0; j < decision.tail_count; j++) {
            for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++)
                found[outcome] |= decision.tails[j].findings[outcome] != NULL;
            undecided |= decision.tails[j].reason != NULL;
        }
        if (found[VMWIRE_OUTCOME_REJECT] != rows[i].rejects ||
            found[VMWIRE_OUTCOME_CORRUPT] != rows[i].corrupts || undecided != rows[i].undecided ||
            found[VMWIRE_OUTCOME_TRUNCATED])
            fail_msg("%s: %s%s%s%s", rows[i].name, found[VMWIRE_OUTCOME_REJECT] ? "rejects " : "",
                     found[VMWIRE_OUTCOME_CORRUPT] ? "corrupts " : "",
                     found[VMWIRE_OUTCOME_TRUNCATED] ? "truncates " : "",
                     undecided ? "undecided" : "");
        vmwire_arena_destroy(arena);
    }
}

/* D sends D/a, for which the reader declares a subsection of its own: a reader of guarded asserts that there is
 * none, whatever the state; one of heuristic reads on. */
#define SENDS_ONE(of_sent)                                                                         \
    LAYOUT("{'name':'d','instance_id':0,'vmsd_name':'D','version':1,'fields':[],'subsections':["   \
           "{'vmsd_name':'D/a','version':1,'fields':[{'name':'g','type':'bool','size':1}]" of_sent \
           "}]}")

static void test_flat_reader_refuses_nested_subsection(void **state)
{
    (void)state;
    static const char *const options[] = {"guarded", "heuristic"};
    for (size_t i = 0; i < 2; i++) {
        struct vmwire_arena *arena = vmwire_arena_create();
        struct vmwire_template template;
        struct vmwire_question question;
        struct vmwire_decision decision =
            decide_skew(options[i], SENDS_ONE(""),
                        SENDS_ONE(",'subsections':[{'vmsd_name':'D/a/b','version':1,'fields':[]}]"),
                        &question, &template, arena);
        size_t refused = 0;
        for (size_t j = 0; j < decision.tail_count; j++) {
            const struct vmwire_finding *finding =
                decision.tails[j].findings[VMWIRE_OUTCOME_REJECT];
            refused += finding && decision.tails[j].differs && !finding->required_count;
        }
        assert_int_equal(refused, question.option->flat);
        vmwire_arena_destroy(arena);
    }
}

/* A tail at which the stream ends in a name, or before it, is told like any other. */
static void test_name_that_is_cut_off_is_told(void **state)
{
    (void)state;
    static const uint8_t name[] = {0x05, 0x02, 'D'};
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_error error;
    struct vmwire_template template;
    const struct vmwire_schema *schema = schema_of(
        arena, LAYOUT("{'name':'d','instance_id':0,'vmsd_name':'D','version':1,'fields':[]}"),
        NULL);
    assert_true(vmwire_template_of_device(&template, option_named("legacy"), &schema->devices[0],
                                          arena, &error));
    struct tails_read *tails = must(calloc(1, sizeof(*tails)));
    size_t tail = template.bytes.length - 1 - 5;
    uint8_t *bytes = must(malloc(tail + sizeof(name)));
    memcpy(bytes, template.bytes.data, tail);
    memcpy(bytes + tail, name, sizeof(name));
    for (size_t length = 1; length <= sizeof(name); length++) {
        read_tails(tails, option_named("legacy"), (struct vmwire_bytes){bytes, tail + length},
                   schema);
        assert_false(tails->accepted);
        assert_int_equal(tails->count, 1);
        assert_true(tails->list[0].taken && tails->list[0].offset == tail);
    }
    free(bytes);
    free(tails);
    vmwire_arena_destroy(arena);
}

int main(int argc, char **argv)
{
    share = share_of_cases();
    corpus = corpus_open(argc > 1 ? argv[1] : NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_witness_does_what_was_decided),
        cmocka_unit_test(test_xmm_register),
        cmocka_unit_test(test_unambiguous_options_have_no_findings),
        cmocka_unit_test(test_every_state_does_what_was_decided),
        cmocka_unit_test(test_construction_is_found),
        cmocka_unit_test(test_construction_needs_all_its_bytes),
        cmocka_unit_test(test_namesake_is_taken_for_a_second_one),
        cmocka_unit_test(test_sentinel_tells_namesakes_apart),
        cmocka_unit_test(test_every_byte_in_the_place_of_a_sentinel),
        cmocka_unit_test(test_differences_of_framed_records),
        cmocka_unit_test(test_flat_reader_refuses_nested_subsection),
        cmocka_unit_test(test_name_that_is_cut_off_is_told),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    corpus_close(&corpus);
    return failed;
}
