/* SPDX-License-Identifier: MIT */
/*
 * Entries of iterable sections, handed on one by one: the reader hands on the same ones as it puts into items, each with
 * its section's header, and the writer makes the same bytes of them as of whole items. All captures, and streams with
 * each kind of iterable section; read under an option with QEMU's encoding and under asn1.
 */
#include "corpus.h"

/* ---- What the reader hands on ---------------------------------------------------------------- */

/* A reading, held against the items of a reading that keeps all entries. */
struct comparison {
    const struct vmwire_stream *whole;
    size_t item; /* the next one */
    const struct vmwire_entry *entry;
    bool begun; /* entries of this item have come */
};

static bool is_iterable(const struct vmwire_item *item)
{
    return item->kind == VMWIRE_ITEM_SECTION_START || item->kind == VMWIRE_ITEM_SECTION_PART ||
           item->kind == VMWIRE_ITEM_SECTION_END;
}

static void assert_same_place(struct vmwire_bytes found, struct vmwire_bytes expected)
{
    assert_ptr_equal(found.data, expected.data);
    assert_int_equal(found.length, expected.length);
}

static void assert_same_header(const struct vmwire_item *found, const struct vmwire_item *expected)
{
    assert_int_equal(found->kind, expected->kind);
    assert_int_equal(found->section_id, expected->section_id);
    assert_int_equal(found->instance_id, expected->instance_id);
    assert_int_equal(found->version_id, expected->version_id);
    assert_int_equal(found->idstr.length, expected->idstr.length);
    assert_memory_equal(found->idstr.data, expected->idstr.data, expected->idstr.length);
    assert_ptr_equal(found->raw.data, expected->raw.data);
}

static void compare_entry(void *context, const struct vmwire_item *section,
                          const struct vmwire_entry *found)
{
    struct comparison *comparison = context;
    /* The item before may not have come yet: a subsection could follow it. */
    while (!comparison->begun && !is_iterable(comparison->whole->items[comparison->item]))
        comparison->item++;
    const struct vmwire_item *item = comparison->whole->items[comparison->item];
    if (!comparison->begun)
        comparison->entry = item->entries;
    comparison->begun = true;
    const struct vmwire_entry *expected = comparison->entry;
    assert_non_null(expected);
    assert_same_header(section, item);
    assert_string_equal(vmwire_entry_kind_name(found), vmwire_entry_kind_name(expected));
    assert_same_place(found->raw, expected->raw);
    assert_same_place(found->name, expected->name);
    assert_same_place(found->data, expected->data);
    assert_same_place(found->header, expected->header);
    assert_int_equal(found->page, expected->page);
    assert_int_equal(found->value, expected->value);
    comparison->entry = expected->next;
}

static void compare_item(void *context, const struct vmwire_item *found)
{
    struct comparison *comparison = context;
    if (!is_iterable(found))
        return;
    const struct vmwire_item *expected = comparison->whole->items[comparison->item++];
    assert_true(comparison->begun);
    assert_null(comparison->entry);
    assert_same_header(found, expected);
    assert_same_place(found->raw, expected->raw);
    assert_same_place(found->content, expected->content);
    comparison->begun = false;
}

static void check_reading(const struct vmwire_reading *reading, const struct vmwire_stream *whole)
{
    struct comparison comparison = {.whole = whole};
    struct vmwire_reading one_by_one = *reading;
    struct vmwire_cost cost;
    struct vmwire_error error;
    one_by_one.arena = NULL;
    one_by_one.sink = (struct vmwire_sink){.context = &comparison, .item = compare_item};
    one_by_one.entry_sink = (struct vmwire_entry_sink){&comparison, compare_entry};
    assert_true(vmwire_stream_read(&one_by_one, &cost, &error));
    while (comparison.item < whole->item_count)
        assert_false(is_iterable(whole->items[comparison.item++]));
}

/* ---- What the writer makes of it ------------------------------------------------------------- */

