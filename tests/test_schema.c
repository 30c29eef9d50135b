/* SPDX-License-Identifier: MIT */
/*
 * Schemas: what is made of descriptions and dumps as QEMUs of several ages write them, how sources
 * are merged, and what is refused with which error; what a reader makes of arrays that were not
 * described. Also the arena and the errors they are made with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "inputs/must.h"
#include "vmwire/vmwire.h"

/* ---- Helpers ---- */

struct fixture {
    struct vmwire_arena *arena;
    struct vmwire_schema *schema;
    struct vmwire_error error;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->arena = vmwire_arena_create();
    fixture->schema = must_create_schema(fixture->arena);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    vmwire_arena_destroy(fixture->arena);
    free(fixture);
    return 0;
}

static struct vmwire_bytes bytes_of(const char *text)
{
    return (struct vmwire_bytes){.data = (const uint8_t *)text, .length = strlen(text)};
}

/* Adds a source spelled with ' for ", and whatever printf makes of the rest. */
__attribute__((format(printf, 2, 3))) static bool add(struct fixture *fixture, const char *format,
                                                      ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    assert_true(vasprintf(&text, format, arguments) >= 0);
    va_end(arguments);
    for (char *quote = strchr(text, '\''); quote != NULL; quote = strchr(quote, '\''))
        *quote = '"';
    /* Given away before it is used: nothing may point into it. */
    bool added = vmwire_schema_add(fixture->schema, bytes_of(text), &fixture->error);
    memset(text, 'x', strlen(text));
    free(text);
    return added;
}

static void explain(const struct fixture *fixture)
{
    char text[2048];
    print_message("%s\n", vmwire_error_text(&fixture->error, text, sizeof(text)));
}

#define must_add(fixture, ...)                                                                     \
    do {                                                                                           \
        bool added = add(fixture, __VA_ARGS__);                                                    \
        if (!added)                                                                                \
            explain(fixture);                                                                      \
        assert_true(added);                                                                        \
    } while (0)

/* A description of one device "dev" with these fields. */
#define DEVICE(fields)                                                                             \
    "{'devices':[{'name':'dev','instance_id':0,'vmsd_name':'dev','version':1,'fields':[" fields    \
    "]}]}"

#define BUFFER(name, size) "{'name':'" name "','type':'buffer','size':" size "}"
#define UINT32(name)       "{'name':'" name "','type':'uint32','size':4}"

#define EMPTY_SUBSECTION(name) "{'vmsd_name':'" name "','version':1,'fields':[]}"

static const struct vmwire_structure *device_structure(struct fixture *fixture, const char *idstr)
{
    must_finish_schema(fixture->schema);
    const struct vmwire_device *device = vmwire_schema_device(fixture->schema, idstr, 0);
    assert_non_null(device);
    assert_string_equal(device->idstr, idstr);
    return device->structure;
}

static const struct vmwire_structure *structure_named(const struct vmwire_schema *schema,
                                                      const char *name)
{
    for (const struct vmwire_structure *each = schema->structures; each != NULL; each = each->next)
        if (each->name != NULL && strcmp(each->name, name) == 0)
            return each;
    return NULL;
}

struct expected_field {
    const char *name;
    enum vmwire_field_class class;
    uint32_t size, count;
    int32_t index;
    bool null_pointer;
};

static void check_fields(const struct vmwire_structure *structure,
                         const struct expected_field *expected, size_t count)
{
    assert_int_equal(structure->field_count, count);
    for (size_t i = 0; i < count; i++) {
        const struct vmwire_field *field = &structure->fields[i];
        assert_string_equal(field->name, expected[i].name);
        assert_string_equal(vmwire_field_class_name(field->class),
                            vmwire_field_class_name(expected[i].class));
        assert_int_equal(field->size, expected[i].size);
        assert_int_equal(field->count, expected[i].count);
        assert_int_equal(field->index, expected[i].index);
        assert_int_equal(field->null_pointer, expected[i].null_pointer);
        /* Of all private encodings only arrays of null pointers have no fixed length. */
        bool pointers = expected[i].class == VMWIRE_FIELD_OPAQUE && expected[i].null_pointer;
        assert_int_equal(field->length, pointers ? VMWIRE_LENGTH_POINTERS : VMWIRE_LENGTH_FIXED);
    }
}

#define expect_fields(structure, ...)                                                              \
    do {                                                                                           \
        const struct expected_field expected_fields[] = {__VA_ARGS__};                             \
        check_fields(structure, expected_fields,                                                   \
                     sizeof(expected_fields) / sizeof(expected_fields[0]));                        \
    } while (0)

static void check_error(const struct fixture *fixture, enum vmwire_error_kind kind,
                        const char *path, const char *message)
{
    assert_string_equal(vmwire_error_kind_name(fixture->error.kind), vmwire_error_kind_name(kind));
    assert_string_equal(fixture->error.path, path);
    if (strstr(fixture->error.message, message) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", message, fixture->error.message);
}

/* The source is refused with this path and message, and adds nothing. */
#define expect_error(fixture, path, message, ...)                                                  \
    do {                                                                                           \
        assert_false(add(fixture, __VA_ARGS__));                                                   \
        check_error(fixture, VMWIRE_ERROR_SCHEMA, path, message);                                  \
    } while (0)

/* ---- Descriptions ---- */

static void test_plain_fields(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, "{'page_size':4096,'devices':[{'name':'0000:00:01.0/nic','instance_id':0,"
                      "'vmsd_name':'nic','version':3,'fields':["
                      "{'name':'a','type':'uint32','size':4},"
                      "{'name':'b','type':'bool','size':1},"
                      "{'name':'c','type':'unused_buffer','size':7},"
                      "{'name':'d','type':'uint8 equal','size':1},"
                      "{'name':'e','type':'pci config','size':256},"
                      "{'name':'f','type':'int32 le','size':4},"
                      "{'name':'g','type':'buffer','size':0},"
                      "{'name':'h','type':'timer','size':8},"
                      "{'name':'i','type':'a type of tomorrow','size':5},"
                      "{'name':'j','type':'powered_off','size':1}"
                      "]}]}");
    const struct vmwire_structure *nic = device_structure(fixture, "0000:00:01.0/nic");
    assert_int_equal(fixture->schema->page_size, 4096);
    assert_string_equal(nic->name, "nic");
    assert_int_equal(nic->version_id, 3);
    assert_int_equal(nic->minimum_version_id, 3);
    assert_int_equal(nic->subsection_count, 0);
    assert_false(nic->assumed);
    expect_fields(
        nic, {"a", VMWIRE_FIELD_FREE, 4, 1, -1, false}, {"b", VMWIRE_FIELD_BOOL, 1, 1, -1, false},
        {"c", VMWIRE_FIELD_ZEROS, 7, 1, -1, false}, {"d", VMWIRE_FIELD_CONSTANT, 1, 1, -1, false},
        {"e", VMWIRE_FIELD_OPAQUE, 256, 1, -1, false}, {"f", VMWIRE_FIELD_OPAQUE, 4, 1, -1, false},
        {"g", VMWIRE_FIELD_FREE, 0, 1, -1, false}, {"h", VMWIRE_FIELD_FREE, 8, 1, -1, false},
        {"i", VMWIRE_FIELD_OPAQUE, 5, 1, -1, false}, {"j", VMWIRE_FIELD_BOOL, 1, 1, -1, false});
    assert_string_equal(nic->fields[4].type, "pci config");
}

static void test_spelling_of_5_2(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, "{ 'page_size': 4096, 'devices': [ { 'name': 'timer', 'instance_id': 0, "
                      "'vmsd_name': 'timer', 'version': 2, 'fields': [ { 'name': 'ticks', "
                      "'type': 'int64', 'size': 8 }, { 'name': 'regs', 'array_len': 3, "
                      "'type': 'uint16', 'size': 2 } ] } ] }");
    expect_fields(device_structure(fixture, "timer"), {"ticks", VMWIRE_FIELD_FREE, 8, 1, -1, false},
                  {"regs", VMWIRE_FIELD_FREE, 2, 3, -1, false});
}

static void test_embedded_structures(void **state)
{
    struct fixture *fixture = *state;
    must_add(
        fixture,
        DEVICE("{'name':'one','type':'struct','struct':{'vmsd_name':'inner','version':1,"
               "'fields':[" UINT32(
                   "x") "]},'size':4},"
                        "{'name':'xmm_regs','array_len':16,'type':'struct','struct':{"
                        "'vmsd_name':'xmm_reg','version':1,'fields':["
                        "{'name':'q','array_len':2,'type':'uint64','size':8}]},'size':16},"
                        "{'name':'tmp','type':'tmp','vmsd_name':'t','version':0,"
                        "'fields':[" UINT32(
                            "y") "],'size':4},"
                                 "{'name':'kcs','type':'vstruct','vmsd_name':'kcs','version':2,"
                                 "'fields':[" UINT32("z") "],'size':4}"));
    const struct vmwire_structure *device = device_structure(fixture, "dev");
    expect_fields(device, {"one", VMWIRE_FIELD_RECORD, 4, 1, -1, false},
                  {"xmm_regs", VMWIRE_FIELD_RECORD, 16, 16, -1, false},
                  {"tmp", VMWIRE_FIELD_RECORD, 4, 1, -1, false},
                  {"kcs", VMWIRE_FIELD_RECORD, 4, 1, -1, false});
    assert_string_equal(device->fields[1].structure->name, "xmm_reg");
    expect_fields(device->fields[1].structure, {"q", VMWIRE_FIELD_FREE, 8, 2, -1, false});
    assert_string_equal(device->fields[2].structure->name, "t");
    assert_int_equal(device->fields[2].structure->version_id, 0);
    assert_string_equal(device->fields[3].structure->name, "kcs");
    assert_int_equal(device->fields[3].structure->version_id, 2);
}

static void test_sizes_include_subsections(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture,
             DEVICE("{'name':'in','type':'struct','struct':{'vmsd_name':'in','version':1,"
                    "'fields':[" UINT32("x") "],'subsections':["
                                             "{'vmsd_name':'in/sub','version':7,'fields':[" UINT32(
                                                 "y") "]}]},"
                                                      "'size':20}")); /* 4 + (1 + 1 + 6 + 4) + 4 */
    const struct vmwire_structure *inner = device_structure(fixture, "dev")->fields[0].structure;
    assert_int_equal(inner->sent_count, 1);
    assert_int_equal(inner->subsection_count, 1);
    const struct vmwire_subsection *subsection = vmwire_structure_subsection(inner, "in/sub");
    assert_ptr_equal(subsection, &inner->subsections[0]);
    assert_int_equal(subsection->version_id, 7);
    assert_int_equal(subsection->minimum_version_id, 7);
    assert_int_equal(subsection->source, VMWIRE_LAYOUT_SENT);
    assert_string_equal(subsection->structure->name, "in/sub");
    assert_false(subsection->existing);
    assert_null(vmwire_structure_subsection(inner, "in/su"));
    assert_null(vmwire_structure_subsection(inner, "in/sub0"));
    expect_fields(subsection->structure, {"y", VMWIRE_FIELD_FREE, 4, 1, -1, false});
}

#define ELEMENT(more)                                                                              \
    "{'name':'el'," more                                                                           \
    "'type':'struct','struct':{'vmsd_name':'el','version':1,'fields':[" UINT32("x") "]},'size':4}"
#define NULLPTR(more) "{'name':'el'," more "'type':'nullptr','size':1}"
#define MARKER(more)  "{'name':'el'," more "'type':'ptr-marker','size':1}"

static void test_indexed_arrays(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, DEVICE(ELEMENT("'index':0,") "," ELEMENT("'index':1,") "," UINT32("other")));
    expect_fields(device_structure(fixture, "dev"), {"el", VMWIRE_FIELD_RECORD, 4, 1, 0, false},
                  {"el", VMWIRE_FIELD_RECORD, 4, 1, 1, false},
                  {"other", VMWIRE_FIELD_FREE, 4, 1, -1, false});
}

/* QEMU 10.0 leaves the index of the last element out, 11.1 that of all. */
static void test_arrays_without_index(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, DEVICE(ELEMENT("'index':0,") "," ELEMENT("'index':1,") "," ELEMENT("")));
    must_add(fixture, "{'devices':[{'name':'new','instance_id':0,'vmsd_name':'new','version':1,"
                      "'fields':[" ELEMENT("") "," ELEMENT("") "]}]}");
    expect_fields(device_structure(fixture, "dev"), {"el", VMWIRE_FIELD_RECORD, 4, 1, 0, false},
                  {"el", VMWIRE_FIELD_RECORD, 4, 1, 1, false},
                  {"el", VMWIRE_FIELD_RECORD, 4, 1, 2, false});
    expect_fields(vmwire_schema_device(fixture->schema, "new", 0)->structure,
                  {"el", VMWIRE_FIELD_RECORD, 4, 1, 0, false},
                  {"el", VMWIRE_FIELD_RECORD, 4, 1, 1, false});
}

static void test_null_pointers_before_10_0(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, DEVICE("{'name':'css','array_len':256,'type':'struct','struct':{},'size':1},"
                             "{'name':'p','index':0,'type':'struct','struct':{},'size':1},"
                             "{'name':'tm','array_len':2,'type':'timer','size':1},"
                             "{'name':'t','type':'timer','size':1},"
                             "{'name':'one','array_len':1,'type':'struct','struct':{},'size':1},"
                             "{'name':'vs','array_len':3,'type':'vstruct','size':1},"
                             "{'name':'v','type':'vstruct','size':1}"));
    expect_fields(
        device_structure(fixture, "dev"), {"css", VMWIRE_FIELD_OPAQUE, 1, 256, -1, true},
        {"p", VMWIRE_FIELD_CONSTANT, 1, 1, 0, true}, {"tm", VMWIRE_FIELD_OPAQUE, 1, 2, -1, true},
        {"t", VMWIRE_FIELD_CONSTANT, 1, 1, -1, true},
        {"one", VMWIRE_FIELD_CONSTANT, 1, 1, -1, true}, {"vs", VMWIRE_FIELD_OPAQUE, 1, 3, -1, true},
        {"v", VMWIRE_FIELD_CONSTANT, 1, 1, -1, true});
}

/* What only looks like one: the elements are there, or QEMU says itself that they are null. */
static void test_arrays_that_are_described(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, DEVICE("{'name':'tm','array_len':2,'type':'timer','size':8},"
                             "{'name':'b','array_len':4,'type':'uint8','size':1},"
                             "{'name':'o','array_len':4,'type':'a type of tomorrow','size':1},"
                             "{'name':'n','array_len':4,'type':'nullptr','size':1},"
                             "{'name':'m','array_len':4,'type':'ptr-marker','size':1}"));
    expect_fields(
        device_structure(fixture, "dev"), {"tm", VMWIRE_FIELD_FREE, 8, 2, -1, false},
        {"b", VMWIRE_FIELD_FREE, 1, 4, -1, false}, {"o", VMWIRE_FIELD_OPAQUE, 1, 4, -1, false},
        {"n", VMWIRE_FIELD_CONSTANT, 1, 4, -1, true}, {"m", VMWIRE_FIELD_CONSTANT, 1, 4, -1, true});
}

/* s390_css as QEMU 10.0 writes it: 254 null pointers, one that is not, and one more. */
static void test_runs_of_null_pointers(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, DEVICE(NULLPTR("'array_len':254,") "," ELEMENT("") "," NULLPTR("")));
    expect_fields(device_structure(fixture, "dev"), {"el", VMWIRE_FIELD_CONSTANT, 1, 254, 0, true},
                  {"el", VMWIRE_FIELD_RECORD, 4, 1, 254, false},
                  {"el", VMWIRE_FIELD_CONSTANT, 1, 1, 255, true});
}

