/* SPDX-License-Identifier: MIT */
/*
 * Real streams: every byte of each is accounted for and stands where the tree says; what each
 * option writes of it is as long as the option's rules make it, reads back as the same tree, and
 * converted back is the same file, byte for byte.
 *
 *     test_corpus [FOLDER]     corpus/streams
 */
#include "corpus.h"

/* One capture, read once under heuristic. */
struct subject {
    const struct capture *capture;
    struct vmwire_arena *arena;
    struct vmwire_stream *stream;
    struct vmwire_cost cost;
};

static struct corpus corpus;

static const struct vmwire_option *heuristic(void)
{
    return option_named("heuristic");
}

static int read_subject(void **state)
{
    struct subject *subject = *state;
    struct vmwire_error error;
    subject->arena = vmwire_arena_create();
    subject->stream =
        vmwire_stream_read_whole(heuristic(), subject->capture->input.bytes,
                                 subject->capture->schema, subject->arena, &subject->cost, &error);
    if (!subject->stream) {
        char text[2048];
        print_error("%s: %s\n", subject->capture->name,
                    vmwire_error_text(&error, text, sizeof(text)));
        vmwire_arena_destroy(subject->arena);
    }
    return subject->stream ? 0 : -1;
}

static int free_subject(void **state)
{
    struct subject *subject = *state;
    vmwire_arena_destroy(subject->arena);
    return 0;
}

/* ---- Every byte ------------------------------------------------------------------------------ */

static bool is_section(const struct vmwire_item *item)
{
    return item->kind == VMWIRE_ITEM_SECTION_START || item->kind == VMWIRE_ITEM_SECTION_PART ||
           item->kind == VMWIRE_ITEM_SECTION_END || item->kind == VMWIRE_ITEM_SECTION_FULL;
}

/* The values and headers of a record stand one behind the other; their end is the answer. */
static const uint8_t *check_record(const struct vmwire_record *record, const uint8_t *at)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step == VMWIRE_RECORD_VALUE) {
            assert_ptr_equal(walk.value->data.data, at);
            at += walk.value->data.length;
        } else if (step == VMWIRE_RECORD_SUBSECTION) {
            assert_ptr_equal(walk.subsection->raw.data, at);
            at += 1 + 1 + walk.subsection->name.length + 4;
        }
    }
    return at;
}

static const uint8_t *check_entries(const struct vmwire_entry *entry, const uint8_t *at)
{
    for (; entry; entry = entry->next) {
        assert_ptr_equal(entry->raw.data, at);
        at += entry->raw.length;
    }
    return at;
}

static void check_section(const struct vmwire_item *item)
{
    size_t header =
        item->kind == VMWIRE_ITEM_SECTION_START || item->kind == VMWIRE_ITEM_SECTION_FULL
            ? 1 + 4 + 1 + item->idstr.length + 4 + 4
            : 1 + 4;
    const uint8_t *at = item->raw.data + header;
    at = item->record ? check_record(item->record, at) : check_entries(item->entries, at);
    const uint8_t footer[] = {0x7e, (uint8_t)(item->section_id >> 24),
                              (uint8_t)(item->section_id >> 16), (uint8_t)(item->section_id >> 8),
                              (uint8_t)item->section_id};
    if (item->footer) {
        assert_memory_equal(at, footer, sizeof(footer));
        at += sizeof(footer);
    }
    assert_ptr_equal(at, item->raw.data + item->raw.length);
}

static void test_every_byte(void **state)
{
    struct subject *subject = *state;
    struct vmwire_bytes bytes = subject->capture->input.bytes;
    assert_int_equal(vmwire_cost_bytes_read(&subject->cost), bytes.length);
    assert_int_equal(subject->cost.accounted[VMWIRE_ACCOUNT_UNREAD], 0);
    const uint8_t *at = bytes.data + 8; /* magic, version */
    for (size_t i = 0; i < subject->stream->item_count; i++) {
        const struct vmwire_item *item = subject->stream->items[i];
        assert_ptr_equal(item->raw.data, at);
        at += item->raw.length;
        if (item->kind == VMWIRE_ITEM_PACKAGE) {
            at += 4;
            assert_ptr_equal(item->package.data, at);
            assert_int_equal(vmwire_be32(at - 4), item->package.length);
        }
        if (is_section(item))
            check_section(item);
    }
    assert_ptr_equal(at, bytes.data + bytes.length);
}

