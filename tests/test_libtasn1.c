/* SPDX-License-Identifier: MIT */
/*
 * The option asn1 and libtasn1: it decodes each item of each capture from the modules, and finds the values that our
 * reader has, all of them. It gets the modules as text: grammar/asn1/framing.asn1, and what vmwire_asn1_module() makes of
 * the capture's schema. It is an independent decoder, but no judge of DER; test_asn1.c tests the faults.
 */
#include "corpus.h"

#include <libtasn1.h>

#include "vmwire/asn1.h"

static const struct vmwire_option *asn1;

/* A capture while it is compared. */
struct comparison {
    const struct capture *capture;
    asn1_node framing, records;
    const uint8_t *next, *end; /* the items that are left */
    uint64_t items, values;
};

/* ---- Modules ----------------------------------------------------------------------------------- */

static asn1_node load_module(const char *path)
{
    asn1_node module = NULL;
    char error[ASN1_MAX_ERROR_DESCRIPTION_SIZE] = "";
    if (asn1_parser2tree(path, &module, error) != ASN1_SUCCESS)
        fail_msg("%s: %s", path, error);
    return module;
}

static bool write_piece(void *context, struct vmwire_bytes bytes, struct vmwire_error *error)
{
    (void)error;
    return fwrite(bytes.data, 1, bytes.length, context) == bytes.length;
}

/* libtasn1 reads a module from a file. */
static asn1_node load_records(const struct vmwire_schema *schema)
{
    char path[] = "/tmp/vmwire-module-XXXXXX";
    int descriptor = mkstemp(path);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    struct vmwire_error error;
    assert_non_null(file);
    assert_true(vmwire_asn1_module(schema, &(struct vmwire_byte_sink){file, write_piece}, &error));
    assert_int_equal(fclose(file), 0);
    asn1_node module = load_module(path);
    remove(path);
    return module;
}

/* ---- Values ------------------------------------------------------------------------------------ */

enum { NAME_SIZE = 1024 };

/* The contents that libtasn1 has under this name. The caller frees them. */
static struct vmwire_bytes read_contents(asn1_node element, const char *name)
{
    int length = 0;
    int result = asn1_read_value(element, name, NULL, &length);
    if (result != ASN1_MEM_ERROR && result != ASN1_SUCCESS)
        fail_msg("\"%s\": %s", name, asn1_strerror(result));
    uint8_t *data = must(malloc((size_t)length + 1));
    int room = length + 1;
    if ((result = asn1_read_value(element, name, data, &room)) != ASN1_SUCCESS)
        fail_msg("\"%s\": %s", name, asn1_strerror(result));
    return (struct vmwire_bytes){data, (size_t)room};
}

static void free_contents(struct vmwire_bytes contents)
{
    free((void *)(uintptr_t)contents.data);
}

static void check_octets(asn1_node element, const char *name, struct vmwire_bytes expected)
{
    struct vmwire_bytes contents = read_contents(element, name);
    assert_same_bytes(contents, expected);
    free_contents(contents);
}

/* The contents are a number in two's complement; the expected bytes are those of a field of that type. */
static void check_integer(asn1_node element, const char *name, struct vmwire_bytes expected,
                          bool is_signed)
{
    struct vmwire_bytes contents = read_contents(element, name);
    uint8_t extended[16];
    assert_true(contents.length && contents.length <= 9 && expected.length <= 8);
    memset(extended, contents.data[0] & 0x80 ? 0xff : 0, sizeof(extended));
    memcpy(extended + sizeof(extended) - contents.length, contents.data, contents.length);
    const uint8_t *end = extended + sizeof(extended);
    uint8_t sign = is_signed && expected.data[0] & 0x80 ? 0xff : 0;
    for (const uint8_t *each = extended; each < end - expected.length; each++)
        if (*each != sign)
            fail_msg("%s: another sign or size", name);
    assert_same_bytes((struct vmwire_bytes){end - expected.length, expected.length}, expected);
    free_contents(contents);
}

static void check_number(asn1_node element, const char *name, uint64_t expected)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(expected >> 8 * (7 - i));
    check_integer(element, name, (struct vmwire_bytes){bytes, 8}, false);
}

static void check_boolean(asn1_node element, const char *name, uint8_t expected)
{
    struct vmwire_bytes contents = read_contents(element, name);
    assert_string_equal((const char *)contents.data, expected ? "TRUE" : "FALSE");
    free_contents(contents);
}

static void check_count(asn1_node element, const char *name, uint64_t expected)
{
    int count = 0;
    assert_int_equal(asn1_number_of_elements(element, name, &count), ASN1_SUCCESS);
    assert_int_equal(count, expected);
}