static void test_runs_of_null_pointers_of_11_1(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, DEVICE(MARKER("'array_len':254,") "," ELEMENT("") "," MARKER("")));
    expect_fields(device_structure(fixture, "dev"), {"el", VMWIRE_FIELD_CONSTANT, 1, 254, 0, true},
                  {"el", VMWIRE_FIELD_RECORD, 4, 1, 254, false},
                  {"el", VMWIRE_FIELD_CONSTANT, 1, 1, 255, true});
}

/* Elements 0 to 4 are there, 5 and 6 null, 7 is there: QEMU gives the first run all as its length.
 */
static void test_first_run_that_is_not_null(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture,
             DEVICE(ELEMENT("'array_len':8,") "," NULLPTR("'array_len':2,") "," ELEMENT("")));
    expect_fields(device_structure(fixture, "dev"), {"el", VMWIRE_FIELD_RECORD, 4, 5, 0, false},
                  {"el", VMWIRE_FIELD_CONSTANT, 1, 2, 5, true},
                  {"el", VMWIRE_FIELD_RECORD, 4, 1, 7, false});
}

/* Where elements cannot be compressed, QEMU 10.0 gives each null pointer the number that is left.
 */
static void test_listed_null_pointers(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture,
             DEVICE(NULLPTR("'array_len':2,") "," NULLPTR("'array_len':2,") "," ELEMENT("")));
    must_add(fixture, "{'devices':[{'name':'b','instance_id':0,'vmsd_name':'b','version':1,"
                      "'fields':[" ELEMENT("'index':0,") "," NULLPTR("'array_len':2,") "," NULLPTR(
                          "") "]}]}");
    expect_fields(device_structure(fixture, "dev"), {"el", VMWIRE_FIELD_CONSTANT, 1, 1, 0, true},
                  {"el", VMWIRE_FIELD_CONSTANT, 1, 1, 1, true},
                  {"el", VMWIRE_FIELD_RECORD, 4, 1, 2, false});
    expect_fields(vmwire_schema_device(fixture->schema, "b", 0)->structure,
                  {"el", VMWIRE_FIELD_RECORD, 4, 1, 0, false},
                  {"el", VMWIRE_FIELD_CONSTANT, 1, 1, 1, true},
                  {"el", VMWIRE_FIELD_CONSTANT, 1, 1, 2, true});
}

/* A marker before each element is 0x31 when the element follows. */
static void test_marked_elements(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture,
             DEVICE(MARKER("") "," ELEMENT("") "," MARKER("") "," MARKER("") "," ELEMENT("")));
    const struct vmwire_structure *device = device_structure(fixture, "dev");
    expect_fields(
        device, {"el", VMWIRE_FIELD_CHECKED, 1, 1, 0, false},
        {"el", VMWIRE_FIELD_RECORD, 4, 1, 0, false}, {"el", VMWIRE_FIELD_CHECKED, 1, 1, 1, true},
        {"el", VMWIRE_FIELD_CHECKED, 1, 1, 2, false}, {"el", VMWIRE_FIELD_RECORD, 4, 1, 2, false});
    for (size_t i = 0; i < device->field_count; i++) {
        assert_int_equal(device->fields[i].determines,
                         device->fields[i].class != VMWIRE_FIELD_RECORD);
        assert_int_equal(device->fields[i].unsteady, i > 0);
    }
    assert_true(device->unsteady_end);
}

#define LIST(elements, size) DEVICE("{'name':'l','type':'qtailq'," elements "'size':" size "}")
#define LIST_ELEMENT         "'vmsd_name':'el','version':1,'fields':[" UINT32("x") "],"

static void test_lists(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, LIST("", "1"));
    const struct vmwire_structure *device = device_structure(fixture, "dev");
    expect_fields(device, {"l", VMWIRE_FIELD_LIST, 1, 1, -1, false});
    assert_null(device->fields[0].structure);
}

static void test_list_of_one(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, LIST(LIST_ELEMENT, "6"));
    const struct vmwire_structure *device = device_structure(fixture, "dev");
    expect_fields(device, {"l", VMWIRE_FIELD_LIST, 6, 1, -1, false});
    assert_string_equal(device->fields[0].structure->name, "el");
}

/* QEMU repeats the keys of the object for every element. */
static void test_list_of_two(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, LIST(LIST_ELEMENT LIST_ELEMENT, "11"));
    const struct vmwire_structure *device = device_structure(fixture, "dev");
    expect_fields(device, {"l", VMWIRE_FIELD_LIST, 11, 1, -1, false});
    expect_fields(device->fields[0].structure, {"x", VMWIRE_FIELD_FREE, 4, 1, -1, false});
}

static void test_list_with_optional_subsections(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture,
             LIST("'subsections':[{'vmsd_name':'el/s','version':1,'fields':[]}]," LIST_ELEMENT
                      LIST_ELEMENT,
                  "21"));
    const struct vmwire_structure *element = device_structure(fixture, "dev")->fields[0].structure;
    assert_non_null(vmwire_structure_subsection(element, "el/s"));
}

static void test_old_style_sections(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, "{'devices':[{'name':'todclock','instance_id':0,'size':10,"
                      "'fields':[{'name':'data','size':10,'type':'buffer'}]}]}");
    const struct vmwire_structure *clock = device_structure(fixture, "todclock");
    assert_null(clock->name);
    assert_int_equal(clock->subsection_count, 0);
    assert_int_equal(clock->version_id, UINT32_MAX);
    assert_int_equal(clock->minimum_version_id, 0);
    expect_fields(clock, {"data", VMWIRE_FIELD_OPAQUE, 10, 1, -1, false});
}

static void test_devices(void **state)
{
    struct fixture *fixture = *state;
#define NAMED(name, instance, field)                                                               \
    "{'name':'" name "','instance_id':" instance                                                   \
    ",'vmsd_name':'d','version':1,'fields':[" UINT32(field) "]}"
    must_add(fixture, "{'devices':[" NAMED("cpu", "1", "b") "," NAMED("zz", "0", "c") "," NAMED(
                          "cpu", "0", "a") "," NAMED("cpu", "4294967295", "d") "]}");
    must_add(fixture, "{'page_size':65536,'devices':[" NAMED("cpu", "0", "later") "," NAMED(
                          "aa", "0", "e") "]}");
    must_add(fixture, "{'page_size':4096,'devices':[]}");
    must_finish_schema(fixture->schema);
    const struct vmwire_schema *schema = fixture->schema;
    assert_int_equal(schema->device_count, 5);
    assert_string_equal(schema->devices[0].idstr, "aa");
    assert_int_equal(schema->devices[1].instance_id, 0);
    assert_int_equal(schema->devices[2].instance_id, 1);
    assert_int_equal(schema->devices[3].instance_id, UINT32_MAX);
    assert_string_equal(schema->devices[4].idstr, "zz");
    assert_string_equal(vmwire_schema_device(schema, "cpu", 0)->structure->fields[0].name, "a");
    assert_string_equal(vmwire_schema_device(schema, "cpu", 1)->structure->fields[0].name, "b");
    assert_string_equal(vmwire_schema_device(schema, "cpu", UINT32_MAX)->structure->fields[0].name,
                        "d");
    assert_null(vmwire_schema_device(schema, "cpu", 2));
    assert_null(vmwire_schema_device(schema, "cp", 0));
    assert_null(vmwire_schema_device(schema, "", 0));
    assert_int_equal(schema->page_size, 65536);
}

static void test_no_devices(void **state)
{
    struct fixture *fixture = *state;
    must_finish_schema(fixture->schema);
    assert_int_equal(fixture->schema->device_count, 0);
    assert_null(vmwire_schema_device(fixture->schema, "cpu", 0));
    assert_int_equal(fixture->schema->page_size, 0);
}

/* ---- The configuration record ---- */

static void test_configuration(void **state)
{
    struct fixture *fixture = *state;
    /* What one stream sent does not change what any stream may have. */
    must_add(fixture, "{'configuration':{'vmsd_name':'configuration','version':1,'fields':["
                      "{'name':'len','type':'uint32','size':4},"
                      "{'name':'name','type':'buffer','size':5}],'subsections':["
                      "{'vmsd_name':'configuration/capabilities','version':1,'fields':["
                      "{'name':'caps_count','type':'uint32','size':4},"
                      "{'name':'capabilities','type':'capability','size':11}]},"
                      "{'vmsd_name':'configuration/new','version':1,'fields':[]}]},"
                      "'devices':[]}");
    must_finish_schema(fixture->schema);
    const struct vmwire_structure *configuration = fixture->schema->configuration;
    assert_string_equal(configuration->name, "configuration");
    assert_int_equal(configuration->version_id, 1);
    assert_int_equal(configuration->minimum_version_id, 0);
    assert_int_equal(configuration->field_count, 2);
    assert_int_equal(configuration->fields[0].length, VMWIRE_LENGTH_FIXED);
    assert_int_equal(configuration->fields[1].length, VMWIRE_LENGTH_COUNTED);
    assert_int_equal(configuration->fields[1].count, 1);
    assert_int_equal(configuration->sent_count, 0);
    assert_int_equal(configuration->subsection_count, 4);

    const struct vmwire_subsection *capabilities =
        vmwire_structure_subsection(configuration, "configuration/capabilities");
    assert_int_equal(capabilities->structure->fields[1].length, VMWIRE_LENGTH_STR8);
    const struct vmwire_subsection *uuid =
        vmwire_structure_subsection(configuration, "configuration/uuid");
    assert_int_equal(uuid->structure->fields[0].count, 16);
    const struct vmwire_subsection *bits =
        vmwire_structure_subsection(configuration, "configuration/target-page-bits");
    assert_int_equal(bits->version_id, 1);
    assert_int_equal(bits->source, VMWIRE_LAYOUT_OTHER);
    const struct vmwire_subsection *new =
        vmwire_structure_subsection(configuration, "configuration/new");
    assert_int_equal(new->source, VMWIRE_LAYOUT_OTHER);
    assert_int_equal(fixture->schema->device_count, 0);
}

/* Its own keys mean nothing in a stream's description. */
static void test_configuration_keys_elsewhere(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, "{'devices':[{'name':'d','instance_id':0,'vmsd_name':'d','version':3,"
                      "'minimum_version':1,'fields':["
                      "{'name':'x','type':'buffer','size':9,'length':'str8'}]}]}");
    expect_error(fixture, "devices[0] \"e\" / x / size", "missing",
                 "{'devices':[{'name':'e','instance_id':0,'vmsd_name':'e','version':3,"
                 "'fields':[{'name':'x','type':'buffer','length':'str8'}]}]}");
    const struct vmwire_structure *structure = device_structure(fixture, "d");
    assert_int_equal(structure->minimum_version_id, 3);
    expect_fields(structure, {"x", VMWIRE_FIELD_FREE, 9, 1, -1, false});
}

/* ---- Dumps and merging ---- */

#define DUMP                                                                                       \
    "{'vmschkmachine':{'Name':'pc'},'nic':{'Name':'nic','version_id':4,'minimum_version_id':2,"    \
    "'Description':{'name':'nic','version_id':4,'minimum_version_id':2,'Fields':["                 \
    "{'field':'a','version_id':0,'field_exists':false,'size':4},"                                  \
    "{'field':'parent','version_id':0,'field_exists':false,'size':2608,'Description':{"            \
    "'name':'PCIDevice','version_id':2,'minimum_version_id':1,'Fields':["                          \
    "{'field':'config','version_id':0,'field_exists':true,'size':256}]}}],"                        \
    "'Subsections':[{'name':'nic/one','version_id':2,'minimum_version_id':1,'Fields':["            \
    "{'field':'x','version_id':0,'field_exists':false,'num':3,'size':8}]},"                        \
    "{'name':'nic/two','version_id':1,'minimum_version_id':1}]}}}"

#define SENDER(idstr, subsections)                                                                 \
    "{'devices':[{'name':'" idstr                                                                  \
    "','instance_id':0,'vmsd_name':'nic','version':4,'fields':[" UINT32("a") "]" subsections "}]}"
#define NIC_ONE ",'subsections':[{'vmsd_name':'nic/one','version':2,'fields':[" UINT32("x") "]}]"
#define NIC_TWO ",'subsections':[{'vmsd_name':'nic/two','version':1,'fields':[]}]"

static const struct vmwire_subsection *find_subsection(const struct vmwire_structure *structure,
                                                       const char *name)
{
    const struct vmwire_subsection *subsection = vmwire_structure_subsection(structure, name);
    assert_non_null(subsection);
    return subsection;
}

static void expect_subsection(const struct vmwire_structure *structure, size_t index,
                              const char *name, enum vmwire_layout_source source, uint32_t version,
                              uint32_t minimum)
{
    assert_true(index < structure->subsection_count);
    const struct vmwire_subsection *subsection = &structure->subsections[index];
    assert_string_equal(subsection->name, name);
    assert_int_equal(subsection->source, source);
    assert_int_equal(subsection->version_id, version);
    assert_int_equal(subsection->minimum_version_id, minimum);
    assert_non_null(subsection->structure);
    assert_int_equal(subsection->structure->assumed, source == VMWIRE_LAYOUT_ASSUMED);
}

static void expect_versions(const struct vmwire_structure *structure, uint32_t version,
                            uint32_t minimum)
{
    assert_int_equal(structure->version_id, version);
    assert_int_equal(structure->minimum_version_id, minimum);
}

static void test_dumps(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, DUMP);
    must_finish_schema(fixture->schema);
    assert_int_equal(fixture->schema->device_count, 0);
    const struct vmwire_structure *nic = structure_named(fixture->schema, "nic");
    assert_true(nic->assumed);
    assert_int_equal(nic->version_id, 4);
    assert_int_equal(nic->minimum_version_id, 2);
    expect_fields(nic, {"a", VMWIRE_FIELD_FREE, 4, 1, -1, false},
                  {"parent", VMWIRE_FIELD_RECORD, 256, 1, -1, false});
    assert_string_equal(nic->fields[1].structure->name, "PCIDevice");
    assert_int_equal(nic->sent_count, 0);
    assert_int_equal(nic->subsection_count, 2);
    expect_subsection(nic, 0, "nic/one", VMWIRE_LAYOUT_ASSUMED, 2, 1);
    expect_subsection(nic, 1, "nic/two", VMWIRE_LAYOUT_ASSUMED, 1, 1);
    expect_fields(nic->subsections[0].structure, {"x", VMWIRE_FIELD_FREE, 8, 3, -1, false});
    assert_non_null(structure_named(fixture->schema, "PCIDevice"));
    assert_null(structure_named(fixture->schema, "pc"));
}