static void test_footers(void **state)
{
    struct subject *subject = *state;
    size_t sections = 0, footers = 0;
    for (size_t i = 0; i < subject->stream->item_count; i++) {
        sections += is_section(subject->stream->items[i]);
        footers += subject->stream->items[i]->footer;
    }
    assert_true(sections > 0);
    assert_true(footers == 0 || footers == sections);
}

/* A dump of the same program tells more of what may come, and changes nothing of what did. */
static void test_with_dump(void **state)
{
    struct subject *subject = *state;
    const struct capture *capture = subject->capture;
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *schema = must_create_schema(arena);
    add_file(schema, capture->described);
    add_file(schema, capture->dump);
    must_finish_schema(schema);
    struct vmwire_cost cost;
    struct vmwire_error error;
    if (!read_only(heuristic(), capture->input.bytes, schema, &cost, &error))
        fail_msg("%" PRIu64 ", %s, %s: %s", error.offset, error.section, error.path, error.message);
    assert_memory_equal(cost.accounted, subject->cost.accounted, sizeof(cost.accounted));
    assert_int_equal(cost.tokens, subject->cost.tokens);
    assert_int_equal(cost.records, subject->cost.records);
    assert_int_equal(cost.subsections, subject->cost.subsections);
    vmwire_arena_destroy(arena);
}

/* ---- How many -------------------------------------------------------------------------------- */

/* Counted in the tree. */
struct counts {
    size_t embedded;      /* records embedded in others */
    size_t outside_lists; /* those of them that are in no list */
    size_t subsections;
    size_t sections; /* full ones, and the configuration */
    size_t configurations;
    size_t idstrs;        /* of each subsection, the bytes of its section's idstr */
    size_t paths;         /* of each subsection, the bytes of its owner's path */
    size_t strokes;       /* "/" in these paths */
    size_t mapped_blocks; /* their size depends on where they are */
};

/* Counts the bytes of the path to the innermost record of the walk. */
static void count_path(struct counts *counts, const struct vmwire_record_walk *walk)
{
    for (unsigned i = 1; i < walk->depth; i++) {
        const struct vmwire_value *value = walk->frames[i].as_value;
        char step[256];
        if (!value)
            snprintf(step, sizeof(step), "%s", walk->frames[i].as_subsection->subsection->name);
        else if (value->field->index >= 0)
            snprintf(step, sizeof(step), "%s[%d]", value->field->name, value->field->index);
        else if (value->field->count > 1 || value->field->class == VMWIRE_FIELD_LIST)
            snprintf(step, sizeof(step), "%s[%u]", value->field->name, value->element);
        else
            snprintf(step, sizeof(step), "%s", value->field->name);
        counts->paths += (i > 1) + strlen(step);
        for (const char *at = step; (at = strchr(at, '/')); at++)
            counts->strokes++;
    }
}

static void count_in_record(struct counts *counts, const struct vmwire_record *record,
                            struct vmwire_bytes idstr)
{
    struct vmwire_record_walk walk;
    unsigned list_depth = 0; /* the depth of the list's element that it is in, or 0 */
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step == VMWIRE_RECORD_BEGIN && walk.value) {
            if (!list_depth && walk.value->field->class == VMWIRE_FIELD_LIST)
                list_depth = walk.depth;
            counts->embedded++;
            counts->outside_lists += !list_depth;
        } else if (step == VMWIRE_RECORD_SUBSECTION) {
            counts->subsections++;
            counts->idstrs += idstr.length;
            count_path(counts, &walk);
        } else if (step == VMWIRE_RECORD_END && walk.depth + 1 == list_depth) {
            list_depth = 0;
        }
    }
}

static struct counts count_in_stream(const struct vmwire_stream *stream)
{
    struct counts counts = {0};
    for (size_t i = 0; i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        counts.sections += item->record != NULL;
        counts.configurations += item->kind == VMWIRE_ITEM_CONFIGURATION;
        if (item->record)
            count_in_record(&counts, item->record, item->idstr);
        for (const struct vmwire_entry *entry = item->entries; entry; entry = entry->next)
            counts.mapped_blocks += vmwire_mapped_bitmap_size(entry) > 0;
    }
    return counts;
}

