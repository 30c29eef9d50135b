/*
 * The engine and the readers keep each other honest: every witness that the engine finds on the real
 * streams makes the reference reader do exactly what was decided, and under the options that claim to
 * be unambiguous there is none.
 */
#include "corpus.h"

static struct corpus corpus;

/* A stream as an option writes it, read back, and what was decided about it. */
struct decided {
    struct arena *arena;
    struct writer *writer;
    struct bytes bytes;
    struct stream *stream;
    struct decision decision;
};

static struct bytes written(struct decided *decided, const struct protocol_option *option,
                            const struct capture *capture)
{
    struct cost cost;
    struct error error;
    const struct stream *stream =
        must(stream_read_whole(option_named("heuristic"), capture->input.bytes, capture->schema,
                               decided->arena, &cost, &error));
    struct writing writing = {.option = option, .footers = cost.footers > 0};
    decided->writer = writer_create(&writing);
    for (size_t i = 0; i < stream->item_count; i++)
        assert_true(writer_item(decided->writer, stream->items[i], &error));
    return writer_output(decided->writer);
}

/* False where the option's reader does not accept its own writer's stream. */
static bool decide(struct decided *decided, const char *option, const struct capture *capture)
{
    struct cost cost;
    struct error error;
    decided->arena = arena_create();
    decided->bytes = written(decided, option_named(option), capture);
    decided->stream = stream_read_whole(option_named(option), decided->bytes, capture->schema,
                                        decided->arena, &cost, &error);
    if (decided->stream)
        decided->decision = engine_decide(
            &(struct question){.option = option_named(option),
                               .stream = decided->stream,
                               .bytes = decided->bytes,
                               .reader = {option_named(option), capture->schema}},
            decided->arena);
    return decided->stream != NULL;
}

static void forget(struct decided *decided)
{
    writer_destroy(decided->writer);
    arena_destroy(decided->arena);
}

/* What the reader does with the witness put in place. The stream that it changes in is that of the
 * same bytes read as their writer meant them: the fields hold the witness, nothing else differs. */
static enum outcome outcome_with(const struct decided *decided, const char *option,
                                 const struct capture *capture, const struct finding *finding)
{
    uint8_t *bytes = must(malloc(decided->bytes.length));
    memcpy(bytes, decided->bytes.data, decided->bytes.length);
    for (size_t i = 0; i < finding->demand_count; i++)
        bytes[finding->demands[i].offset] = finding->demands[i].value;
    struct arena *arena = arena_create();
    struct cost cost;
    struct error error;
    const struct stream *read =
        stream_read_whole(option_named(option), (struct bytes){bytes, decided->bytes.length},
                          capture->schema, arena, &cost, &error);
    enum outcome outcome = outcome_of(decided->stream, read);
    arena_destroy(arena);
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
    for (size_t i = 0; i < decided.decision.tail_count; i++)
        for (int outcome = OUTCOME_REJECT; outcome <= OUTCOME_CORRUPT; outcome++) {
            const struct finding *finding = decided.decision.tails[i].findings[outcome];
            if (!finding)
                continue;
            enum outcome found = outcome_with(&decided, option, capture, finding);
            if (found != finding->outcome)
                fail_msg("%s under %s, tail of %s at %llx, %s: decided %s, but the reader says %s",
                         capture->name, option, finding->owner->name,
                         (unsigned long long)finding->offset, finding->path,
                         outcome_name(finding->outcome), outcome_name(found));
            count++;
        }
    forget(&decided);
    return count;
}

static void test_every_witness_does_what_was_decided(void **state)
{
    (void)state;
    static const char *const options[] = {"heuristic", "guarded"};
    for (size_t option = 0; option < sizeof(options) / sizeof(options[0]); option++) {
        size_t count = 0;
        for (size_t i = 0; i < corpus.count; i++)
            count += check_witnesses(options[option], &corpus.captures[i]);
        print_message("%s: %zu witnesses\n", options[option], count);
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
        const struct finding *finding = NULL;
        for (size_t j = 0; j < decided.decision.tail_count && !finding; j++)
            if (strcmp(decided.decision.tails[j].owner->name, "xmm_reg") == 0)
                finding = decided.decision.tails[j].findings[OUTCOME_REJECT];
        assert_non_null(finding);
        assert_int_equal(finding->demand_count, 10);
        static const uint8_t begins[] = "\x05\x08xmm_reg";
        for (size_t j = 0; j < sizeof(begins) - 1; j++)
            assert_int_equal(finding->demands[j].value, begins[j]);
        forget(&decided);
        return;
    }
    fail_msg("bookworm-q35.vmstate is not in the corpus");
}

static void test_unambiguous_options_have_no_findings(void **state)
{
    (void)state;
    static const char *const options[] = {"flagday", "standalone", "toplevel"};
    for (size_t option = 0; option < sizeof(options) / sizeof(options[0]); option++)
        for (size_t i = 0; i < corpus.count; i++) {
            struct decided decided = {0};
            assert_true(decide(&decided, options[option], &corpus.captures[i]));
            for (size_t j = 0; j < decided.decision.tail_count; j++)
                if (decided.decision.tails[j].verdict != VERDICT_CLEAN)
                    fail_msg("%s under %s: the tail of %s, %s, is not clean",
                             corpus.captures[i].name, options[option],
                             decided.decision.tails[j].owner->name, decided.decision.tails[j].path);
            forget(&decided);
        }
}

int main(int argc, char **argv)
{
    corpus = corpus_open(argc > 1 ? argv[1] : NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_witness_does_what_was_decided),
        cmocka_unit_test(test_xmm_register),
        cmocka_unit_test(test_unambiguous_options_have_no_findings),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    corpus_close(&corpus);
    return failed;
}