static void test_merging(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, SENDER("sent-one", NIC_ONE));
    must_add(fixture, SENDER("sent-none", ""));
    must_add(fixture, SENDER("sent-two", NIC_TWO));
    must_add(fixture, DUMP);
    must_add(fixture, SENDER("sent-one-again", NIC_ONE));
    must_add(fixture, SENDER("sent-three",
                             ",'subsections':[{'vmsd_name':'nic/3','version':9,'fields':[]}]"));
    must_finish_schema(fixture->schema);
    const struct vmwire_structure *one =
        vmwire_schema_device(fixture->schema, "sent-one", 0)->structure;
    const struct vmwire_structure *none =
        vmwire_schema_device(fixture->schema, "sent-none", 0)->structure;
    const struct vmwire_structure *three =
        vmwire_schema_device(fixture->schema, "sent-three", 0)->structure;
    assert_int_equal(one->version_id, 4);
    assert_int_equal(one->minimum_version_id, 2);
    assert_int_equal(one->sent_count, 1);
    assert_int_equal(one->subsection_count, 3);
    expect_subsection(one, 0, "nic/one", VMWIRE_LAYOUT_SENT, 2, 1);
    expect_subsection(one, 1, "nic/two", VMWIRE_LAYOUT_OTHER, 1, 1);
    expect_subsection(one, 2, "nic/3", VMWIRE_LAYOUT_OTHER, 9, 9);
    assert_int_equal(none->sent_count, 0);
    assert_int_equal(none->subsection_count, 3);
    expect_subsection(none, 0, "nic/one", VMWIRE_LAYOUT_OTHER, 2, 1);
    assert_ptr_equal(none->subsections[0].structure, one->subsections[0].structure);
    assert_int_equal(three->sent_count, 1);
    expect_subsection(three, 0, "nic/3", VMWIRE_LAYOUT_SENT, 9, 9);
    expect_subsection(three, 1, "nic/one", VMWIRE_LAYOUT_OTHER, 2, 1);

    /* What sent nothing shares its subsections: here the device and the dump's structure. */
    const struct vmwire_structure *dumped = three;
    for (const struct vmwire_structure *each = fixture->schema->structures; each; each = each->next)
        if (each->assumed && strcmp(each->name, "nic") == 0)
            dumped = each;
    assert_ptr_equal(dumped->subsections, none->subsections);
}

/* The order of a dump and a description makes no difference to whose layout is used. */
static void test_dump_first(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, DUMP);
    must_add(fixture, SENDER("nic", NIC_ONE));
    const struct vmwire_structure *nic = device_structure(fixture, "nic");
    expect_subsection(nic, 0, "nic/one", VMWIRE_LAYOUT_SENT, 2, 1);
    expect_subsection(nic, 1, "nic/two", VMWIRE_LAYOUT_ASSUMED, 1, 1);
    const struct vmwire_structure *dumped = structure_named(fixture->schema, "nic");
    assert_true(dumped->assumed);
    expect_subsection(dumped, 0, "nic/one", VMWIRE_LAYOUT_OTHER, 2, 1);
}

/* A subsection's own subsections merge by its own name. */
static void test_subsections_of_subsections(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, SENDER("a", NIC_ONE));
    must_add(fixture,
             SENDER("b", ",'subsections':[{'vmsd_name':'nic/one','version':2,'fields':[" UINT32(
                             "x") "],'subsections':[{'vmsd_name':'nic/one/x',"
                                  "'version':1,'fields':[]}]}]"));
    const struct vmwire_structure *a = device_structure(fixture, "a");
    expect_subsection(a->subsections[0].structure, 0, "nic/one/x", VMWIRE_LAYOUT_OTHER, 1, 1);
}

/* Different structures of one name that resemble each other: each gets the versions that fit it. */
static void test_versions_of_namesakes(void **state)
{
    struct fixture *fixture = *state;
#define IDE(version, minimum)                                                                      \
    "{'Description':{'name':'ide','version_id':" version ",'minimum_version_id':" minimum          \
    ",'Fields':[{'field':'bus','size':4}]}}"
    must_add(fixture, "{'a':" IDE("2", "1") ",'b':" IDE("5", "0") ",'c':" IDE("3", "0") "}");
#define DESCRIBED(idstr, version)                                                                  \
    "{'name':'" idstr "','instance_id':0,'vmsd_name':'ide','version':" version                     \
    ",'fields':[" UINT32("bus") "]}"
    must_add(fixture, "{'devices':[" DESCRIBED("v5", "5") "," DESCRIBED("v4", "4") "," DESCRIBED(
                          "v3", "3") "," DESCRIBED("v9", "9") "]}");
    must_finish_schema(fixture->schema);
    const struct {
        const char *idstr;
        uint32_t version_id, minimum_version_id;
    } expected[] = {{"v5", 5, 0}, {"v4", 5, 0}, {"v3", 3, 0}, {"v9", 2, 1}};
    for (size_t i = 0; i < 4; i++) {
        const struct vmwire_structure *structure =
            vmwire_schema_device(fixture->schema, expected[i].idstr, 0)->structure;
        assert_int_equal(structure->version_id, expected[i].version_id);
        assert_int_equal(structure->minimum_version_id, expected[i].minimum_version_id);
        assert_int_equal(structure->described_version_id, expected[i].idstr[1] - '0');
    }
}

/* What a reader accepts is the dump's to say, whose layout it is the description's. */
static void test_described_versions(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, DUMP);
    must_add(fixture, "{'devices':[{'name':'nic','instance_id':0,'vmsd_name':'nic','version':3,"
                      "'fields':[" UINT32(
                          "a") "],'subsections':[{'vmsd_name':'nic/one',"
                               "'version':1,'fields':[" UINT32(
                                   "x") "]}]},"
                                        "{'name':'old','instance_id':0,'size':1,'fields':[" BUFFER(
                                            "o", "1") "]}]}");
    const struct vmwire_structure *nic = device_structure(fixture, "nic");
    expect_versions(nic, 4, 2);
    assert_int_equal(nic->described_version_id, 3);
    expect_subsection(nic, 0, "nic/one", VMWIRE_LAYOUT_SENT, 2, 1);
    assert_int_equal(nic->subsections[0].structure->described_version_id, 1);
    expect_subsection(nic, 1, "nic/two", VMWIRE_LAYOUT_ASSUMED, 1, 1);
    assert_int_equal(nic->subsections[1].structure->described_version_id, 1);
    const struct vmwire_structure *old = vmwire_schema_device(fixture->schema, "old", 0)->structure;
    assert_int_equal(old->described_version_id, old->version_id);
    const struct vmwire_structure *dumped = structure_named(fixture->schema, "nic");
    expect_versions(dumped, 4, 2);
    assert_int_equal(dumped->described_version_id, 4);
}

#define DUMPED_SUBSECTION(versions, fields)                                                        \
    "{'d':{'Description':{'name':'nic','version_id':1,'minimum_version_id':1,'Subsections':["      \
    "{'name':'nic/s'," versions ",'Fields':[" fields "]}]}}}"
#define DUMPED_FIELD(version, exists, more)                                                        \
    "{'field':'x','version_id':" version ",'field_exists':" exists "," more "}"

/* A dump's layout is used where it is sure to be right but for arrays that do not look like any. */
static void test_what_a_dump_tells(void **state)
{
    (void)state;
    static const struct {
        const char *fields;
        bool told;
    } dumps[] = {
        {"", true},
        {DUMPED_FIELD("0", "false", "'size':1"), true},
        {DUMPED_FIELD("0", "false", "'size':2"), true},
        {DUMPED_FIELD("0", "false", "'size':4"), true},
        {DUMPED_FIELD("0", "false", "'size':8"), true},
        {DUMPED_FIELD("0", "false", "'num':9,'size':8"), true},
        {DUMPED_FIELD("2", "false", "'size':4"), true},
        {DUMPED_FIELD("3", "false", "'size':4"), false}, /* not in version 2 */
        {DUMPED_FIELD("0", "true", "'size':4"), false},
        {DUMPED_FIELD("0", "false", "'num':0,'size':4"), false},
        {DUMPED_FIELD("0", "false", "'size':0"), false},  /* as long as another field says */
        {DUMPED_FIELD("0", "false", "'size':16"), false}, /* a structure in memory, for instance */
        {DUMPED_FIELD("0", "false", "'size':3"), false},
        {DUMPED_FIELD("0", "false",
                      "'size':4,'Description':{'name':'e','version_id':1,'minimum_version_id':1,"
                      "'Fields':[{'field':'y','size':4}]}"),
         false}, /* one, several, a list */
        {DUMPED_FIELD("0", "false", "'size':4") "," DUMPED_FIELD("0", "true", "'size':4"), false},
        {DUMPED_FIELD("0", "true", "'size':4") "," DUMPED_FIELD("0", "false", "'size':4"), false},
    };
    for (size_t i = 0; i < sizeof(dumps) / sizeof(dumps[0]); i++) {
        struct vmwire_arena *arena = vmwire_arena_create();
        struct fixture fixture = {.arena = arena, .schema = must_create_schema(arena)};
        must_add(&fixture, DUMPED_SUBSECTION("'version_id':3,'minimum_version_id':2", "%s"),
                 dumps[i].fields);
        must_add(&fixture, SENDER("nic", ""));
        const struct vmwire_structure *nic = device_structure(&fixture, "nic");
        const struct vmwire_subsection *subsection = find_subsection(nic, "nic/s");
        if ((subsection->source == VMWIRE_LAYOUT_ASSUMED) != dumps[i].told)
            fail_msg("%s: %s", dumps[i].fields, dumps[i].told ? "unknown" : "assumed");
        assert_int_equal(subsection->source,
                         dumps[i].told ? VMWIRE_LAYOUT_ASSUMED : VMWIRE_LAYOUT_UNKNOWN);
        assert_int_equal(subsection->structure != NULL, dumps[i].told);
        assert_int_equal(subsection->version_id, 3);
        assert_int_equal(subsection->minimum_version_id, 2);
        vmwire_arena_destroy(arena);
    }
}

/* What one dump leaves open another dump or a description may tell; the versions stay the first
 * dump's. */
static void test_unknown_layouts_elsewhere(void **state)
{
    (void)state;
    static const char open[] = DUMPED_SUBSECTION("'version_id':3,'minimum_version_id':2",
                                                 DUMPED_FIELD("0", "true", "'size':4"));
    static const char tells[] = DUMPED_SUBSECTION("'version_id':2,'minimum_version_id':1",
                                                  DUMPED_FIELD("0", "false", "'size':4"));
    static const char sent[] = SENDER(
        "sender", ",'subsections':[{'vmsd_name':'nic/s','version':3,'fields':[" UINT32("x") "]}]");
    for (unsigned i = 0; i < 4; i++) {
        struct vmwire_arena *arena = vmwire_arena_create();
        struct fixture fixture = {.arena = arena, .schema = must_create_schema(arena)};
        must_add(&fixture, SENDER("nic", ""));
        must_add(&fixture, "%s", i % 2 ? open : tells);
        must_add(&fixture, "%s", i % 2 ? tells : open);
        if (i >= 2)
            must_add(&fixture, "%s", sent);
        const struct vmwire_structure *nic = device_structure(&fixture, "nic");
        const struct vmwire_subsection *subsection = find_subsection(nic, "nic/s");
        uint32_t version = i >= 2 || i % 2 ? 3 : 2;
        expect_subsection(nic, 0, "nic/s", i >= 2 ? VMWIRE_LAYOUT_OTHER : VMWIRE_LAYOUT_ASSUMED,
                          version, version - 1);
        assert_int_equal(subsection->structure->described_version_id, i >= 2 ? 3 : 2);
        vmwire_arena_destroy(arena);
    }
}

static void test_subsection_sent_twice(void **state)
{
    struct fixture *fixture =
        *state; /* sd-card of QEMU 11.1 declares one of its subsections twice */
    must_add(fixture,
             SENDER("nic",
                    ",'subsections':[{'vmsd_name':'nic/s','version':1,"
                    "'fields':[]},{'vmsd_name':'nic/s','version':1,'fields':[" UINT32("x") "]}]"));
    const struct vmwire_structure *nic = device_structure(fixture, "nic");
    assert_int_equal(nic->sent_count, 2);
    assert_int_equal(nic->subsection_count, 2);
}

static void test_existing(void **state)
{
    struct fixture *fixture = *state;
    struct vmwire_arena *arena = vmwire_arena_create();
    struct fixture older = {.arena = arena, .schema = must_create_schema(arena)};
    must_add(&older, SENDER("anything", NIC_TWO));
    must_add(&older, "{'devices':[{'name':'x','instance_id':0,'vmsd_name':'other','version':1,"
                     "'fields':[],'subsections':[{'vmsd_name':'nic/one','version':1,'fields':[]}"
                     "]}]}");
    must_finish_schema(older.schema);
    must_add(fixture, DUMP);
    must_add(fixture, SENDER("nic", NIC_ONE));
    const struct vmwire_structure *nic = device_structure(fixture, "nic");
    must_set_existing(fixture->schema, older.schema);
    assert_false(find_subsection(nic, "nic/one")->existing);
    assert_true(find_subsection(nic, "nic/two")->existing);
    assert_true(find_subsection(fixture->schema->configuration, "configuration/uuid")->existing);
    vmwire_arena_destroy(arena);
    assert_string_equal(nic->name, "nic");
}

/* ---- Namesakes ---- */

/* A device "idstr" whose structure is a "twin" with these fields and subsections. */
#define TWIN(idstr, version, fields, subsections)                                                  \
    "{'name':'" idstr "','instance_id':0,'vmsd_name':'twin','version':" version                    \
    ",'fields':[" fields "],'subsections':[" subsections "]}"
/* What a dump has of one, or of a subsection of it. */
#define DUMPED_TWIN(device, version, minimum, field, subsection)                                   \
    "'" device "':{'Description':{'name':'twin','version_id':" version                             \
    ",'minimum_version_id':" minimum ",'Fields':[{'field':'" field                                 \
    "','size':8}],'Subsections':[{'name':'" subsection                                             \
    "','version_id':3,'minimum_version_id':2}]}}"

static const struct vmwire_structure *structure_of(const struct fixture *fixture, const char *idstr)
{
    const struct vmwire_device *device = vmwire_schema_device(fixture->schema, idstr, 0);
    assert_non_null(device);
    return device->structure;
}

/* QEMU's own "timer" and a board's: what is known of one says nothing of the other, whatever came
 * first. */
static void test_namesakes(void **state)
{
    (void)state;
    static const char core[] = "{'devices':[" TWIN("core", "2", UINT32("cpu_ticks_offset"),
                                                   EMPTY_SUBSECTION("twin/icount")) "]}";
    static const char board[] = "{'devices':[" TWIN("board", "1", UINT32("limit"), "") "," TWIN(
        "board-again", "1", UINT32("limit") "," UINT32("delta"), EMPTY_SUBSECTION("twin/irq")) "]}";
    static const char dump[] =
        "{" DUMPED_TWIN("a", "2", "1", "cpu_ticks_offset",
                        "twin/warp") "," DUMPED_TWIN("b", "1", "0", "limit", "twin/mode") "}";
    static const char *const orders[][3] = {{core, board, dump}, {core, dump, board},
                                            {board, core, dump}, {board, dump, core},
                                            {dump, core, board}, {dump, board, core}};
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        struct vmwire_arena *arena = vmwire_arena_create();
        struct fixture fixture = {.arena = arena, .schema = must_create_schema(arena)};
        for (size_t j = 0; j < 3; j++)
            must_add(&fixture, "%s", orders[i][j]);
        must_finish_schema(fixture.schema);

        const struct vmwire_structure *structure = structure_of(&fixture, "core");
        expect_versions(structure, 2, 1);
        assert_int_equal(structure->subsection_count, 2);
        expect_subsection(structure, 0, "twin/icount", VMWIRE_LAYOUT_SENT, 1, 1);
        expect_subsection(structure, 1, "twin/warp", VMWIRE_LAYOUT_ASSUMED, 3, 2);

        structure = structure_of(&fixture, "board");
        expect_versions(structure, 1, 0);
        assert_int_equal(structure->sent_count, 0);
        assert_int_equal(structure->subsection_count, 2);
        assert_int_equal(find_subsection(structure, "twin/irq")->source, VMWIRE_LAYOUT_OTHER);
        assert_int_equal(find_subsection(structure, "twin/mode")->source, VMWIRE_LAYOUT_ASSUMED);

        structure = structure_of(&fixture, "board-again");
        expect_versions(structure, 1, 0);
        assert_int_equal(structure->subsection_count, 2);
        expect_subsection(structure, 0, "twin/irq", VMWIRE_LAYOUT_SENT, 1, 1);
        expect_subsection(structure, 1, "twin/mode", VMWIRE_LAYOUT_ASSUMED, 3, 2);
        vmwire_arena_destroy(arena);
    }
}