/* What a writer has written, or why it has not. */
struct written {
    struct vmwire_writer *writer;
    uint8_t *data;
    size_t length, room;
    struct vmwire_error error;
    bool failed;
};

static bool append(void *context, struct vmwire_bytes bytes, struct vmwire_error *error)
{
    struct written *written = context;
    (void)error;
    if (written->room - written->length < bytes.length) {
        written->room = 2 * written->room + bytes.length;
        written->data = must(realloc(written->data, written->room));
    }
    if (bytes.data)
        memcpy(written->data + written->length, bytes.data, bytes.length);
    else
        memset(written->data + written->length, 0, bytes.length);
    written->length += bytes.length;
    return true;
}

static void write_one_entry(void *context, const struct vmwire_item *section,
                            const struct vmwire_entry *entry)
{
    struct written *written = context;
    if (!written->failed)
        written->failed = !vmwire_writer_entry(written->writer, section, entry, &written->error);
}

static void write_one_item(void *context, const struct vmwire_item *item)
{
    struct written *written = context;
    if (!written->failed)
        written->failed = !vmwire_writer_item(written->writer, item, &written->error);
}

static void check_writing(const struct vmwire_reading *reading, const struct vmwire_stream *whole,
                          const struct vmwire_option *to, bool drop_ram)
{
    struct written written = {.failed = false};
    struct vmwire_writing writing = {.option = to,
                                     .footers = has_footers(whole),
                                     .drop_ram = drop_ram,
                                     .entries_from = reading->option,
                                     .sink = {&written, append}};
    struct vmwire_reading one_by_one = *reading;
    struct vmwire_cost cost;
    struct vmwire_error error;
    written.writer = must_create_writer(&writing);
    one_by_one.arena = NULL;
    one_by_one.sink = (struct vmwire_sink){.context = &written, .item = write_one_item};
    one_by_one.entry_sink = (struct vmwire_entry_sink){&written, write_one_entry};
    assert_true(vmwire_stream_read(&one_by_one, &cost, &error));
    const struct vmwire_bytes bytes = {written.data, written.length};
    const uint64_t pages = drop_ram ? 0 : cost.pages;
    struct vmwire_writer *expected = write_whole(whole, to, drop_ram, &error);
    assert_int_equal(written.failed, !expected);
    if (!expected) {
        assert_string_equal(written.error.message, error.message);
    } else {
        assert_same_bytes(bytes, vmwire_writer_output(expected));
        assert_true(read_only(to, bytes, reading->schema, &cost, &error));
        assert_int_equal(cost.pages, pages);
    }
    vmwire_writer_destroy(expected);
    vmwire_writer_destroy(written.writer);
    free(written.data);
}

/* ---- Streams --------------------------------------------------------------------------------- */

static void check_stream(const struct vmwire_option *option, struct vmwire_bytes bytes,
                         const struct vmwire_schema *schema)
{
    static const char *const targets[] = {"heuristic", "framed", "asn1"};
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_reading reading = {.option = option, .input = bytes, .schema = schema};
    const struct vmwire_stream *whole =
        vmwire_stream_read_whole(option, bytes, schema, arena, &cost, &error);
    if (!whole)
        fail_msg("%" PRIu64 ": %s", error.offset, error.message);
    check_reading(&reading, whole);
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        for (int drop_ram = 0; drop_ram < 2; drop_ram++)
            check_writing(&reading, whole, option_named(targets[i]), drop_ram);
    vmwire_arena_destroy(arena);
}

/* As it is, and in DER. */
static void check_encodings(struct vmwire_bytes bytes, const struct vmwire_schema *schema)
{
    const struct vmwire_option *heuristic = option_named("heuristic");
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_cost cost;
    struct vmwire_error error;
    check_stream(heuristic, bytes, schema);
    const struct vmwire_stream *whole =
        vmwire_stream_read_whole(heuristic, bytes, schema, arena, &cost, &error);
    struct vmwire_writer *der = write_whole(whole, option_named("asn1"), false, &error);
    assert_non_null(der);
    check_stream(option_named("asn1"), vmwire_writer_output(der), schema);
    vmwire_writer_destroy(der);
    vmwire_arena_destroy(arena);
}