/* Counted in the description, by nothing of this library. */
static size_t count_in_structure(const json_t *structure);

/* A structure is in a key "struct" or, as a vstruct, in the field itself; one that is empty is a
 * null pointer's. */
static size_t count_in_field(const json_t *field)
{
    const char *type = json_string_value(json_object_get(field, "type"));
    if (strcmp(type, "qtailq") == 0 || strcmp(type, "qlist") == 0)
        return 0;
    const json_t *inner = json_object_get(field, "struct");
    if (!inner && json_object_get(field, "vmsd_name"))
        inner = field;
    if (!inner || !json_object_size(inner))
        return 0;
    const json_t *length = json_object_get(field, "array_len");
    bool alone = !length || json_object_get(field, "index");
    return (alone ? 1 : (size_t)json_integer_value(length)) * (1 + count_in_structure(inner));
}

static size_t count_in_structure(const json_t *structure)
{
    size_t count = 0, i;
    json_t *each;
    json_array_foreach(json_object_get(structure, "fields"), i, each) count += count_in_field(each);
    json_array_foreach(json_object_get(structure, "subsections"), i, each) count +=
        count_in_structure(each);
    return count;
}

static bool has_section(const struct vmwire_stream *stream, const json_t *device)
{
    const char *idstr = json_string_value(json_object_get(device, "name"));
    json_int_t instance = json_integer_value(json_object_get(device, "instance_id"));
    for (size_t i = 0; i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (item->kind == VMWIRE_ITEM_SECTION_FULL && item->instance_id == (uint32_t)instance &&
            item->idstr.length == strlen(idstr) &&
            memcmp(item->idstr.data, idstr, item->idstr.length) == 0)
            return true;
    }
    return false;
}

static void test_embedded_records(void **state)
{
    struct subject *subject = *state;
    struct vmwire_input input = open_file(subject->capture->described);
    struct vmwire_bytes text = vmwire_description_find(input.bytes);
    json_t *description = json_loadb((const char *)text.data, text.length, 0, NULL), *device;
    assert_non_null(description);
    size_t expected = 0, i;
    json_array_foreach(json_object_get(description, "devices"), i,
                       device) if (has_section(subject->stream, device)) expected +=
        count_in_structure(device);
    assert_int_equal(count_in_stream(subject->stream).outside_lists, expected);
    json_decref(description);
    vmwire_input_close(&input);
}

/* ---- The options ----------------------------------------------------------------------------- */

/* How much longer the option's stream is: design, section 3. */
static size_t added_bytes(const struct vmwire_option *option, const struct counts *counts,
                          bool footers)
{
    size_t footer = footers ? 1 + 4 : 0;
    /* Version, length and sentinel; the version moves there from the header of a section or a subsection. */
    if (option->framed)
        return (4 + 4 + 1) * (counts->embedded + counts->configurations) +
               (4 + 1) * (counts->subsections + counts->sections - counts->configurations);
    if (option->sentinel)
        return counts->embedded + counts->subsections;
    if (option->subsections == VMWIRE_SUBSECTION_ITEM) /* section id, path and place */
        return counts->subsections * (4 + 1 + 4 + footer) + counts->paths;
    /* Besides, the owner's idstr, and strokes: before the path, behind it, and a second one for each in it. */
    if (option->subsections == VMWIRE_SUBSECTION_SECTION)
        return counts->subsections * (4 + 4 + 2 + footer) + counts->idstrs + counts->paths +
               counts->strokes;
    return 0;
}

/* The offset of the name of some subsection: where legacy and guarded readers go wrong. */
static bool names_subsection(const struct vmwire_record *record, const uint8_t *place)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_SUBSECTION && walk.subsection->raw.data + 1 == place)
            return true;
    return false;
}

/* Legacy and guarded look for a subsection behind a subsection's own record: what they refuse is
 * the next subsection of an owner around it. */