/* Where no dump knows it, its namesake's versions do not become its own, fitting or not. */
static void test_namesakes_without_a_dump(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, "{" DUMPED_TWIN("a", "5", "1", "a", "twin/a") "}");
    must_add(fixture,
             "{'devices':[" TWIN("dumped", "5", UINT32("a"), "") "," TWIN(
                 "fits", "3", UINT32("b"), "") "," TWIN("above", "9", UINT32("b"), "") "]}");
    must_finish_schema(fixture->schema);
    expect_versions(structure_of(fixture, "dumped"), 5, 1);
    expect_versions(structure_of(fixture, "fits"), 3, 3);
    expect_versions(structure_of(fixture, "above"), 9, 9);
    assert_int_equal(structure_of(fixture, "dumped")->subsection_count, 1);
    assert_int_equal(structure_of(fixture, "fits")->subsection_count, 0);
}

/* The PCI device "ne2000" embeds an "ne2000". */
static void test_namesake_embedded_in_its_own(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, "{'devices':[" TWIN(
                          "pci", "3",
                          "{'name':'core','type':'struct','size':15,'struct':{'vmsd_name':'twin',"
                          "'version':2,'fields':[" UINT32(
                              "rxcr") "],'subsections':[" EMPTY_SUBSECTION("twin/") "]}}",
                          EMPTY_SUBSECTION("twin/pci")) "]}");
    must_add(fixture, "{" DUMPED_TWIN("isa", "2", "0", "rxcr", "twin/isa") "}");
    const struct vmwire_structure *outer = device_structure(fixture, "pci");
    expect_versions(outer, 3, 3);
    assert_int_equal(outer->subsection_count, 1);
    expect_subsection(outer, 0, "twin/pci", VMWIRE_LAYOUT_SENT, 1, 1);
    const struct vmwire_structure *inner = outer->fields[0].structure;
    expect_versions(inner, 2, 0);
    assert_int_equal(inner->subsection_count, 2);
    expect_subsection(inner, 0, "twin/", VMWIRE_LAYOUT_SENT, 1, 1);
    expect_subsection(inner, 1, "twin/isa", VMWIRE_LAYOUT_ASSUMED, 3, 2);
}

/* Which field names make two structures of one name the same one. */
static void test_resemblance(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *sender, *other; /* fields */
        bool same;
    } pairs[] = {
        {UINT32("x"), UINT32("x"), true},
        {UINT32("a") "," UINT32("x"), UINT32("x") "," UINT32("b"), true},
        {UINT32("a") "," UINT32("b"), UINT32("c") "," UINT32("b"), true},
        {UINT32("x"), UINT32("y"), false},
        {UINT32("x"), UINT32("X"), false},
        {UINT32("x"), UINT32("xy"), false},
        {UINT32("xy"), UINT32("x"), false},
        {UINT32("x[0]"), UINT32("x"), true},
        {UINT32("x"), UINT32("x[0]") "," UINT32("x[1]"), true},
        {UINT32("x[12]"), UINT32("x[3]"), true},
        {UINT32("x[0]"), UINT32("y[0]"), false},
        {UINT32("x[a]"), UINT32("x"), false},
        {UINT32("x[0"), UINT32("x"), false},
        {UINT32("x0]"), UINT32("x"), false},
        {UINT32("x[0].y"), UINT32("x"), false},
        {UINT32("x[0].y"), UINT32("x[1].y"), false},
        {UINT32("x[0][1]"), UINT32("x[0][2]"), true},
        {UINT32("[0]"), UINT32("[1]"), false},
        {UINT32("[0]"), UINT32(""), false},
        {UINT32("]"), UINT32("0]"), false},
        {UINT32(""), UINT32(""), true},
        {"", "", true},
        {"", UINT32("x"), true},
        {UINT32("x"), "", true},
        {UINT32("unused"), UINT32("unused"), false},
        {UINT32("unused") "," UINT32("a"), UINT32("unused") "," UINT32("b"), false},
        {UINT32("unused[0]") "," UINT32("unused[1]"), UINT32("b") "," UINT32("unused"), false},
        {UINT32("unused") "," UINT32("a"), UINT32("unused") "," UINT32("a"), true},
        {UINT32("unused_"), UINT32("unused_"), true},
        {UINT32("unuse"), UINT32("unuse"), true},
        {UINT32("un"), UINT32("un"), true},
    };
    enum { PAIRS = sizeof(pairs) / sizeof(pairs[0]) };
    for (size_t i = 0; i < PAIRS; i++)
        must_add(fixture,
                 "{'devices':[{'name':'sender','instance_id':%zu,'vmsd_name':'t%zu','version':1,"
                 "'fields':[%s],'subsections':[" EMPTY_SUBSECTION(
                     "s") "]},{'name':'other',"
                          "'instance_id':%zu,'vmsd_name':'t%zu','version':1,'fields':[%s]}]}",
                 i, i, pairs[i].sender, i, i, pairs[i].other);
    must_finish_schema(fixture->schema);
    for (size_t i = 0; i < PAIRS; i++) {
        const struct vmwire_device *other =
            vmwire_schema_device(fixture->schema, "other", (uint32_t)i);
        if ((vmwire_structure_subsection(other->structure, "s") != NULL) != pairs[i].same)
            fail_msg("%s and %s: %s", pairs[i].sender, pairs[i].other,
                     pairs[i].same ? "not merged" : "merged");
    }
}

/* The "[n]" of a description: a dump does not have it. */
static void test_resemblance_to_a_dump(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, "{" DUMPED_TWIN("a", "4", "1", "x", "twin/s") "}");
    must_add(fixture, "{'devices':[" TWIN("dev", "3", UINT32("x[0]") "," UINT32("x[1]"), "") "]}");
    const struct vmwire_structure *structure = device_structure(fixture, "dev");
    expect_versions(structure, 4, 1);
    assert_int_equal(structure->subsection_count, 1);
    expect_subsection(structure, 0, "twin/s", VMWIRE_LAYOUT_ASSUMED, 3, 2);
}

/* A structure without fields tells what it knows to the first of its name; it does not make all of
 * them the same, even when it was there before them. */
static void test_namesakes_and_one_without_fields(void **state)
{
    (void)state;
    static const char empty[] =
        "{'devices':[" TWIN("empty", "7", "", EMPTY_SUBSECTION("twin/empty")) "]}";
    static const char x[] =
        "{'devices':[" TWIN("x", "7", UINT32("x"), EMPTY_SUBSECTION("twin/x")) "]}";
    static const char y[] =
        "{'devices':[" TWIN("y", "7", UINT32("y"), EMPTY_SUBSECTION("twin/y")) "]}";
    static const char *const orders[][3] = {{empty, x, y}, {x, empty, y}, {x, y, empty}};
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        struct vmwire_arena *arena = vmwire_arena_create();
        struct fixture fixture = {.arena = arena, .schema = must_create_schema(arena)};
        for (size_t j = 0; j < 3; j++)
            must_add(&fixture, "%s", orders[i][j]);
        must_finish_schema(fixture.schema);
        const struct vmwire_structure *structure = structure_of(&fixture, "empty");
        assert_int_equal(structure->subsection_count, 2);
        expect_subsection(structure, 0, "twin/empty", VMWIRE_LAYOUT_SENT, 1, 1);
        expect_subsection(structure, 1, "twin/x", VMWIRE_LAYOUT_OTHER, 1, 1);
        structure = structure_of(&fixture, "x");
        assert_int_equal(structure->subsection_count, 2);
        expect_subsection(structure, 0, "twin/x", VMWIRE_LAYOUT_SENT, 1, 1);
        expect_subsection(structure, 1, "twin/empty", VMWIRE_LAYOUT_OTHER, 1, 1);
        structure = structure_of(&fixture, "y");
        assert_int_equal(structure->subsection_count, 1);
        expect_subsection(structure, 0, "twin/y", VMWIRE_LAYOUT_SENT, 1, 1);
        vmwire_arena_destroy(arena);
    }
}

/* Eight namesakes are told apart; what comes after them is taken for the eighth. */
static void test_many_namesakes(void **state)
{
    struct fixture *fixture = *state;
    for (unsigned i = 0; i < 12; i++)
        must_add(fixture,
                 "{'devices':[{'name':'d','instance_id':%u,'vmsd_name':'twin','version':1,"
                 "'fields':[{'name':'f%u','type':'uint8','size':1}],'subsections':["
                 "{'vmsd_name':'twin/%u','version':1,'fields':[]}]}]}",
                 i, i, i);
    must_finish_schema(fixture->schema);
    for (unsigned i = 0; i < 12; i++) {
        const struct vmwire_structure *structure =
            vmwire_schema_device(fixture->schema, "d", i)->structure;
        assert_int_equal(structure->sent_count, 1);
        assert_int_equal(structure->subsection_count, i < 7 ? 1 : 5);
    }
}

/* An older release may have namesakes too: whichever declares the subsection. */
static void test_existing_of_namesakes(void **state)
{
    struct fixture *fixture = *state;
    struct vmwire_arena *arena = vmwire_arena_create();
    struct fixture older = {.arena = arena, .schema = must_create_schema(arena)};
    for (unsigned i = 0; i < 7; i++)
        must_add(&older,
                 "{'devices':[{'name':'d','instance_id':%u,'vmsd_name':'twin','version':1,"
                 "'fields':[{'name':'f%u','type':'uint8','size':1}],'subsections':["
                 "{'vmsd_name':'twin/%u','version':1,'fields':[]}]}]}",
                 i, i, i);
    must_finish_schema(older.schema);
    for (unsigned i = 0; i < 7; i++)
        must_add(fixture,
                 "{'devices':[{'name':'d','instance_id':%u,'vmsd_name':'twin','version':1,"
                 "'fields':[{'name':'f%u','type':'uint8','size':1}],'subsections':["
                 "{'vmsd_name':'twin/%u','version':1,'fields':[]},"
                 "{'vmsd_name':'twin/new','version':1,'fields':[]}]}]}",
                 i, i, i);
    must_finish_schema(fixture->schema);
    must_set_existing(fixture->schema, older.schema);
    for (unsigned i = 0; i < 7; i++) {
        const struct vmwire_structure *structure =
            vmwire_schema_device(fixture->schema, "d", i)->structure;
        assert_int_equal(structure->subsection_count, 2);
        assert_true(structure->subsections[0].existing);
        assert_false(structure->subsections[1].existing);
    }
    vmwire_arena_destroy(arena);
}

/* ---- What is refused ---- */

static void test_sizes_that_disagree(void **state)
{
    struct fixture *fixture = *state;
#define IN(what) "{'devices':[" what "]}"
#define CPU(fields)                                                                                \
    "{'name':'cpu','instance_id':0,'vmsd_name':'cpu','version':1,'fields':[" fields "]}"
    expect_error(fixture, "devices[1] \"cpu\" / env.xmm_regs / struct",
                 "described are 20 bytes, what is in it makes 16",
                 IN(CPU("") "," CPU(
                     UINT32("x") ",{'name':'env.xmm_regs','array_len':3,"
                                 "'type':'struct','struct':{'vmsd_name':'xmm_reg','version':1,"
                                 "'fields':[{'name':'q','array_len':2,'type':'uint64',"
                                 "'size':8}]},'size':20}")));
    expect_error(
        fixture, "devices[0] \"cpu\" / t[3]", "described are 3 bytes",
        IN(CPU("{'name':'t','index':3,'type':'tmp','vmsd_name':'t','version':1,'fields':[" UINT32(
            "x") "],'size':3}")));
    /* A subsection counts with its header: 1 + 1 + 3 + 4. */
    expect_error(fixture, "devices[0] \"cpu\" / s / struct", "makes 9",
                 IN(CPU("{'name':'s','type':'struct','struct':{'vmsd_name':'s','version':1,"
                        "'fields':[],'subsections':[{'vmsd_name':'s/x','version':1,'fields':[]}]},"
                        "'size':0}")));
    expect_error(fixture, "devices[0] \"old\"", "described are 11 bytes, its fields make 10",
                 IN("{'name':'old','instance_id':0,'size':11,"
                    "'fields':[{'name':'data','size':10,'type':'buffer'}]}"));
    expect_error(fixture, "devices[0] \"cpu\" / x / size", "uint32 has 4 bytes, described are 2",
                 IN(CPU("{'name':'x','type':'uint32','size':2}")));
    expect_error(fixture, "devices[0] \"cpu\" / x / struct", "5 bytes of a structure",
                 IN(CPU("{'name':'x','type':'struct','struct':{},'size':5}")));
    expect_error(fixture, "devices[0] \"dev\" / l", "a list of 7 bytes", LIST("", "7"));
    expect_error(fixture, "devices[0] \"dev\" / l", "one element alone makes 6",
                 LIST(LIST_ELEMENT, "5"));
}

static void test_wrong_types(void **state)
{
    struct fixture *fixture = *state;
    expect_error(fixture, "", "not an object", "[]");
    expect_error(fixture, "devices", "a string where an array", "{'devices':'none'}");
    expect_error(fixture, "devices[0]", "not an object", "{'devices':[1]}");
    expect_error(fixture, "devices[0] / name", "missing", "{'devices':[{}]}");
    expect_error(fixture, "devices[0] / name", "an integer where a string",
                 "{'devices':[{'name':1}]}");
    expect_error(fixture, "devices[0] \"d\" / instance_id", "missing",
                 "{'devices':[{'name':'d'}]}");
#define HEAD "{'devices':[{'name':'d','instance_id':0,'vmsd_name':'d',"
    expect_error(fixture, "devices[0] \"d\" / version", "missing", HEAD "'fields':[]}]}");
    expect_error(fixture, "devices[0] \"d\" / fields", "missing", HEAD "'version':1}]}");
    expect_error(fixture, "devices[0] \"d\" / fields", "an object where an array",
                 HEAD "'version':1,'fields':{}}]}");
    expect_error(fixture, "devices[0] \"d\" / subsections", "null where an array",
                 HEAD "'version':1,'fields':[],'subsections':null}]}");
    expect_error(fixture, "devices[0] \"d\" / subsections[0]", "a boolean where an object",
                 HEAD "'version':1,'fields':[],'subsections':[true]}]}");
    expect_error(fixture, "devices[0] \"d\" / subsections[1] \"d/s\" / fields[0]",
                 "an array where an object",
                 HEAD "'version':1,'fields':[],'subsections':["
                      "{'vmsd_name':'d/t','version':1,'fields':[]},"
                      "{'vmsd_name':'d/s','version':1,'fields':[[]]}]}]}");
    expect_error(fixture, "devices[0] \"d\" / fields[0] / name", "missing",
                 HEAD "'version':1,'fields':[{'type':'uint8','size':1}]}]}");
    expect_error(fixture, "devices[0] \"d\" / x / type", "missing",
                 HEAD "'version':1,'fields':[{'name':'x','size':1}]}]}");
    expect_error(fixture, "devices[0] \"d\" / x / size", "missing",
                 HEAD "'version':1,'fields':[{'name':'x','type':'uint8'}]}]}");
    expect_error(fixture, "devices[0] \"d\" / x / struct", "missing",
                 HEAD "'version':1,'fields':[{'name':'x','type':'struct','size':1}]}]}");
    expect_error(fixture, "devices[0] \"d\" / x / struct", "not an object",
                 HEAD
                 "'version':1,'fields':[{'name':'x','type':'struct','struct':[],'size':1}]}]}");
    expect_error(fixture, "devices[0] \"d\" / x / struct / vmsd_name", "missing",
                 HEAD "'version':1,'fields':[{'name':'x','type':'struct','struct':{'version':1},"
                      "'size':1}]}]}");
    expect_error(fixture, "devices[0] \"d\" / x / vmsd_name", "missing",
                 HEAD "'version':1,'fields':[{'name':'x','type':'tmp','size':1}]}]}");
    expect_error(fixture, "configuration", "a string where an object",
                 "{'configuration':'pc','devices':[]}");
    expect_error(fixture, "page_size", "3000 is not a power of two",
                 "{'page_size':3000,'devices':[]}");
    expect_error(fixture, "page_size", "0 is not a power of two", "{'page_size':0,'devices':[]}");
    assert_int_equal(fixture->schema->page_size, 0);
}