static asn1_node decode(asn1_node module, const char *type, struct vmwire_bytes bytes)
{
    asn1_node element = NULL;
    char error[ASN1_MAX_ERROR_DESCRIPTION_SIZE] = "";
    int result = asn1_create_element(module, type, &element);
    int length = (int)bytes.length;
    if (result == ASN1_SUCCESS)
        result =
            asn1_der_decoding2(&element, bytes.data, &length, ASN1_DECODE_FLAG_STRICT_DER, error);
    if (result != ASN1_SUCCESS)
        fail_msg("%s: %s (%s)", type, asn1_strerror(result), error);
    assert_int_equal(length, bytes.length);
    return element;
}

/* ---- Records ----------------------------------------------------------------------------------- */

static const char *type_of(const struct comparison *comparison,
                           const struct vmwire_structure *structure, char name[NAME_SIZE])
{
    char type[VMWIRE_ASN1_NAME_SIZE];
    size_t number = 0;
    const struct vmwire_structure *each = comparison->capture->schema->structures;
    for (; each && each != structure; each = each->next)
        number++;
    if (!each)
        fail_msg("no structure \"%s\" in the schema", structure->name);
    vmwire_asn1_type_name(structure, number, type);
    snprintf(name, NAME_SIZE, "VmwireRecords.%s", type);
    return name;
}

static void check_scalars(struct comparison *comparison, asn1_node element, const char *name,
                          const struct vmwire_value *value, struct vmwire_element type)
{
    char each[NAME_SIZE];
    size_t size = value->field->size;
    if (type.sequence_of)
        check_count(element, name, value->field->count);
    for (uint32_t i = 0; i < value->field->count; i++) {
        struct vmwire_bytes bytes = {value->data.data + i * size, size};
        snprintf(each, sizeof(each), type.sequence_of ? "%s.?%u" : "%s", name, i + 1);
        if (type.kind == VMWIRE_ELEMENT_BOOLEAN)
            check_boolean(element, each, bytes.data[0]);
        else
            check_integer(element, each, bytes, type.is_signed);
        comparison->values++;
    }
}

static void check_fields(struct comparison *comparison, asn1_node element, const char *prefix,
                         const struct vmwire_record *record);

/* How many values of this field come from here on. */
static uint32_t count_values(const struct vmwire_value *value, bool with_record)
{
    uint32_t count = 0;
    for (const struct vmwire_value *each = value; each && each->field == value->field;
         each = each->next)
        count += !with_record || each->record;
    return count;
}

static void check_field(struct comparison *comparison, asn1_node element, const char *prefix,
                        const struct vmwire_record *record, const struct vmwire_value *value)
{
    const struct vmwire_element type = vmwire_field_element(value->field);
    char field[VMWIRE_ASN1_NAME_SIZE], name[NAME_SIZE], each[2 * NAME_SIZE];
    vmwire_asn1_field_name(record->structure, (size_t)(value->field - record->structure->fields),
                           field);
    snprintf(name, sizeof(name), "%.900s%s%s", prefix, *prefix ? "." : "", field);
    snprintf(each, sizeof(each), type.sequence_of ? "%s.?%u" : "%s", name, value->element + 1);
    if (value->element == 0 && type.kind >= VMWIRE_ELEMENT_STRINGS && type.sequence_of)
        check_count(element, name, count_values(value, type.kind != VMWIRE_ELEMENT_STRINGS));
    switch (type.kind) {
    case VMWIRE_ELEMENT_OCTETS:
        check_octets(element, name, value->data);
        break;
    case VMWIRE_ELEMENT_STRINGS:
        check_octets(element, each,
                     (struct vmwire_bytes){value->data.data + 1, value->data.length - 1});
        break;
    case VMWIRE_ELEMENT_RECORD:
    case VMWIRE_ELEMENT_LIST:
        if (value->record)
            check_fields(comparison, element, each, value->record);
        break;
    default:
        check_scalars(comparison, element, name, value, type);
        return;
    }
    comparison->values++;
}

static void check_record(struct comparison *comparison, const struct vmwire_record *record,
                         struct vmwire_bytes bytes);