static void check_known_defect(const struct subject *subject, const struct vmwire_option *option,
                               const struct vmwire_error *error)
{
    if (error->kind == VMWIRE_ERROR_NOT_DESCRIBED && option->look == VMWIRE_LOOK_DESCRIBED &&
        !vmwire_description_find(subject->capture->input.bytes).length)
        return;
    if (!listed("legacy guarded", option->name) || error->kind != VMWIRE_ERROR_UNKNOWN_SUBSECTION)
        fail_msg("%s: %" PRIu64 ", %s, %s: %s", option->name, error->offset, error->section,
                 error->path, error->message);
    const uint8_t *place = subject->capture->input.bytes.data + error->offset;
    for (size_t i = 0; i < subject->stream->item_count; i++)
        if (subject->stream->items[i]->record &&
            names_subsection(subject->stream->items[i]->record, place))
            return;
    fail_msg("%s: no subsection at %" PRIu64 ": %s", option->name, error->offset, error->message);
}

static void check_written(const struct subject *subject, const struct vmwire_option *option,
                          struct vmwire_bytes written)
{
    struct counts counts = count_in_stream(subject->stream);
    struct vmwire_bytes original = subject->capture->input.bytes;
    assert_int_equal(vmwire_be32(written.data + 4), option->stream_version);
    if (option->encoding != VMWIRE_ENCODING_QEMU)
        return;
    if (!counts.mapped_blocks) /* whose pages have gaps before them */
        assert_int_equal(written.length,
                         original.length +
                             added_bytes(option, &counts, has_footers(subject->stream)));
    if (option->subsections == VMWIRE_SUBSECTION_INLINE && !option->sentinel)
        assert_same_bytes(written, original);
}

static void check_option(const struct subject *subject, const struct vmwire_option *option,
                         const struct vmwire_schema *schema)
{
    struct vmwire_error error = {0};
    struct vmwire_cost cost;
    struct vmwire_writer *writer = write_whole(subject->stream, option, false, &error);
    if (!writer)
        fail_msg("%s: %s", option->name, error.message);
    check_written(subject, option, vmwire_writer_output(writer));

    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_stream *back = vmwire_stream_read_whole(option, vmwire_writer_output(writer),
                                                          schema, arena, &cost, &error);
    if (!back) {
        check_known_defect(subject, option, &error);
    } else {
        if (!vmwire_stream_equal(back, subject->stream))
            fail_msg("%s: another tree", option->name);
        assert_int_equal(vmwire_cost_bytes_read(&cost), vmwire_writer_output(writer).length);
        struct vmwire_writer *again = write_whole(back, heuristic(), false, &error);
        assert_non_null(again);
        assert_same_bytes(vmwire_writer_output(again), subject->capture->input.bytes);
        vmwire_writer_destroy(again);
    }
    vmwire_arena_destroy(arena);
    vmwire_writer_destroy(writer);
}

static void test_options(void **state)
{
    struct subject *subject = *state;
    for (size_t i = 0; i < vmwire_option_count; i++)
        check_option(subject, &vmwire_options[i], subject->capture->schema);
}

/* ---- toplevel, where some subsections existed ------------------------------------------------ */

/* The schema that reads the capture, with what the file `older` declares marked. */
static struct vmwire_schema *schema_after(const struct capture *capture, const char *older,
                                          struct vmwire_arena *arena)
{
    struct vmwire_schema *schema = must_create_schema(arena), *declared = must_create_schema(arena);
    add_file(schema, capture->described);
    add_file(declared, older);
    must_finish_schema(schema);
    must_finish_schema(declared);
    must_set_existing(schema, declared);
    return schema;
}