static void test_numbers(void **state)
{
    struct fixture *fixture = *state;
#define SIZED(size) DEVICE("{'name':'x','type':'buffer','size':" size "}")
    must_add(fixture, SIZED("4294967295"));
    expect_error(fixture, "devices[0] \"dev\" / x / size", "-1 where 0 to 4294967295", SIZED("-1"));
    expect_error(fixture, "devices[0] \"dev\" / x / size", "4294967296", SIZED("4294967296"));
    expect_error(fixture, "devices[0] \"dev\" / x / size", "a real number where", SIZED("1.0"));
    expect_error(fixture, "devices[0] \"dev\" / x / size", "a string where", SIZED("'1'"));
    expect_error(fixture, "", "not JSON: too big integer", SIZED("99999999999999999999"));
#define ARRAY(length, size)                                                                        \
    DEVICE("{'name':'x','array_len':" length ",'type':'buffer','size':" size "}")
    expect_error(fixture, "devices[0] \"dev\" / x / array_len", "without elements",
                 ARRAY("0", "1"));
    expect_error(fixture, "devices[0] \"dev\" / x", "\"dev\" has more than 4294967295 bytes",
                 ARRAY("2", "2147483648"));
    expect_error(fixture, "devices[0] \"dev\" / x", "more than", ARRAY("4294967295", "4294967295"));
    must_add(fixture, ARRAY("4294967295", "1"));
    expect_error(fixture, "devices[0] \"dev\" / y", "more than",
                 DEVICE("{'name':'x','type':'buffer','size':4294967295},"
                        "{'name':'y','type':'uint8','size':1}"));
    expect_error(fixture, "devices[0] \"d\" / subsections[0] \"d/s\"", "more than",
                 "{'devices':[{'name':'d','instance_id':0,'vmsd_name':'d','version':1,'fields':["
                 "{'name':'x','type':'buffer','size':4294967290}],'subsections':["
                 "{'vmsd_name':'d/s','version':1,'fields':[]}]}]}");
    expect_error(fixture, "devices[0] \"dev\" / x / index", "2147483648",
                 DEVICE("{'name':'x','index':2147483648,'type':'buffer','size':1}"));
}

/* A few bytes of JSON must not make a reader walk over billions of elements. */
static void test_arrays_of_nothing(void **state)
{
    struct fixture *fixture = *state;
    expect_error(fixture, "devices[0] \"dev\" / x", "1000000 elements of no bytes",
                 ARRAY("1000000", "0"));
    expect_error(fixture, "devices[0] \"dev\" / e", "4000000000 elements of no bytes",
                 DEVICE("{'name':'e','array_len':4000000000,'type':'struct','struct':{"
                        "'vmsd_name':'e','version':1,'fields':[]},'size':0}"));
    /* QEMU writes such arrays: the drives of SWIM, in the machine q800. */
    must_add(fixture, DEVICE("{'name':'e','array_len':256,'type':'struct','struct':{"
                             "'vmsd_name':'e','version':1,'fields':[]},'size':0}"));
    expect_error(fixture, "devices[0] \"dev\" / e", "257 elements of no bytes",
                 DEVICE("{'name':'e','array_len':257,'type':'struct','struct':{"
                        "'vmsd_name':'e','version':1,'fields':[]},'size':0}"));
    /* The subsection that this stream sent another one need not have. */
    expect_error(fixture, "devices[0] \"dev\" / e", "1000 elements of no bytes",
                 DEVICE("{'name':'e','array_len':1000,'type':'struct','struct':{'vmsd_name':'e',"
                        "'version':1,'fields':[],'subsections':[{'vmsd_name':'e/s','version':1,"
                        "'fields':[" UINT32("x") "]}]},'size':13}"));
    must_add(fixture, DEVICE("{'name':'e','array_len':1000,'type':'struct','struct':{"
                             "'vmsd_name':'e','version':1,'fields':[{'name':'l','type':'qlist',"
                             "'size':1}]},'size':1}"));
}

static void test_not_json(void **state)
{
    struct fixture *fixture = *state;
    expect_error(fixture, "", "not JSON: ", "{'devices':[}");
    assert_int_equal(fixture->error.offset, 13);
    expect_error(fixture, "", "not JSON: ", "%s", "");
    expect_error(fixture, "", "not JSON: ", "{'devices':[]} x");
    expect_error(fixture, "", "not JSON: ", "{'devices':[{'name':'d\\u0000e','instance_id':0}]}");
    expect_error(fixture, "", "not JSON: ", "%s", "{'devices':[\x01]}");
    char *deep = malloc(100001);
    memset(deep, '[', 100000);
    deep[100000] = '\0';
    expect_error(fixture, "", "not JSON: ", "%s", deep);
    free(deep);
    assert_false(vmwire_schema_add_description(fixture->schema, bytes_of("{"), &fixture->error));
    check_error(fixture, VMWIRE_ERROR_SCHEMA, "", "not JSON: ");
    assert_false(vmwire_schema_add_dump(fixture->schema, bytes_of("{"), &fixture->error));
    check_error(fixture, VMWIRE_ERROR_SCHEMA, "", "not JSON: ");
}

static void test_long_names(void **state)
{
    struct fixture *fixture = *state;
    char name[258];
    memset(name, 'n', sizeof(name));
    name[255] = '\0';
    must_add(fixture,
             "{'devices':[{'name':'%s','instance_id':0,'vmsd_name':'d','version':1,"
             "'fields':[]}]}",
             name);
    name[255] = 'n';
    name[256] = '\0';
    expect_error(fixture, "devices[0] / name", "a name of 256 bytes",
                 "{'devices':[{'name':'%s','instance_id':0,'vmsd_name':'d','version':1,"
                 "'fields':[]}]}",
                 name);
}

/* A device in which structures are nested `depth` deep. */
static char *nested(unsigned depth, const char *name)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    fputs("{'devices':[{'name':'d','instance_id':0,'vmsd_name':'d','version':1,'fields':[", file);
    for (unsigned i = 1; i < depth; i++)
        fprintf(file,
                "{'name':'%s','type':'struct','size':0,'struct':{'vmsd_name':'s','version':1,"
                "'fields':[",
                name);
    for (unsigned i = 1; i < depth; i++)
        fputs("]}}", file);
    fputs("]}]}", file);
    fclose(file);
    return text;
}

static void test_nesting(void **state)
{
    struct fixture *fixture = *state;
    char *text = nested(VMWIRE_SCHEMA_NESTING_LIMIT, "f");
    must_add(fixture, "%s", text);
    free(text);
    text = nested(VMWIRE_SCHEMA_NESTING_LIMIT + 1, "f");
    assert_false(add(fixture, "%s", text));
    assert_int_equal(fixture->error.kind, VMWIRE_ERROR_LIMIT);
    assert_non_null(strstr(fixture->error.message, "deeper than 64"));
    assert_memory_equal(fixture->error.path, "devices[0] \"d\" / f / struct / f / ", 33);
    free(text);

    /* A path that is too long for the error says so. */
    text = nested(VMWIRE_SCHEMA_NESTING_LIMIT + 1, "a.rather.long.field.name");
    assert_false(add(fixture, "%s", text));
    size_t length = strlen(fixture->error.path);
    assert_int_equal(length, sizeof(fixture->error.path) - 1);
    assert_string_equal(fixture->error.path + length - 3, "...");
    free(text);
}

static void test_length_limit(void **state)
{
    struct fixture *fixture = *state;
    struct vmwire_bytes long_text = {.data = (const uint8_t *)"{}",
                                     .length = VMWIRE_SCHEMA_JSON_LIMIT + 1};
    assert_false(vmwire_schema_add_description(fixture->schema, long_text, &fixture->error));
    check_error(fixture, VMWIRE_ERROR_LIMIT, "", "67108865 bytes of JSON");
}

/* A description with `senders` devices of one structure, each with its own `each` subsections. */
static char *many_subsections(unsigned senders, unsigned each)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    fputs("{'devices':[", file);
    for (unsigned i = 0; i < senders; i++) {
        fprintf(file,
                "%s{'name':'d','instance_id':%u,'vmsd_name':'d','version':1,'fields':[],"
                "'subsections':[",
                i == 0 ? "" : ",", i);
        for (unsigned j = 0; j < each; j++)
            fprintf(file, "%s{'vmsd_name':'d/%u','version':1,'fields':[]}", j == 0 ? "" : ",", j);
        fputs("]}", file);
    }
    fputs("]}", file);
    fclose(file);
    return text;
}

static void test_subsection_limits(void **state)
{
    struct fixture *fixture = *state;
    char *text = many_subsections(1, 257);
    assert_false(add(fixture, "%s", text));
    free(text);
    check_error(fixture, VMWIRE_ERROR_LIMIT, "devices[0] \"d\" / subsections", "257 subsections");
    text = many_subsections(1, 256);
    must_add(fixture, "%s", text);
    free(text);
    text = many_subsections(20000, 1);
    assert_false(add(fixture, "%s", text));
    free(text);
    check_error(fixture, VMWIRE_ERROR_LIMIT, "", "subsections in all structures together");
    assert_false(add(fixture, "{'devices':[{'name':'e','instance_id':0,'vmsd_name':'d','version':1,"
                              "'fields':[],'subsections':[{'vmsd_name':'d/new','version':1,"
                              "'fields':[]}]}]}"));
    check_error(fixture, VMWIRE_ERROR_LIMIT, "", "more than 256 different subsections of \"d\"");
    const struct vmwire_structure *structure = device_structure(fixture, "d");
    assert_int_equal(structure->subsection_count, 256);
    assert_int_equal(fixture->schema->device_count, 1);
}

/* A device with `count` copies of a piece of JSON between two others. Not inlined: gcc 12 takes the
 * memory of open_memstream() for the variable `text`, and warns. */
static __attribute__((noinline)) char *repeated(const char *before, unsigned count,
                                                const char *piece, const char *after)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    fprintf(file, "{'devices':[{'name':'dev','instance_id':0,'vmsd_name':'dev','version':1,%s",
            before);
    for (unsigned i = 0; i < count; i++)
        fprintf(file, "%s%s", i == 0 ? "" : ",", piece);
    fprintf(file, "%s}]}", after);
    fclose(file);
    return text;
}

static bool add_repeated(struct fixture *fixture, const char *before, unsigned count,
                         const char *piece, const char *after)
{
    char *text = repeated(before, count, piece, after);
    bool added = add(fixture, "%s", text);
    free(text);
    return added;
}

/* One subsection sent over and over would make every look for another one long. */
static void test_subsection_sent_many_times(void **state)
{
    struct fixture *fixture = *state;
    static const char before[] = "'fields':[],'subsections':[", one[] = EMPTY_SUBSECTION("dev/s");
    assert_false(add_repeated(fixture, before, 257, one, "]"));
    check_error(fixture, VMWIRE_ERROR_LIMIT, "devices[0] \"dev\" / subsections", "257 subsections");
    static const char inner[] = "'fields':[{'name':'in','type':'struct','struct':{'vmsd_name':'in',"
                                "'version':1,'fields':[],'subsections':[";
    assert_false(add_repeated(fixture, inner, 300, one, "]},'size':0}]"));
    check_error(fixture, VMWIRE_ERROR_LIMIT, "devices[0] \"dev\" / in / struct / subsections",
                "300");
    assert_true(add_repeated(fixture, before, 256, one, "]"));
    assert_int_equal(device_structure(fixture, "dev")->subsection_count, 256);
}

/* Fields of no bytes cost no stream: their number is bounded by the bytes that are there. */
static void test_empty_fields(void **state)
{
    struct fixture *fixture = *state;
    static const char fields[] = "'fields':[", empty[] = BUFFER("n", "0");
    assert_false(add_repeated(fixture, fields, 257, empty, "]"));
    check_error(fixture, VMWIRE_ERROR_LIMIT, "devices[0] \"dev\"", "257 fields of no bytes");
    assert_true(add_repeated(fixture, fields, 256, empty, "]"));
    assert_false(add_repeated(fixture, fields, 261, empty, "," UINT32("x") "]"));
    check_error(fixture, VMWIRE_ERROR_LIMIT, "devices[0] \"dev\"", "261 fields of no bytes");
    assert_true(add_repeated(fixture, fields, 260, empty, "," UINT32("x") "]"));

    /* Records without fields, and fields of theirs: each pair is two. */
    static const char pair[] = "{'name':'e','type':'struct','size':0,'struct':{'vmsd_name':'e',"
                               "'version':1,'fields':[" BUFFER("n", "0") "]}}";
    assert_false(add_repeated(fixture, fields, 129, pair, "]"));
    check_error(fixture, VMWIRE_ERROR_LIMIT, "devices[0] \"dev\"", "258 fields of no bytes");
    assert_true(add_repeated(fixture, fields, 128, pair, "]"));

    /* What only some streams have is no reason to allow more. */
    static const char sends[] =
        "],'subsections':[{'vmsd_name':'dev/s','version':1,'fields':[" UINT32("x") "]}]";
    assert_false(add_repeated(fixture, fields, 257, empty, sends));

    /* All elements count: here 1000 of one byte and two fields of none. */
    static const char elements[] =
        "'fields':[{'name':'e','array_len':1000,'type':'struct','size':1,'struct':{'vmsd_name':'e',"
        "'version':1,'fields':[" BUFFER("b", "1") ",";
    assert_false(add_repeated(fixture, elements, 2, empty, "]}}]"));
    check_error(fixture, VMWIRE_ERROR_LIMIT, "devices[0] \"dev\"", "2000 fields of no bytes");
    assert_true(add_repeated(fixture, elements, 1, empty, "]}}]"));

    /* Nobody reads what a dump has as it is there. */
    char *text = repeated(fields, 1000, "{'field':'x','size':0}", "]");
    const char *list = strchr(text, '[');
    list = strchr(list + 1, '[');
    must_add(
        fixture,
        "{'d':{'Description':{'name':'d','version_id':1,'minimum_version_id':1,'Fields':%.*s}}}",
        (int)(strlen(list) - strlen("}]}")), list);
    free(text);
}

/* The same limit, met by new subsections instead of new senders. */
static void test_merged_subsections_limit(void **state)
{
    struct fixture *fixture = *state;
    char *text = many_subsections(20000, 1);
    must_add(fixture, "%s", text);
    free(text);
    text = many_subsections(1, 256);
    assert_false(add(fixture, "%s", text));
    free(text);
    check_error(fixture, VMWIRE_ERROR_LIMIT, "", "subsections in all structures together");
    assert_int_equal(device_structure(fixture, "d")->sent_count, 1);
}

