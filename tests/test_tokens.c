/* SPDX-License-Identifier: MIT */
/*
 * What a reader tells of its tokens (reader.h, vmwire_token_observer): each byte that was read is in one token, in the order of
 * the stream, up to where the reader gives up; and records and fields are those of the items. All captures, whole and cut off.
 */
#include "corpus.h"

/* A reading, as its tokens tell it. */
struct told {
    const uint8_t *next; /* where the next token must begin */
    uint64_t tokens, records, depth, deepest, subsections;
    uint64_t accounted[VMWIRE_ACCOUNT_COUNT];
    bool is_der; /* a value of DER holds others: their tokens have bytes of its own */
};

static bool is_kind(const struct vmwire_token_event *event, const char *kind)
{
    return strcmp(event->kind, kind) == 0;
}

static void note(void *context, const struct vmwire_token_event *event)
{
    struct told *told = context;
    if (!told->is_der)
        assert_ptr_equal(event->bytes.data, told->next);
    assert_true(event->bytes.data >= told->next);
    told->next = event->bytes.data + event->bytes.length;
    told->tokens++;
    told->subsections += is_kind(event, "SUBSECTION");
    told->accounted[event->account] += event->bytes.length;
    assert_int_equal(event->field != NULL && !is_kind(event, "RECORD"),
                     is_kind(event, "DATA") || is_kind(event, "LIST_ELEMENT") ||
                         is_kind(event, "LIST_END"));
    assert_int_equal(event->structure != NULL, is_kind(event, "RECORD"));
    if (is_kind(event, "RECORD")) {
        told->records++;
        told->depth++;
    }
    if (is_kind(event, "END") || is_kind(event, "END_OF_STRUCT")) {
        assert_true(told->depth > 0);
        told->depth--;
    }
    told->deepest = told->depth > told->deepest ? told->depth : told->deepest;
}

static bool read_told(struct told *told, const struct vmwire_option *option,
                      struct vmwire_bytes input, const struct vmwire_schema *schema,
                      struct vmwire_cost *cost)
{
    struct vmwire_error error;
    const struct vmwire_reading reading = {
        .option = option, .input = input, .schema = schema, .token_observer = {told, note}};
    *told = (struct told){.next = input.data};
    return vmwire_stream_read(&reading, cost, &error);
}

static void check_whole(const struct capture *capture)
{
    struct told told;
    struct vmwire_cost cost;
    const struct vmwire_bytes input = capture->input.bytes;
    assert_true(read_told(&told, vmwire_option_find("heuristic"), input, capture->schema, &cost));
    assert_ptr_equal(told.next, input.data + input.length);
    assert_int_equal(told.depth, 0);
    assert_int_equal(told.records, cost.records);
    assert_int_equal(told.subsections, cost.subsections);
    assert_true(told.deepest > 0);
    for (int i = 0; i < VMWIRE_ACCOUNT_COUNT; i++)
        if (i != VMWIRE_ACCOUNT_FRAMING && i != VMWIRE_ACCOUNT_SUBSECTION)
            assert_int_equal(told.accounted[i], cost.accounted[i]);
}

/* A token that is refused may be counted already: a name has at most 256 bytes. */
static void assert_told_to_end(const struct told *told, struct vmwire_bytes input,
                               const struct vmwire_cost *cost)
{
    const uint64_t end = (uint64_t)(told->next - input.data), read = vmwire_cost_bytes_read(cost);
    assert_in_range(read, end, end + 256);
}

/* A stream that is cut off is told up to there, and legacy's reader, which refuses most of them, up to its error. */
static void check_refused(const struct capture *capture)
{
    struct told told;
    struct vmwire_cost cost;
    struct vmwire_bytes input = capture->input.bytes;
    const size_t whole = input.length;
    const bool accepted =
        read_told(&told, vmwire_option_find("legacy"), input, capture->schema, &cost);
    assert_told_to_end(&told, input, &cost);
    assert_true(accepted || told.next < input.data + whole);
    for (size_t part = 1; part < 8; part++) {
        input.length = whole * part / 8;
        read_told(&told, vmwire_option_find("heuristic"), input, capture->schema, &cost);
        assert_told_to_end(&told, input, &cost);
        assert_true(told.tokens > 2);
    }
}

static void test_captures(void **state)
{
    (void)state;
    struct corpus corpus = corpus_open(NULL);
    for (size_t i = 0; i < corpus.count; i++) {
        check_whole(&corpus.captures[i]);
        check_refused(&corpus.captures[i]);
    }
    corpus_close(&corpus);
}

/* Under asn1 the tokens come in the order of the stream, too. */
static void test_der(void **state)
{
    (void)state;
    struct corpus corpus = corpus_open(NULL);
    for (size_t i = 0; i < corpus.count; i++) {
        const struct capture *capture = &corpus.captures[i];
        struct told told = {.next = NULL};
        struct vmwire_cost cost;
        struct vmwire_error error;
        struct vmwire_arena *arena = vmwire_arena_create();
        const struct vmwire_stream *stream =
            vmwire_stream_read_whole(vmwire_option_find("heuristic"), capture->input.bytes,
                                     capture->schema, arena, &cost, &error);
        const struct vmwire_option *asn1 = vmwire_option_find("asn1");
        struct vmwire_writer *writer = stream ? write_whole(stream, asn1, false, &error) : NULL;
        if (!writer)
            TEST_BROKEN("%s: %s", capture->name, error.message);
        const struct vmwire_bytes der = vmwire_writer_output(writer);
        const struct vmwire_reading reading = {.option = asn1,
                                               .input = der,
                                               .schema = capture->schema,
                                               .token_observer = {&told, note}};
        told.next = der.data;
        told.is_der = true;
        assert_true(vmwire_stream_read(&reading, &cost, &error));
        assert_int_equal(told.depth, 0);
        assert_int_equal(told.records, cost.records);
        assert_true(told.next == der.data + der.length);
        vmwire_writer_destroy(writer);
        vmwire_arena_destroy(arena);
    }
    corpus_close(&corpus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_captures), cmocka_unit_test(test_der)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