/* Reads under heuristic, writes under toplevel, and back again. */
static void check_existing(const struct capture *capture, const char *older, bool all)
{
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *schema = schema_after(capture, older, arena);
    struct vmwire_error error = {0};
    struct vmwire_cost cost;
    struct vmwire_stream *stream =
        vmwire_stream_read_whole(heuristic(), capture->input.bytes, schema, arena, &cost, &error);
    assert_non_null(stream);
    struct vmwire_writer *writer = write_whole(stream, option_named("toplevel"), false, &error);
    assert_non_null(writer);
    if (all)
        assert_same_bytes(vmwire_writer_output(writer), capture->input.bytes);
    struct vmwire_stream *back = vmwire_stream_read_whole(
        option_named("toplevel"), vmwire_writer_output(writer), schema, arena, &cost, &error);
    if (!back)
        fail_msg("%" PRIu64 ", %s, %s: %s", error.offset, error.section, error.path, error.message);
    struct vmwire_writer *again = write_whole(back, heuristic(), false, &error);
    assert_non_null(again);
    assert_same_bytes(vmwire_writer_output(again), capture->input.bytes);
    vmwire_writer_destroy(again);
    vmwire_writer_destroy(writer);
    vmwire_arena_destroy(arena);
}

/* Nothing is new to a release that declares all of it. */
static void test_all_existing(void **state)
{
    struct subject *subject = *state;
    check_existing(subject->capture, subject->capture->described, true);
}

/* The oldest program of the corpus. */
static void test_some_existing(void **state)
{
    struct subject *subject = *state;
    char *older = must(strdup(subject->capture->dump));
    char *name = strrchr(older, '/') + 1;
    *name = '\0';
    char *path = path_in(older, "bullseye-x86_64.json");
    check_existing(subject->capture, path, false);
    free(path);
    free(older);
}

/* ---- The corpus as a whole ------------------------------------------------------------------- */

static void test_corpus(void **state)
{
    (void)state;
    size_t size = 0, pages = 0, zero_pages = 0;
    for (size_t i = 0; i < corpus.count; i++) {
        struct subject subject = {.capture = &corpus.captures[i]};
        void *pointer = &subject;
        assert_int_equal(read_subject(&pointer), 0);
        size += subject.capture->input.bytes.length;
        for (size_t j = 0; j < subject.stream->item_count; j++)
            for (const struct vmwire_entry *entry = subject.stream->items[j]->entries; entry;
                 entry = entry->next) {
                pages += strcmp(vmwire_entry_kind_name(entry), "RAM_PAGE") == 0;
                zero_pages += strcmp(vmwire_entry_kind_name(entry), "RAM_ZERO") == 0;
            }
        free_subject(&pointer);
    }
    assert_true(corpus.count >= 20);
    assert_true(size < 20 << 20);
    assert_true(pages > 100);
    assert_true(zero_pages > 100);
}

/* ---- The program ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    CMUnitTestFunction test;
} checks[] = {
    {"every byte", test_every_byte},
    {"footers", test_footers},
    {"with the dump", test_with_dump},
    {"embedded records", test_embedded_records},
    {"options and back", test_options},
    {"toplevel, all existing", test_all_existing},
    {"toplevel, some existing", test_some_existing},
};
enum { CHECKS = sizeof(checks) / sizeof(checks[0]) };

static int run_all(void)
{
    struct subject *subjects = must(calloc(corpus.count, sizeof(*subjects)));
    struct CMUnitTest *tests = must(calloc(corpus.count * CHECKS + 1, sizeof(*tests)));
    for (size_t i = 0; i < corpus.count * CHECKS; i++) {
        struct subject *subject = &subjects[i / CHECKS];
        subject->capture = &corpus.captures[i / CHECKS];
        size_t size = strlen(subject->capture->name) + strlen(checks[i % CHECKS].name) + 3;
        char *name = must(malloc(size));
        snprintf(name, size, "%s: %s", subject->capture->name, checks[i % CHECKS].name);
        tests[i] =
            (struct CMUnitTest){name, checks[i % CHECKS].test, read_subject, free_subject, subject};
    }
    tests[corpus.count * CHECKS] = (struct CMUnitTest)cmocka_unit_test(test_corpus);
    int failed = _cmocka_run_group_tests("corpus", tests, corpus.count * CHECKS + 1, NULL, NULL);
    for (size_t i = 0; i < corpus.count * CHECKS; i++)
        free((void *)(uintptr_t)tests[i].name);
    free(tests);
    free(subjects);
    return failed;
}

int main(int argc, char **argv)
{
    corpus = corpus_open(argc > 1 ? argv[1] : NULL);
    int failed = run_all();
    corpus_close(&corpus);
    return failed;
}