static void test_bad_dumps(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, "{'vmschkmachine':{'Name':'pc'}}");
    expect_error(fixture, "", "neither a description (no \"devices\") nor a dump", "{}");
    expect_error(fixture, "", "neither a description", "{'a':{},'b':{'Name':'b'}}");
    expect_error(fixture, "nic", "not an object", "{'nic':1}");
    expect_error(fixture, "nic / Description", "an array where an object",
                 "{'nic':{'Description':[]}}");
    expect_error(fixture, "nic / Description / version_id", "missing",
                 "{'nic':{'Description':{'name':'nic'}}}");
#define DUMPED(fields)                                                                             \
    "{'nic':{'Description':{'name':'nic','version_id':1,'minimum_version_id':1," fields "}}}"
    expect_error(fixture, "nic / Description / Fields", "where an array", DUMPED("'Fields':1"));
    expect_error(fixture, "nic / Description / Fields[0] / field", "missing",
                 DUMPED("'Fields':[{}]"));
    expect_error(fixture, "nic / Description / x / size", "-4 where",
                 DUMPED("'Fields':[{'field':'x','size':-4}]"));
    expect_error(fixture, "nic / Description / x / field_exists", "not a boolean",
                 DUMPED("'Fields':[{'field':'x','size':4,'field_exists':1}]"));
    expect_error(fixture, "nic / Description / x / version_id", "a string where",
                 DUMPED("'Fields':[{'field':'x','size':4,'version_id':'1'}]"));
    expect_error(fixture, "nic / Description / x / Description / name", "missing",
                 DUMPED("'Fields':[{'field':'x','size':4,'Description':{}}]"));
    expect_error(fixture, "nic / Description / Subsections[0] / name", "missing",
                 DUMPED("'Subsections':[{}]"));
}

/* Sizes in a dump are no sizes on the wire, so that nothing about them is an error. */
static void test_dumps_with_arrays_of_nothing(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, DUMPED("'Fields':[{'field':'x','size':0,'num':4},{'field':'y','size':8,"
                             "'num':4,'Description':{'name':'y','version_id':1,"
                             "'minimum_version_id':1}}]"));
    must_finish_schema(fixture->schema);
    expect_fields(structure_named(fixture->schema, "nic"),
                  {"x", VMWIRE_FIELD_FREE, 0, 1, -1, false},
                  {"y", VMWIRE_FIELD_RECORD, 0, 1, -1, false});
}

/* A source with an error adds nothing, and does no harm to those that come after it. */
static void test_nothing_of_a_bad_source(void **state)
{
    struct fixture *fixture = *state;
    expect_error(fixture, "devices[1] / name", "missing",
                 "{'page_size':4096,'devices':[{'name':'nic','instance_id':0,'vmsd_name':'nic',"
                 "'version':9,'fields':[]" NIC_TWO "},{}]}");
    must_add(fixture, SENDER("nic", NIC_ONE));
    const struct vmwire_structure *nic = device_structure(fixture, "nic");
    assert_int_equal(fixture->schema->page_size, 0);
    assert_int_equal(nic->version_id, 4);
    assert_int_equal(nic->subsection_count, 1);
    assert_null(structure_named(fixture->schema, "nic/two"));
}

/* ---- Finding the description ---- */

static struct vmwire_bytes text_bytes(const char *text, size_t length)
{
    return (struct vmwire_bytes){.data = (const uint8_t *)text, .length = length};
}

#define BYTES(literal) text_bytes(literal, sizeof(literal) - 1)

static void expect_found(struct vmwire_bytes stream, size_t offset)
{
    struct vmwire_bytes found = vmwire_description_find(stream);
    assert_int_equal(found.length, stream.length - offset);
    assert_ptr_equal(found.data, stream.data + offset);
}

static void test_description_find(void **state)
{
    (void)state;
    expect_found(BYTES("QEVM....\0\x06\0\0\0\x02{}"), 14);
    expect_found(BYTES("\x06\0\0\0\x02{}"), 5);
    expect_found(BYTES("..\x06\0\0\0\x06 \n\r\t{}"), 7);
    /* Decoys before it and around its header. */
    expect_found(BYTES("\x06\0\0\0\x0f\x06\x06\0\0\0\x06{\x06\0\0\0}"), 11);
    expect_found(BYTES("\x06\x06\x06\x06\0\0\0\x02{}"), 8);
}

static void test_description_not_found(void **state)
{
    (void)state;
    const struct vmwire_bytes streams[] = {
        BYTES(""),
        BYTES("\x06"),
        BYTES("\x06\0\0\0"),
        BYTES("\x06\0\0\0\0"),
        BYTES("QEVM......."),
        BYTES("\x06\0\0\0\x02[]"),  /* no object */
        BYTES("\x06\0\0\0\x02  "),  /* blanks alone */
        BYTES("\x06\0\0\0\x03{}"),  /* truncated */
        BYTES("\x06\0\0\0\x02{}x"), /* trailing bytes */
        BYTES("\x06\0\0\0\x02{} "), /* even blanks */
        BYTES("\x05\0\0\0\x02{}"),
    };
    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++)
        assert_int_equal(vmwire_description_find(streams[i]).length, 0);
    assert_int_equal(vmwire_description_find(text_bytes(NULL, 0)).length, 0);
}

/* A description of just the limit is found, a longer one is not. */
static void test_description_find_limit(void **state)
{
    (void)state;
    size_t length = 5 + VMWIRE_SCHEMA_JSON_LIMIT + 1;
    uint8_t *stream = malloc(length);
    memset(stream, ' ', length);
    static const uint8_t of_the_limit[] = {0x06, 0x04, 0, 0, 0, '{'};
    static const uint8_t longer[] = {0x06, 0x04, 0, 0, 1, '{'};
    memcpy(stream + 1, of_the_limit, sizeof(of_the_limit));
    expect_found((struct vmwire_bytes){stream, length}, 6);
    memcpy(stream, longer, sizeof(longer));
    assert_int_equal(vmwire_description_find((struct vmwire_bytes){stream, length}).length, 0);
    free(stream);
}

static void expect_no_use(struct vmwire_bytes stream, enum vmwire_error_kind kind, uint64_t offset,
                          const char *message)
{
    struct fixture fixture = {.schema = NULL};
    struct vmwire_bytes found;
    assert_false(vmwire_description_locate(stream, &found, &fixture.error));
    assert_int_equal(found.length, 0);
    check_error(&fixture, kind, "", message);
    assert_int_equal(fixture.error.offset, offset);
    assert_int_equal(vmwire_description_find(stream).length, 0);
}

#define BEGIN "QEVM\0\0\0\3"

static void test_description_of_no_use(void **state)
{
    (void)state;
    expect_no_use(BYTES(BEGIN "\0\6\0\0\0\x20{\"page_size\":4096"), VMWIRE_ERROR_TRUNCATED, 9,
                  "a description of 32 bytes, but only 17 are left");
    expect_no_use(BYTES(BEGIN "\0\6\0\0\0\x20 {\n \"configuration\": {"), VMWIRE_ERROR_TRUNCATED, 9,
                  "a description of 32 bytes, but only 22 are left");
    expect_no_use(BYTES(BEGIN "\0\6\0\0\0\x20{"), VMWIRE_ERROR_TRUNCATED, 9, "but only 1 are left");
    expect_no_use(BYTES(BEGIN "\0\6\0\0\0\x20{ \"dev"), VMWIRE_ERROR_TRUNCATED, 9, "but only 6");
    expect_no_use(BYTES("\0\6\xff\xff\xff\xff{\"devices\":"), VMWIRE_ERROR_TRUNCATED, 1,
                  "4294967295");
    expect_no_use(BYTES(BEGIN "\0\6\0\0\0\x0e{\"devices\":[]}x"), VMWIRE_ERROR_UNREAD, 28,
                  "1 bytes follow the description");
    expect_no_use(BYTES(BEGIN "\0\6\0\0\0\x0e{\"devices\":[]}\0\6\0\0"), VMWIRE_ERROR_UNREAD, 28,
                  "4 bytes follow the description");
    expect_no_use(BYTES(BEGIN "\0\6\0\0\0\2{\"devices\":[]}"), VMWIRE_ERROR_UNREAD, 16,
                  "12 bytes follow");
    expect_no_use(BYTES(BEGIN "\0\6\0\0\0\x08nonsense"), VMWIRE_ERROR_SCHEMA, 14, "not JSON");
    expect_no_use(BYTES(BEGIN "\0\6\0\0\0\1 "), VMWIRE_ERROR_SCHEMA, 14, "not JSON");
    /* What begins as one counts for more than what merely has the right length; the last one wins. */
    expect_no_use(BYTES("\0\6\0\0\0\x40{\"devices\":\0\6\0\0\0\2[]"), VMWIRE_ERROR_TRUNCATED, 1,
                  "but only 19 are left");
    expect_no_use(BYTES("\0\6\0\0\0\1{\"devices\"\0\6\0\0\0\x40{\"devices\""),
                  VMWIRE_ERROR_TRUNCATED, 17, "but only 10 are left");
}

static void test_description_located(void **state)
{
    (void)state;
    struct vmwire_error error;
    struct vmwire_bytes found;
    const struct vmwire_bytes none[] = {
        BYTES(""),
        BYTES("\6"),
        BYTES("\0\6\0\0\0\0"),
        BYTES(BEGIN "\0"),
        BYTES(BEGIN "\0\6\0\0\0"),
        BYTES(BEGIN "\0\6\0\0\0\x20"),                /* not a byte of it */
        BYTES(BEGIN "\0\6\0\0\0\x20[\"page_size\""),  /* no object */
        BYTES(BEGIN "\0\6\0\0\0\x20{\"pagesize\":1"), /* not as QEMU begins it */
        BYTES(BEGIN "\0\6\0\0\0\x20{page_size"),
        BYTES(BEGIN "\1\6\0\0\0\x20{\"page_size\":"), /* not behind an end */
        BYTES("\6\0\0\0\x20{\"page_size\":"),
        BYTES("\1\6\0\0\0\2[]"),
    };
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        found.length = 1;
        assert_true(vmwire_description_locate(none[i], &found, &error));
        assert_int_equal(found.length, 0);
    }
    /* One that is right is found, whatever else there is, and whether or not it looks like QEMU's. */
    struct vmwire_bytes stream = BYTES("\0\6\0\0\0\x40{\"devices\":\6\0\0\0\2{}");
    assert_true(vmwire_description_locate(stream, &found, &error));
    assert_int_equal(found.length, 2);
    assert_ptr_equal(found.data, stream.data + stream.length - 2);
}

static void test_description_over_the_limit(void **state)
{
    (void)state;
    size_t length = 10 + VMWIRE_SCHEMA_JSON_LIMIT + 1;
    uint8_t *stream = calloc(length, 1);
    static const uint8_t longer[] = "\0\x06\4\0\0\1{\"page_size\":4096";
    memcpy(stream + 4, longer, sizeof(longer) - 1);
    expect_no_use((struct vmwire_bytes){stream, length}, VMWIRE_ERROR_LIMIT, 5,
                  "67108865 bytes; a schema");
    /* Another byte behind it does not hide it. */
    stream[9] = 0;
    expect_no_use((struct vmwire_bytes){stream, length}, VMWIRE_ERROR_UNREAD,
                  10 + VMWIRE_SCHEMA_JSON_LIMIT, "1 bytes follow");
    free(stream);
}

static void test_adding_streams(void **state)
{
    struct fixture *fixture = *state;
    static const char json[] = "{\"page_size\":4096,\"devices\":[]}";
    char stream[100] = "QEVM\0\0\0\3\0\6\0\0";
    stream[13] = sizeof(json) - 1;
    memcpy(stream + 14, json, sizeof(json));
    struct vmwire_bytes whole = text_bytes(stream, 14 + sizeof(json) - 1);
    assert_true(vmwire_schema_add(fixture->schema, whole, &fixture->error));
    assert_int_equal(fixture->schema->page_size, 4096);

    whole.length--;
    assert_false(vmwire_schema_add(fixture->schema, whole, &fixture->error));
    check_error(fixture, VMWIRE_ERROR_TRUNCATED, "",
                "a description of 31 bytes, but only 30 are left");
    assert_int_equal(fixture->error.offset, 9);
    whole.length = 9;
    assert_false(vmwire_schema_add(fixture->schema, whole, &fixture->error));
    check_error(fixture, VMWIRE_ERROR_NO_LAYOUT, "", "no description");
    assert_false(vmwire_schema_add(fixture->schema, BYTES("QEV"), &fixture->error));
    check_error(fixture, VMWIRE_ERROR_SCHEMA, "", "not JSON");
}

/* ---- Reading arrays of pointers that were not described ---- */

/* One full section. */
struct section {
    uint8_t id; /* the lowest byte of the section id */
    const char *idstr;
    struct vmwire_bytes record;
};

static void put_section(FILE *stream, const struct section *section, bool footers)
{
    const char id[4] = {0, 0, 0, (char)section->id};
    fputc(VMWIRE_QEMU_VM_SECTION_FULL, stream);
    fwrite(id, sizeof(id), 1, stream);
    fputc((int)strlen(section->idstr), stream);
    fputs(section->idstr, stream);
    fwrite("\0\0\0\0\0\0\0\1", 8, 1, stream); /* instance 0, version 1 */
    fwrite(section->record.data, section->record.length, 1, stream);
    if (footers) {
        fputc(VMWIRE_QEMU_VM_SECTION_FOOTER, stream);
        fwrite(id, sizeof(id), 1, stream);
    }
}

/* A stream as an option spells it. Exactly as long as it is, so that ASan sees a read beyond it. */
static struct vmwire_bytes stream_of(const struct vmwire_option *option,
                                     const struct section *sections, size_t count, bool footers)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    const char version[4] = {0, 0, 0, (char)option->stream_version};
    fputs("QEVM", stream);
    fwrite(version, sizeof(version), 1, stream);
    for (size_t i = 0; i < count; i++)
        put_section(stream, &sections[i], footers);
    fputc(VMWIRE_QEMU_VM_EOF, stream);
    fclose(stream);
    uint8_t *exact = malloc(size);
    memcpy(exact, text, size);
    free(text);
    return (struct vmwire_bytes){exact, size};
}

static void expect_bytes(struct vmwire_bytes found, struct vmwire_bytes expected)
{
    assert_int_equal(found.length, expected.length);
    assert_memory_equal(found.data, expected.data, expected.length);
}

/* What was read is written as it was. */
static void check_written(const struct vmwire_stream *stream, const struct vmwire_option *option,
                          struct vmwire_bytes input, bool footers)
{
    struct vmwire_writing writing = {.option = option, .footers = footers};
    struct vmwire_writer *writer = must_create_writer(&writing);
    struct vmwire_error error;
    for (size_t i = 0; i < stream->item_count; i++)
        assert_true(vmwire_writer_item(writer, stream->items[i], &error));
    expect_bytes(vmwire_writer_output(writer), input);
    vmwire_writer_destroy(writer);
}

/* A record's plain values, in their order. */
struct expected_value {
    const char *name;
    struct vmwire_bytes data;
};

static void check_values(const struct vmwire_record *record, const struct expected_value *expected,
                         size_t count)
{
    const struct vmwire_value *value = record->values;
    for (size_t i = 0; i < count; i++, value = value->next) {
        assert_non_null(value);
        assert_string_equal(value->field->name, expected[i].name);
        expect_bytes(value->data, expected[i].data);
    }
    assert_null(value);
}

/* What one option made of some sections. The caller ends it with end_attempt(). */
struct attempt {
    struct vmwire_arena *arena;
    struct vmwire_bytes input;
    struct vmwire_cost cost;
    const struct vmwire_stream *stream;
};