static void check_subsections(struct comparison *comparison, asn1_node element, const char *prefix,
                              const struct vmwire_record *record)
{
    char name[NAME_SIZE];
    const char *dot = *prefix ? "." : "";
    unsigned number = 0;
    const struct vmwire_subsection_value *sent = record->subsections;
    for (; sent; sent = sent->next) {
        number++;
        snprintf(name, sizeof(name), "%.900s%ssubsections.?%u.name", prefix, dot, number);
        check_octets(element, name, sent->name);
        snprintf(name, sizeof(name), "%.900s%ssubsections.?%u.version-id", prefix, dot, number);
        check_number(element, name, sent->version_id);
        snprintf(name, sizeof(name), "%.900s%ssubsections.?%u.record", prefix, dot, number);
        struct vmwire_bytes bytes = read_contents(element, name);
        check_record(comparison, sent->record, bytes);
        free_contents(bytes);
    }
    snprintf(name, sizeof(name), "%.900s%ssubsections", prefix, dot);
    int count = 0;
    int result = asn1_number_of_elements(element, name, &count);
    assert_true(number ? result == ASN1_SUCCESS && count == (int)number : count == 0);
}

static void check_fields(struct comparison *comparison, asn1_node element, const char *prefix,
                         const struct vmwire_record *record)
{
    for (const struct vmwire_value *value = record->values; value; value = value->next)
        check_field(comparison, element, prefix, record, value);
    if (record->structure->name)
        check_subsections(comparison, element, prefix, record);
}

static void check_record(struct comparison *comparison, const struct vmwire_record *record,
                         struct vmwire_bytes bytes)
{
    char type[NAME_SIZE];
    asn1_node element =
        decode(comparison->records, type_of(comparison, record->structure, type), bytes);
    check_fields(comparison, element, "", record);
    asn1_delete_structure(&element);
}

/* ---- Items ------------------------------------------------------------------------------------- */

/* The whole next value, as libtasn1 sees its tag and its length. */
static struct vmwire_bytes next_value(struct comparison *comparison, unsigned long *tag)
{
    unsigned char class;
    int tag_length, length_length;
    const uint8_t *begin = comparison->next;
    assert_int_equal(
        asn1_get_tag_der(begin, (int)(comparison->end - begin), &class, &tag_length, tag),
        ASN1_SUCCESS);
    long length = asn1_get_length_der(begin + tag_length,
                                      (int)(comparison->end - begin) - tag_length, &length_length);
    assert_true(length >= 0 && class == (ASN1_CLASS_APPLICATION | (class & ASN1_CLASS_STRUCTURED)));
    size_t whole = (size_t)(tag_length + length_length) + (size_t)length;
    assert_true(whole <= (size_t)(comparison->end - begin));
    comparison->next += whole;
    comparison->items++;
    return (struct vmwire_bytes){begin, whole};
}

/* Decodes the next item, which has this type and tag. */
static asn1_node next_item(struct comparison *comparison, const char *type, unsigned long tag)
{
    unsigned long found;
    char name[NAME_SIZE];
    struct vmwire_bytes bytes = next_value(comparison, &found);
    assert_int_equal(found, tag);
    snprintf(name, sizeof(name), "VmwireFraming.%s", type);
    return decode(comparison->framing, name, bytes);
}

static void check_named(asn1_node element, const struct vmwire_item *item)
{
    check_number(element, "section-id", item->section_id);
    check_octets(element, "idstr", item->idstr);
    check_number(element, "instance-id", item->instance_id);
    check_number(element, "version-id", item->version_id);
}

static void check_record_of(struct comparison *comparison, asn1_node element,
                            const struct vmwire_item *item)
{
    struct vmwire_bytes bytes = read_contents(element, "record");
    check_record(comparison, item->record, bytes);
    free_contents(bytes);
}

static void check_whole(struct comparison *comparison, const char *type, unsigned long tag,
                        struct vmwire_bytes expected)
{
    asn1_node element = next_item(comparison, type, tag);
    check_octets(element, "", expected);
    asn1_delete_structure(&element);
}

static void check_section_end(struct comparison *comparison, const struct vmwire_item *item)
{
    for (const struct vmwire_entry *entry = item->entries; entry; entry = entry->next)
        check_whole(comparison, "Entry", 10, entry->raw);
    if (!item->footer)
        return;
    asn1_node footer = next_item(comparison, "Footer", 11);
    check_number(footer, "section-id", item->section_id);
    asn1_delete_structure(&footer);
}

static void check_package(struct comparison *comparison, asn1_node element,
                          const struct vmwire_item *item)
{
    char choice[32] = "";
    int length = sizeof(choice);
    assert_int_equal(asn1_read_value(element, "contents", choice, &length), ASN1_SUCCESS);
    assert_string_equal(choice, "package");
    /* What is in it follows item by item. */
    comparison->next = item->package.data;
}