static void test_captures(void **state)
{
    struct corpus corpus = corpus_open(NULL);
    (void)state;
    for (size_t i = 0; i < corpus.count; i++)
        check_encodings(corpus.captures[i].input.bytes, corpus.captures[i].schema);
    corpus_close(&corpus);
}

#define HEAD   "'QEVM' version "
#define RAM    "01 00000002 .'ram' 00000000 00000004 "
#define BITMAP "01 00000003 .'dirty-bitmap' 00000000 00000001 "
#define HTAB   "01 00000004 .'spapr/htab' 00000000 00000001 "
#define STATTR "01 00000005 .'s390-storage_attributes' 00000000 00000000 "
#define DISK   "01 00000006 .'block' 00000000 00000001 "
#define RAM_3  "01 00000002 .'ram' 00000000 00000003 "

// clang-format off
static const char *const texts[] = {
    /* lists of blocks between pages and marks, a list of no blocks */
    HEAD RAM "0000000000000200 0000000000002004 .'a' 0000000000001000 .'b' 0000000000001000 "
             "0000000000000002 .'a' 00 0000000000001022 00 0000000000000004 0000000000001004 .'c' 0000000000001000 "
             "0000000000000080 0000000000000010 7e 00000002 "
             "02 00000002 0000000000000008 .'a' 4096*ab 0000000000000040 .'b' 01 [2 'x'] 0000000000000120 [4 'y'] "
             "0000000000000010 7e 00000002 03 00000002 0000000000000010 7e 00000002 00",
    /* without footers */
    HEAD RAM "0000000000001004 .'a' 0000000000001000 0000000000000010 02 00000002 0000000000000002 .'a' 00 "
             "0000000000000010 00",
    /* two sections by turns, and within a package */
    HEAD RAM "0000000000000010 7e 00000002 " BITMAP "1c .'disk' .'b0' 00010000 02 4c .'disk' .'b0' 0000000000000000 "
             "00000800 [8 'bits'] 42 0000000000000800 00000800 2c .'disk' .'b0' 01 7e 00000003 "
             "08 0007 0004 00000044 02 00000002 0000000000000002 .'a' 00 0000000000000200 0000000000000010 7e 00000002 "
             "02 00000003 00 01 7e 00000003 02 00000002 0000000000000010 7e 00000002 00 00",
    HEAD HTAB "00000018 7e 00000004 02 00000004 00000000 00000001 0002 0001 32*ab 00000000 0000 0001 8*00 7e 00000004 "
              "03 00000004 00000000 8*00 7e 00000004 00",
    HEAD STATTR "0000000000003002 0000000000000003 'abc' 0000000000000008 0000000000000001 7e 00000005 00",
    HEAD DISK "0000000000100001 .'d0' 1048576*ab 0000000000200009 .'d1' 0000000000006404 0000000000000002 7e 00000006 00",
    HEAD RAM_3 "0000000000003004 0000000000000002 00 0000000000001008 4096*ab 0000000000000010 7e 00000002 "
               "02 00000002 0000000000002002 07 0000000000000010 7e 00000002 00",
    /* mapped RAM, with a block without a bitmap */
    HEAD "07 00000002 'pc' 05 .'configuration/capabilities' 00000001 00000001 .'mapped-ram' " RAM
         "0000000000001004 .'a' 0000000000000000 00000001 0000000000001000 000000000000007d 000000000000007d "
         ".'b' 0000000000001000 00000001 0000000000001000 00000000000000a3 00000000000000ab 8000000000000000 4096*cd "
         "0000000000000200 0000000000000010 7e 00000002 00",
};
// clang-format on

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct vmwire_arena *arena = vmwire_arena_create();
        struct made made = assemble(option_named("heuristic"), texts[i]);
        check_encodings(made.bytes, schema_of(arena, NULL, NULL));
        made_free(&made);
        vmwire_arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_texts),
                                       cmocka_unit_test(test_captures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