static struct attempt attempt_at(struct fixture *fixture, const struct vmwire_option *option,
                                 bool footers, const struct section *sections, size_t count)
{
    struct attempt attempt = {.arena = vmwire_arena_create(),
                              .input = stream_of(option, sections, count, footers)};
    attempt.stream = vmwire_stream_read_whole(option, attempt.input, fixture->schema, attempt.arena,
                                              &attempt.cost, &fixture->error);
    if (attempt.stream == NULL)
        explain(fixture);
    assert_non_null(attempt.stream);
    assert_int_equal(attempt.stream->item_count, count + 1); /* and the end */
    assert_int_equal(attempt.stream->items[0]->footer, footers);
    assert_int_equal(attempt.cost.sections, count);
    assert_int_equal(vmwire_cost_bytes_read(&attempt.cost), attempt.input.length);
    check_written(attempt.stream, option, attempt.input, footers);
    return attempt;
}

static void end_attempt(struct attempt *attempt)
{
    vmwire_arena_destroy(attempt->arena);
    free((void *)(uintptr_t)attempt->input.data);
}

/* Whether an option reads sections without a description, whose records are their fields and subsections alone. */
static bool reads_bare_sections(const struct vmwire_option *option)
{
    return option->encoding == VMWIRE_ENCODING_QEMU && !option->framed &&
           option->look != VMWIRE_LOOK_DESCRIBED;
}

/* All options that read bare sections read these; the first one has these values. */
static void check_read(struct fixture *fixture, bool footers, const struct section *sections,
                       size_t section_count, const struct expected_value *expected, size_t count)
{
    for (size_t i = 0; i < vmwire_option_count; i++) {
        if (!reads_bare_sections(&vmwire_options[i]))
            continue;
        struct attempt read =
            attempt_at(fixture, &vmwire_options[i], footers, sections, section_count);
        check_values(read.stream->items[0]->record, expected, count);
        end_attempt(&read);
    }
}

#define expect_read(fixture, footers, sections, ...)                                               \
    do {                                                                                           \
        const struct expected_value expected_values[] = {__VA_ARGS__};                             \
        check_read(fixture, footers, sections, sizeof(sections) / sizeof(sections[0]),             \
                   expected_values, sizeof(expected_values) / sizeof(expected_values[0]));         \
    } while (0)

/* This option refuses these sections; returns the error's offset, counted from the array, which
 * stands behind "[[". */
static uint64_t refused_at(struct fixture *fixture, const struct vmwire_option *option,
                           bool footers, const struct section *sections, size_t count)
{
    struct vmwire_bytes input = stream_of(option, sections, count, footers);
    struct vmwire_reading reading = {.option = option, .input = input, .schema = fixture->schema};
    struct vmwire_cost cost;
    assert_false(vmwire_stream_read(&reading, &cost, &fixture->error));
    char section[64];
    snprintf(section, sizeof(section), "\"%s\" instance 0", sections[count - 1].idstr);
    assert_string_equal(fixture->error.section, section);
    const uint8_t *begin = memmem(input.data, input.length, "[[", 2);
    assert_non_null(begin);
    uint64_t offset = fixture->error.offset - (uint64_t)(begin + 2 - input.data);
    free((void *)(uintptr_t)input.data);
    return offset;
}

/* It refuses them because it cannot know how long the array at this path is. */
static void check_refused(struct fixture *fixture, const struct vmwire_option *option, bool footers,
                          const struct section *sections, size_t count, const char *path)
{
    assert_int_equal(refused_at(fixture, option, footers, sections, count), 0);
    check_error(fixture, VMWIRE_ERROR_NO_LAYOUT, path, "pointers is not null");
}

#define expect_refused(fixture, footers, sections, path)                                           \
    do {                                                                                           \
        for (size_t option = 0; option < vmwire_option_count; option++)                            \
            if (reads_bare_sections(&vmwire_options[option]))                                      \
                check_refused(fixture, &vmwire_options[option], footers, sections,                 \
                              sizeof(sections) / sizeof(sections[0]), path);                       \
    } while (0)

#define POINTERS(name, count)                                                                      \
    "{'name':'" name "','array_len':" count ",'type':'struct','struct':{},'size':1}"
#define BRACKETS BUFFER("begin", "2")
#define OTHER_DEVICE                                                                               \
    "{'name':'other','instance_id':0,'vmsd_name':'other','version':1,'fields':[" BUFFER("o",       \
                                                                                        "7") "]}"

/* Two devices; "dev" has these fields behind two bytes, which are always "[[". */
static void add_pointers(struct fixture *fixture, const char *fields)
{
    must_add(fixture,
             "{'devices':[{'name':'dev','instance_id':0,'vmsd_name':'dev','version':1,"
             "'fields':[" BRACKETS ",%s]}," OTHER_DEVICE "]}",
             fields);
    must_finish_schema(fixture->schema);
}

static void test_reading_null_pointers(void **state)
{
    struct fixture *fixture = *state;
    add_pointers(fixture, POINTERS("css", "4") "," UINT32("x"));
    const struct section sections[] = {{29, "dev", BYTES("[[0000\1\2\3\4")},
                                       {30, "other", BYTES("1234567")}};
    for (int footers = 0; footers < 2; footers++)
        expect_read(fixture, footers, sections, {"begin", BYTES("[[")}, {"css", BYTES("0000")},
                    {"x", BYTES("\1\2\3\4")});
}

/* No more than are there are null pointers, and no fewer. */
static void test_reading_null_pointers_among_their_like(void **state)
{
    struct fixture *fixture = *state;
    add_pointers(fixture, POINTERS("css", "4") "," UINT32("x"));
    const struct section sections[] = {{29, "dev", BYTES("[[00000000")}};
    for (int footers = 0; footers < 2; footers++)
        expect_read(fixture, footers, sections, {"begin", BYTES("[[")}, {"css", BYTES("0000")},
                    {"x", BYTES("0000")});
}

/* The footer tells how long the array is; footers of other sections do not. */
static void test_reading_pointers(void **state)
{
    struct fixture *fixture = *state;
    add_pointers(fixture, POINTERS("css", "4") "," UINT32("x") "," BUFFER("y", "2"));
#define ELEMENT_BYTES "abc\x7e\0\0\0\x1e.\x7e\x7e\0\0\0"
    const struct section sections[] = {
        {29, "dev", BYTES("[[00" ELEMENT_BYTES "0\1\2\3\4yz")},
        {30, "other", BYTES("1234567")},
    };
    expect_read(fixture, true, sections, {"begin", BYTES("[[")},
                {"css", BYTES("00" ELEMENT_BYTES "0")}, {"x", BYTES("\1\2\3\4")},
                {"y", BYTES("yz")});
    /* Even the first one, which the description has as null. */
    const struct section first[] = {{29, "dev", BYTES("[[abcde\1\2\3\4yz")}};
    expect_read(fixture, true, first, {"begin", BYTES("[[")}, {"css", BYTES("abcde")},
                {"x", BYTES("\1\2\3\4")}, {"y", BYTES("yz")});
}

static void test_reading_pointers_at_the_end(void **state)
{
    struct fixture *fixture = *state;
    add_pointers(fixture, POINTERS("css", "4"));
    const struct section sections[] = {
        {0, "dev", BYTES("[[00abc0")},
        {30, "other", BYTES("\x7e\0\0\0\0..")},
    };
    expect_read(fixture, true, sections, {"begin", BYTES("[[")}, {"css", BYTES("00abc0")});
    const struct section null[] = {{0, "dev", BYTES("[[0000")}};
    for (int footers = 0; footers < 2; footers++)
        expect_read(fixture, footers, null, {"begin", BYTES("[[")}, {"css", BYTES("0000")});
}

/* The fields of the record are no footer, whatever they look like. */
static void test_reading_pointers_before_a_decoy(void **state)
{
    struct fixture *fixture = *state;
    add_pointers(fixture, POINTERS("css", "4") "," BUFFER("y", "5"));
    const struct section sections[] = {{29, "dev", BYTES("[[00abc0\x7e\0\0\0\x1d")}};
    expect_read(fixture, true, sections, {"begin", BYTES("[[")}, {"css", BYTES("00abc0")},
                {"y", BYTES("\x7e\0\0\0\x1d")});
}

/* As many bytes as there are pointers, though one of them is not null. */
static void test_reading_pointers_to_one_byte(void **state)
{
    struct fixture *fixture = *state;
    add_pointers(fixture, POINTERS("css", "4") "," UINT32("x"));
    const struct section sections[] = {{29, "dev", BYTES("[[00a0\1\2\3\4")}};
    expect_read(fixture, true, sections, {"begin", BYTES("[[")}, {"css", BYTES("00a0")},
                {"x", BYTES("\1\2\3\4")});
}

/* Without a footer nothing tells where the array ends. */
static void test_reading_pointers_without_footers(void **state)
{
    struct fixture *fixture = *state;
    add_pointers(fixture, POINTERS("css", "4") "," UINT32("x"));
    const struct section alone[] = {{29, "dev", BYTES("[[00abc0\1\2\3\4")}};
    expect_refused(fixture, false, alone, "css");
    const struct section cut[] = {{29, "dev", BYTES("[[00a")}};
    expect_refused(fixture, false, cut, "css");
}

/* Nor do bytes that look like one, once it is known that the stream has none. */
static void test_reading_pointers_without_footers_but_a_decoy(void **state)
{
    struct fixture *fixture = *state;
    add_pointers(fixture, POINTERS("css", "4") "," UINT32("x"));
    const struct section sections[] = {{30, "other", BYTES("1234567")},
                                       {29, "dev", BYTES("[[00abc0\1\2\3\4\x7e\0\0\0\x1d")}};
    expect_refused(fixture, false, sections, "css");
}

/* The bytes behind the array are not known where there is a list, or another such array. */
static void test_reading_pointers_before_a_list(void **state)
{
    struct fixture *fixture = *state;
    add_pointers(fixture, POINTERS("css", "4") ",{'name':'l','type':'qtailq','size':1}");
    const struct section null[] = {{29, "dev", BYTES("[[0000\0")}};
    expect_read(fixture, true, null, {"begin", BYTES("[[")}, {"css", BYTES("0000")},
                {"l", BYTES("\0")});
    const struct section sections[] = {{29, "dev", BYTES("[[00abc0\0")}};
    expect_refused(fixture, true, sections, "css");
}

static void test_reading_timers(void **state)
{
    struct fixture *fixture = *state;
    add_pointers(fixture, POINTERS("p", "3") ",{'name':'tm','array_len':2,'type':'timer',"
                                             "'size':1}," BUFFER("y", "1"));
    const struct section null[] = {{29, "dev", BYTES("[[00000y")}};
    for (int footers = 0; footers < 2; footers++)
        expect_read(fixture, footers, null, {"begin", BYTES("[[")}, {"p", BYTES("000")},
                    {"tm", BYTES("00")}, {"y", BYTES("y")});
    const struct section second[] = {{29, "dev", BYTES("[[0000\1\2\3\4\5\6\7\x08y")}};
    expect_read(fixture, true, second, {"begin", BYTES("[[")}, {"p", BYTES("000")},
                {"tm", BYTES("0\1\2\3\4\5\6\7\x08")}, {"y", BYTES("y")});
    const struct section first[] = {{29, "dev", BYTES("[[0ab00y")}};
    expect_refused(fixture, true, first, "p");
}

/* In a record within the section's own, the footer tells nothing. */
static void test_reading_pointers_in_a_structure(void **state)
{
    struct fixture *fixture = *state;
    add_pointers(fixture, "{'name':'in','type':'struct','size':4,'struct':{'vmsd_name':'in',"
                          "'version':1,'fields':[" POINTERS("css", "4") "]}}");
    const struct section sections[] = {{29, "dev", BYTES("[[00abc0")}};
    expect_refused(fixture, true, sections, "in.css");
    const struct vmwire_option *option = vmwire_option_find("heuristic");
    const struct section null[] = {{29, "dev", BYTES("[[0000")}};
    struct attempt read = attempt_at(fixture, option, true, null, 1);
    const struct vmwire_record *in = read.stream->items[0]->record->values->next->record;
    check_values(in, &(struct expected_value){"css", BYTES("0000")}, 1);
    end_attempt(&read);
}

/* A subsection at the record's tail stands before the footer as well: it is neither the array's nor
 * that of the fields behind it. */
static void test_reading_pointers_before_a_subsection(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, "{'devices':[{'name':'dev','instance_id':0,'vmsd_name':'dev','version':1,"
                      "'fields':[" BRACKETS "," POINTERS("css", "4") "," UINT32(
                          "x") "],"
                               "'subsections':[{'vmsd_name':'dev/s','version':1,'fields':[" UINT32(
                                   "y") "]}]}]}");
    must_finish_schema(fixture->schema);
#define SENT_SUBSECTION "\5\5dev/s\0\0\0\1\5\6\7\x08"
    const struct section null[] = {{29, "dev", BYTES("[[0000\1\2\3\4" SENT_SUBSECTION)}};
    const struct section closed[] = {{29, "dev", BYTES("[[0000\1\2\3\4" SENT_SUBSECTION "\0")}};
    const struct section sections[] = {{29, "dev", BYTES("[[00abc0\1\2\3\4" SENT_SUBSECTION)}};
    for (size_t i = 0; i < vmwire_option_count; i++) {
        const struct vmwire_option *option = &vmwire_options[i];
        if (option->subsections != VMWIRE_SUBSECTION_INLINE || !reads_bare_sections(option))
            continue;
        check_refused(fixture, option, true, sections, 1, "css");
        const struct section *written = option->sentinel ? closed : null;
        struct attempt read = attempt_at(fixture, option, true, written, 1);
        const struct vmwire_record *record = read.stream->items[0]->record;
        const struct expected_value expected[] = {
            {"begin", BYTES("[[")}, {"css", BYTES("0000")}, {"x", BYTES("\1\2\3\4")}};
        check_values(record, expected, 3);
        assert_string_equal(record->subsections->subsection->name, "dev/s");
        end_attempt(&read);
    }
}

/* Where an option sends no subsection at the tail, there is none to be mistaken. */
static void test_reading_pointers_with_subsections_elsewhere(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture,
             "{'devices':[{'name':'dev','instance_id':0,'vmsd_name':'dev','version':1,"
             "'fields':[" POINTERS("css", "4") "],'subsections':["
                                               "{'vmsd_name':'dev/s','version':1,'fields':[]}]}]}");
    must_finish_schema(fixture->schema);
    const struct section sections[] = {{29, "dev", BYTES("00abc0")}};
    for (size_t i = 0; i < vmwire_option_count; i++) {
        const struct vmwire_option *option = &vmwire_options[i];
        if (option->subsections == VMWIRE_SUBSECTION_INLINE)
            continue;
        struct attempt read = attempt_at(fixture, option, true, sections, 1);
        check_values(read.stream->items[0]->record,
                     &(struct expected_value){"css", BYTES("00abc0")}, 1);
        end_attempt(&read);
    }
}

/* Where the record says how long its fields are, that tells the length of the array. */
static void test_reading_framed_pointers(void **state)
{
    struct fixture *fixture = *state;
    add_pointers(fixture, POINTERS("css", "4") "," UINT32("x"));
    const struct vmwire_option *framed = vmwire_option_find("framed");
    const struct section sections[] = {{29, "dev", BYTES("\0\0\0\x0c[[00abc0\1\2\3\4\0")}};
    struct attempt read = attempt_at(fixture, framed, true, sections, 1);
    const struct expected_value expected[] = {
        {"begin", BYTES("[[")}, {"css", BYTES("00abc0")}, {"x", BYTES("\1\2\3\4")}};
    check_values(read.stream->items[0]->record, expected, 3);
    end_attempt(&read);
    const struct section shorter[] = {{29, "dev", BYTES("\0\0\0\x09[[0ab\1\2\3\4\0")}};
    assert_int_equal(refused_at(fixture, framed, true, shorter, 1), 0);
    check_error(fixture, VMWIRE_ERROR_NO_LAYOUT, "css", "one of 4 pointers is not null");
}