static void check_item(struct comparison *comparison, const struct vmwire_item *item)
{
    static const struct {
        const char *type;
        unsigned long tag;
    } types[] = {
        [VMWIRE_ITEM_CONFIGURATION] = {"Configuration", 7},
        [VMWIRE_ITEM_SECTION_START] = {"SectionStart", 1},
        [VMWIRE_ITEM_SECTION_PART] = {"SectionPart", 2},
        [VMWIRE_ITEM_SECTION_END] = {"SectionEnd", 3},
        [VMWIRE_ITEM_SECTION_FULL] = {"SectionFull", 4},
        [VMWIRE_ITEM_COMMAND] = {"Command", 8},
        [VMWIRE_ITEM_PACKAGE] = {"Command", 8},
        [VMWIRE_ITEM_EOF] = {"Eof", 0},
    };
    if (item->kind == VMWIRE_ITEM_PACKAGE_END)
        return;
    if (item->kind == VMWIRE_ITEM_DESCRIPTION || item->kind == VMWIRE_ITEM_UNREAD) {
        bool description = item->kind == VMWIRE_ITEM_DESCRIPTION;
        check_whole(comparison, description ? "Description" : "Unread", description ? 6 : 13,
                    item->content);
        return;
    }
    asn1_node element = next_item(comparison, types[item->kind].type, types[item->kind].tag);
    if (item->kind == VMWIRE_ITEM_SECTION_START || item->kind == VMWIRE_ITEM_SECTION_FULL)
        check_named(element, item);
    else if (item->kind == VMWIRE_ITEM_SECTION_PART || item->kind == VMWIRE_ITEM_SECTION_END)
        check_number(element, "section-id", item->section_id);
    else if (item->kind == VMWIRE_ITEM_COMMAND || item->kind == VMWIRE_ITEM_PACKAGE)
        check_number(element, "command", item->command);
    if (item->kind == VMWIRE_ITEM_COMMAND)
        check_octets(element, "contents.payload", item->payload);
    if (item->record)
        check_record_of(comparison, element, item);
    if (item->kind == VMWIRE_ITEM_PACKAGE)
        check_package(comparison, element, item);
    asn1_delete_structure(&element);
    if (item->kind >= VMWIRE_ITEM_SECTION_START && item->kind <= VMWIRE_ITEM_SECTION_FULL)
        check_section_end(comparison, item);
}

/* ---- Captures ---------------------------------------------------------------------------------- */

static void compare_stream(struct comparison *comparison, struct vmwire_bytes bytes,
                           const struct vmwire_stream *stream)
{
    comparison->next = bytes.data + 8; /* behind magic and version */
    comparison->end = bytes.data + bytes.length;
    for (size_t i = 0; i < stream->item_count; i++)
        check_item(comparison, stream->items[i]);
    assert_ptr_equal(comparison->next, comparison->end);
}

static void test_capture(void **state)
{
    const struct capture *capture = *state;
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_cost cost;
    struct vmwire_error error = {0};
    struct vmwire_stream *sent = vmwire_stream_read_whole(
        option_named("heuristic"), capture->input.bytes, capture->schema, arena, &cost, &error);
    assert_non_null(sent);
    struct vmwire_writer *writer = write_whole(sent, asn1, false, &error);
    assert_non_null(writer);
    struct vmwire_bytes bytes = vmwire_writer_output(writer);
    struct vmwire_stream *stream =
        vmwire_stream_read_whole(asn1, bytes, capture->schema, arena, &cost, &error);
    assert_non_null(stream);
    assert_true(vmwire_stream_equal(stream, sent));
    struct comparison comparison = {.capture = capture,
                                    .framing = load_module("grammar/asn1/framing.asn1"),
                                    .records = load_records(capture->schema)};
    compare_stream(&comparison, bytes, stream);
    print_message("# %" PRIu64 " items and %" PRIu64 " values; %+lld bytes\n", comparison.items,
                  comparison.values,
                  (long long)bytes.length - (long long)capture->input.bytes.length);
    asn1_delete_structure(&comparison.framing);
    asn1_delete_structure(&comparison.records);
    vmwire_writer_destroy(writer);
    vmwire_arena_destroy(arena);
}

int main(void)
{
    struct corpus corpus = corpus_open(NULL);
    asn1 = option_named("asn1");
    struct CMUnitTest *tests = must(calloc(corpus.count, sizeof(*tests)));
    for (size_t i = 0; i < corpus.count; i++)
        tests[i] = (struct CMUnitTest){.name = corpus.captures[i].name,
                                       .test_func = test_capture,
                                       .initial_state = &corpus.captures[i]};
    int failed = _cmocka_run_group_tests("libtasn1", tests, corpus.count, NULL, NULL);
    free(tests);
    corpus_close(&corpus);
    return failed;
}