/* From QEMU 10.0 on null pointers are said to be null: anything else is an error where it stands.
 */
static void test_reading_described_null_pointers(void **state)
{
    struct fixture *fixture = *state;
    add_pointers(fixture, "{'name':'css','array_len':4,'type':'nullptr','size':1}," UINT32("x"));
    const struct section null[] = {{29, "dev", BYTES("[[0000\1\2\3\4")}};
    expect_read(fixture, true, null, {"begin", BYTES("[[")}, {"css", BYTES("0000")},
                {"x", BYTES("\1\2\3\4")});
    const struct section sections[] = {{29, "dev", BYTES("[[00abc0\1\2\3\4")}};
    for (size_t i = 0; i < vmwire_option_count; i++) {
        if (!reads_bare_sections(&vmwire_options[i]))
            continue;
        assert_int_equal(refused_at(fixture, &vmwire_options[i], true, sections, 1), 2);
        check_error(fixture, VMWIRE_ERROR_ITEM, "css", "null pointer's marker (30), found 61");
    }
}

static void test_reading_too_few_pointers(void **state)
{
    struct fixture *fixture = *state;
    add_pointers(fixture, POINTERS("css", "9"));
    const struct vmwire_option *option = vmwire_option_find("heuristic");
    struct section section = {29, "dev", BYTES("[[000000")};
    struct vmwire_bytes input = stream_of(option, &section, 1, false);
    input.length--; /* the end of the stream */
    struct vmwire_reading reading = {.option = option, .input = input, .schema = fixture->schema};
    struct vmwire_cost cost;
    assert_false(vmwire_stream_read(&reading, &cost, &fixture->error));
    check_error(fixture, VMWIRE_ERROR_TRUNCATED, "css", "struct of 9 bytes, but only 6 are left");
    free((void *)(uintptr_t)input.data);
}

/* A reader that meets a subsection of unknown layout says so; what is there without it is read. */
static void test_reading_unknown_layouts(void **state)
{
    struct fixture *fixture = *state;
    must_add(fixture, DUMPED_SUBSECTION("'version_id':1,'minimum_version_id':1",
                                        DUMPED_FIELD("0", "true", "'size':4")));
    must_add(fixture, "{'devices':[{'name':'nic','instance_id':0,'vmsd_name':'nic','version':1,"
                      "'fields':[" BUFFER("a", "2") "]}]}");
    must_finish_schema(fixture->schema);
    const struct section without[] = {{1, "nic", BYTES("[[")}};
    expect_read(fixture, true, without, {"a", BYTES("[[")});
    const struct section with[] = {{1, "nic", BYTES("[[\x05\x05nic/s\0\0\0\1abcd")}};
    assert_int_equal(refused_at(fixture, &vmwire_options[0], true, with, 1), 7);
    check_error(fixture, VMWIRE_ERROR_NO_LAYOUT, "", "its layout is not known");
}

/* ---- The arena ---- */

static bool all_zero(const uint8_t *memory, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (memory[i] != 0)
            return false;
    return true;
}

static void test_arena_memory(void **state)
{
    (void)state;
    struct vmwire_arena *arena = vmwire_arena_create();
    uint64_t total = 0;
    for (size_t size = 1; size < 5000; size += 7) {
        uint8_t *memory = vmwire_arena_alloc(arena, size);
        assert_int_equal((uintptr_t)memory % 16, 0);
        assert_true(all_zero(memory, size));
        memset(memory, 0xff, size);
        total += (size + 15) / 16 * 16;
    }
    assert_int_equal(vmwire_arena_total(arena), total);
    assert_int_equal(vmwire_arena_peak(arena), total);
    uint8_t *large = vmwire_arena_alloc(arena, 3 << 20);
    assert_true(all_zero(large, 3 << 20));
    char *text = vmwire_arena_string(arena, "abcdef", 3);
    assert_string_equal(text, "abc");
    assert_int_equal(vmwire_arena_total(arena), total + (3 << 20) + 16);
    assert_ptr_not_equal(vmwire_arena_alloc(arena, 0), vmwire_arena_alloc(arena, 0));
    vmwire_arena_destroy(arena);
    vmwire_arena_destroy(NULL);
}

static void test_arena_reset(void **state)
{
    (void)state;
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_arena_mark empty = vmwire_arena_mark(arena);
    char *kept = vmwire_arena_string(arena, "kept", 4);
    struct vmwire_arena_mark mark = vmwire_arena_mark(arena);
    uint64_t total = 16;
    for (int round = 0; round < 5; round++) {
        for (size_t size = 16; size <= 2 << 20; size *= 2) {
            uint8_t *memory = vmwire_arena_alloc(arena, size);
            assert_true(all_zero(memory, size));
            memset(memory, 0xff, size);
            total += size;
        }
        assert_int_equal(vmwire_arena_total(arena), total);
        vmwire_arena_reset(arena, mark);
        assert_int_equal(vmwire_arena_total(arena), total);
        assert_int_equal(vmwire_arena_peak(arena), 16 + (4 << 20) - 16);
        assert_string_equal(kept, "kept");
    }
    vmwire_arena_reset(arena, empty);
    uint8_t *again = vmwire_arena_alloc(arena, 16);
    assert_true(all_zero(again, 16));
    assert_ptr_equal(again, kept);
    assert_int_equal(vmwire_arena_peak(arena), 4 << 20);
    vmwire_arena_destroy(arena);
}

static void test_arena_grow(void **state)
{
    (void)state;
    struct vmwire_arena *arena = vmwire_arena_create();
    size_t *numbers = NULL, room = 0, grown = 0;
    for (size_t count = 0; count < 1000; count++) {
        const size_t *before = numbers;
        numbers = vmwire_arena_grow(arena, numbers, count, &room, sizeof(*numbers));
        assert_true(room > count);
        grown += numbers != before;
        numbers[count] = count;
    }
    assert_true(grown < 10);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    vmwire_arena_destroy(arena);
}

/* What a body below has done. */
struct steps {
    struct vmwire_arena *arena;
    struct vmwire_error inner_error;
    char *kept;
    bool inner_result, behind_inner, behind_failure;
};

/* No machine has so many bytes. */
static bool allocate_too_much(void *context)
{
    struct steps *steps = context;
    vmwire_arena_alloc(steps->arena, SIZE_MAX);
    steps->behind_failure = true;
    return true;
}

static bool keep_and_fail(void *context)
{
    struct steps *steps = context;
    steps->kept = vmwire_arena_string(steps->arena, "kept", 4);
    steps->arena = vmwire_arena_create_within(steps->arena);
    return allocate_too_much(steps);
}

static bool fail_within_inner(void *context)
{
    struct steps *steps = context;
    steps->inner_result =
        vmwire_arena_attempt(steps->arena, allocate_too_much, steps, &steps->inner_error);
    steps->behind_inner = true;
    vmwire_arena_alloc(steps->arena, SIZE_MAX - 1);
    steps->behind_failure = true;
    return true;
}

static bool end_as_told(void *context)
{
    return *(bool *)context;
}

static void test_arena_attempt(void **state)
{
    (void)state;
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_error error = {0};
    bool told = true;
    assert_true(vmwire_arena_attempt(arena, end_as_told, &told, &error));
    told = false;
    assert_false(vmwire_arena_attempt(arena, end_as_told, &told, &error));
    assert_int_equal(error.kind, VMWIRE_ERROR_NONE);

    struct steps steps = {.arena = arena};
    assert_false(vmwire_arena_attempt(arena, keep_and_fail, &steps, &error));
    assert_int_equal(error.kind, VMWIRE_ERROR_MEMORY);
    assert_string_equal(error.message, "out of memory: cannot allocate 18446744073709551615 bytes");
    assert_false(steps.behind_failure);
    assert_string_equal(steps.kept, "kept");

    steps = (struct steps){.arena = vmwire_arena_create_within(arena)};
    assert_false(vmwire_arena_attempt(arena, fail_within_inner, &steps, &error));
    assert_false(steps.inner_result);
    assert_int_equal(steps.inner_error.kind, VMWIRE_ERROR_MEMORY);
    assert_true(steps.behind_inner);
    assert_false(steps.behind_failure);
    assert_string_equal(error.message, "out of memory: cannot allocate 18446744073709551614 bytes");
    vmwire_arena_destroy(steps.arena);
    vmwire_arena_destroy(arena);
}

static void test_arena_without_attempt(void **state)
{
    (void)state;
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_arena *inner = vmwire_arena_create_within(vmwire_arena_create_within(arena));
    size_t room = 0;
    assert_null(vmwire_arena_alloc(arena, SIZE_MAX));
    assert_null(vmwire_arena_alloc(inner, SIZE_MAX / 2 + 1));
    assert_null(vmwire_arena_string(arena, "", SIZE_MAX));
    assert_null(vmwire_arena_grow(arena, NULL, 0, &room, SIZE_MAX / 32));
    assert_int_equal(room, 0);
    assert_non_null(vmwire_arena_alloc(inner, 1 << 20));
    assert_int_equal(vmwire_arena_total(arena), 0);
    vmwire_arena_destroy(arena); /* the inner arenas, too */
}

/* ---- Errors ---- */

static void test_error_text(void **state)
{
    (void)state;
    struct vmwire_error error;
    char text[400];
    assert_false(vmwire_error_set(&error, VMWIRE_ERROR_TRUNCATED, 0x1a2b, "%d bytes", 3));
    assert_string_equal(vmwire_error_text(&error, text, sizeof(text)),
                        "offset 0x1a2b (6699): 3 bytes");
    strcpy(error.file, "FILE");
    strcpy(error.section, "\"cpu\" instance 0");
    strcpy(error.path, "env.xmm_regs[1]");
    assert_string_equal(vmwire_error_text(&error, text, sizeof(text)),
                        "FILE: offset 0x1a2b (6699), section \"cpu\" instance 0, "
                        "path env.xmm_regs[1]: 3 bytes");
    assert_string_equal(vmwire_error_text(&error, text, 10), "FILE: off");
    error.offset = VMWIRE_ERROR_NO_OFFSET;
    error.section[0] = '\0';
    strcpy(error.message, "a\nb\x1b");
    assert_string_equal(vmwire_error_text(&error, text, sizeof(text)),
                        "FILE: path env.xmm_regs[1]: a?b?");
    assert_false(vmwire_error_set(&error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET, "no"));
    assert_string_equal(vmwire_error_text(&error, text, sizeof(text)), "no");
    text[0] = 'x';
    vmwire_error_text(&error, text, 0);
    assert_int_equal(text[0], 'x');
}

static void test_error_kind_names(void **state)
{
    (void)state;
    assert_string_equal(vmwire_error_kind_name(VMWIRE_ERROR_NOT_A_STREAM), "not-a-stream");
    assert_string_equal(vmwire_error_kind_name(VMWIRE_ERROR_UNKNOWN_SUBSECTION),
                        "unknown-subsection");
    assert_string_equal(vmwire_error_kind_name(VMWIRE_ERROR_CANNOT_WRITE), "cannot-write");
    assert_string_equal(vmwire_error_kind_name(VMWIRE_ERROR_MEMORY), "memory");
    assert_string_equal(vmwire_error_kind_name((enum vmwire_error_kind)1000), "unknown");
    for (enum vmwire_error_kind a = VMWIRE_ERROR_NONE; a <= VMWIRE_ERROR_MEMORY; a++)
        for (enum vmwire_error_kind b = VMWIRE_ERROR_NONE; b < a; b++)
            assert_string_not_equal(vmwire_error_kind_name(a), vmwire_error_kind_name(b));
}

#define with_schema(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_schema(test_plain_fields),
        with_schema(test_spelling_of_5_2),
        with_schema(test_embedded_structures),
        with_schema(test_sizes_include_subsections),
        with_schema(test_indexed_arrays),
        with_schema(test_arrays_without_index),
        with_schema(test_null_pointers_before_10_0),
        with_schema(test_arrays_that_are_described),
        with_schema(test_runs_of_null_pointers),
        with_schema(test_runs_of_null_pointers_of_11_1),
        with_schema(test_first_run_that_is_not_null),
        with_schema(test_listed_null_pointers),
        with_schema(test_marked_elements),
        with_schema(test_lists),
        with_schema(test_list_of_one),
        with_schema(test_list_of_two),
        with_schema(test_list_with_optional_subsections),
        with_schema(test_old_style_sections),
        with_schema(test_devices),
        with_schema(test_no_devices),
        with_schema(test_configuration),
        with_schema(test_configuration_keys_elsewhere),
        with_schema(test_dumps),
        with_schema(test_merging),
        with_schema(test_dump_first),
        with_schema(test_subsections_of_subsections),
        with_schema(test_versions_of_namesakes),
        with_schema(test_described_versions),
        cmocka_unit_test(test_what_a_dump_tells),
        cmocka_unit_test(test_unknown_layouts_elsewhere),
        with_schema(test_subsection_sent_twice),
        with_schema(test_existing),
        with_schema(test_namesakes),
        with_schema(test_namesakes_without_a_dump),
        with_schema(test_namesake_embedded_in_its_own),
        with_schema(test_resemblance),
        with_schema(test_resemblance_to_a_dump),
        with_schema(test_namesakes_and_one_without_fields),
        with_schema(test_many_namesakes),
        with_schema(test_existing_of_namesakes),
        with_schema(test_sizes_that_disagree),
        with_schema(test_wrong_types),
        with_schema(test_numbers),
        with_schema(test_arrays_of_nothing),
        with_schema(test_not_json),
        with_schema(test_long_names),
        with_schema(test_nesting),
        with_schema(test_length_limit),
        with_schema(test_subsection_limits),
        with_schema(test_subsection_sent_many_times),
        with_schema(test_empty_fields),
        with_schema(test_merged_subsections_limit),
        with_schema(test_bad_dumps),
        with_schema(test_dumps_with_arrays_of_nothing),
        with_schema(test_nothing_of_a_bad_source),
        cmocka_unit_test(test_description_find),
        cmocka_unit_test(test_description_not_found),
        cmocka_unit_test(test_description_find_limit),
        cmocka_unit_test(test_description_of_no_use),
        cmocka_unit_test(test_description_located),
        cmocka_unit_test(test_description_over_the_limit),
        with_schema(test_adding_streams),
        with_schema(test_reading_unknown_layouts),
        with_schema(test_reading_null_pointers),
        with_schema(test_reading_null_pointers_among_their_like),
        with_schema(test_reading_pointers),
        with_schema(test_reading_pointers_at_the_end),
        with_schema(test_reading_pointers_before_a_decoy),
        with_schema(test_reading_pointers_to_one_byte),
        with_schema(test_reading_pointers_without_footers),
        with_schema(test_reading_pointers_without_footers_but_a_decoy),
        with_schema(test_reading_pointers_before_a_list),
        with_schema(test_reading_timers),
        with_schema(test_reading_pointers_in_a_structure),
        with_schema(test_reading_pointers_before_a_subsection),
        with_schema(test_reading_pointers_with_subsections_elsewhere),
        with_schema(test_reading_described_null_pointers),
        with_schema(test_reading_framed_pointers),
        with_schema(test_reading_too_few_pointers),
        cmocka_unit_test(test_arena_memory),
        cmocka_unit_test(test_arena_reset),
        cmocka_unit_test(test_arena_grow),
        cmocka_unit_test(test_error_text),
        cmocka_unit_test(test_error_kind_names),
        cmocka_unit_test(test_arena_attempt),
        cmocka_unit_test(test_arena_without_attempt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
