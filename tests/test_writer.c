/* SPDX-License-Identifier: MIT */
/*
 * What a writer makes of records: for each option the exact bytes of a small stream made by hand,
 * and that its reader makes the same records of them. Also what is not a matter of options:
 * packages get their lengths, RAM can be left out, mapped-ram blocks get offsets that fit.
 */
#include "build.h"

/* ---- A schema and records, by hand ----------------------------------------------------------- */

/*
 * "dev" {a, in[2], q} has the subsections dev/s {y} (which has dev/s/t {z}) and dev/u {v}; "in" {x}
 * has in/s {w}; q is a list of "el" {k}. dev/u and in/s are what an older release has too.
 */
// clang-format off
#define BYTE_FIELD(spelled)                                                                        \
    {.name = spelled, .type = "uint8", .size = 1, .count = 1, .index = -1, .class = VMWIRE_FIELD_FREE}
#define ONE_FIELD(identifier, vmsd, spelled)                                                       \
    static struct vmwire_field identifier##_fields[] = {BYTE_FIELD(spelled)};                             \
    static struct vmwire_structure identifier = {.name = vmsd,                                            \
                                          .version_id = 1,                                         \
                                          .minimum_version_id = 1,                                 \
                                          .described_version_id = 1,                               \
                                          .fields = identifier##_fields,                           \
                                          .field_count = 1}
#define SUBSECTION(vmsd, of)                                                                       \
    {.name = vmsd, .version_id = 1, .minimum_version_id = 1, .structure = of}
// clang-format on

ONE_FIELD(in_s, "in/s", "w");
ONE_FIELD(dev_s_t, "dev/s/t", "z");
ONE_FIELD(dev_s, "dev/s", "y");
ONE_FIELD(dev_u, "dev/u", "v");
ONE_FIELD(in, "in", "x");
ONE_FIELD(el, "el", "k");

static struct vmwire_subsection in_subsections[] = {SUBSECTION("in/s", &in_s)};
static struct vmwire_subsection dev_s_subsections[] = {SUBSECTION("dev/s/t", &dev_s_t)};
static struct vmwire_subsection dev_subsections[] = {SUBSECTION("dev/s", &dev_s),
                                                     SUBSECTION("dev/u", &dev_u)};

static struct vmwire_field dev_fields[] = {
    BYTE_FIELD("a"),
    {.name = "in",
     .type = "struct",
     .structure = &in,
     .size = 1,
     .count = 2,
     .index = -1,
     .class = VMWIRE_FIELD_RECORD},
    {.name = "q",
     .type = "qtailq",
     .structure = &el,
     .size = 3,
     .count = 1,
     .index = -1,
     .class = VMWIRE_FIELD_LIST},
};
static struct vmwire_structure dev = {.name = "dev",
                                      .version_id = 1,
                                      .minimum_version_id = 1,
                                      .described_version_id = 1,
                                      .fields = dev_fields,
                                      .field_count = 3,
                                      .subsections = dev_subsections,
                                      .subsection_count = 2};

static const struct vmwire_device devices[] = {
    {.idstr = "dev", .structure = &dev}, {.idstr = "dev", .instance_id = 1, .structure = &dev}};

/* A value of one byte. */
// clang-format off
#define BYTE(value) {(const uint8_t *)value, 1}
#define TEXT(text)  {(const uint8_t *)(text), sizeof(text) - 1}
#define LEAF(identifier, structure_, value_)                                                       \
    static struct vmwire_value identifier##_value = {.field = structure_##_fields, .data = BYTE(value_)}; \
    static struct vmwire_record identifier = {.structure = &structure_, .values = &identifier##_value}
#define SENT(identifier, subsection_, record_, name_, next_)                                       \
    static struct vmwire_subsection_value identifier = {.subsection = subsection_,                        \
                                                 .record = record_,                                \
                                                 .name = TEXT(name_),                              \
                                                 .version_id = 1,                                  \
                                                 .next = next_}
// clang-format on

LEAF(record_t, dev_s_t, "\xe1");
SENT(sent_t, &dev_s_subsections[0], &record_t, "dev/s/t", NULL);
LEAF(record_s, dev_s, "\xd1");
LEAF(record_u, dev_u, "\xf1");
SENT(sent_u, &dev_subsections[1], &record_u, "dev/u", NULL);
SENT(sent_s, &dev_subsections[0], &record_s, "dev/s", &sent_u);
LEAF(record_w, in_s, "\xc1");
SENT(sent_w, &in_subsections[0], &record_w, "in/s", NULL);
LEAF(record_in_0, in, "\xb1");
LEAF(record_in_1, in, "\xb2");
LEAF(record_el, el, "\xa2");

static struct vmwire_value list_end = {.field = &dev_fields[2], .data = TEXT("\0"), .element = 1};
static struct vmwire_value list_element = {
    .field = &dev_fields[2], .data = TEXT("\1"), .record = &record_el, .next = &list_end};
static struct vmwire_value element_1 = {
    .field = &dev_fields[1], .record = &record_in_1, .element = 1, .next = &list_element};
static struct vmwire_value element_0 = {
    .field = &dev_fields[1], .record = &record_in_0, .next = &element_1};
static struct vmwire_value value_a = {
    .field = &dev_fields[0], .data = BYTE("\xa1"), .next = &element_0};
static struct vmwire_record record_dev = {
    .structure = &dev, .values = &value_a, .subsections = &sent_s, .last_subsection = &sent_u};

/* Ties what an initializer cannot, and says which subsections an older release has. */
static void arrange(bool existing)
{
    in.subsections = in_subsections;
    dev_s.subsections = dev_s_subsections;
    in.subsection_count = dev_s.subsection_count = 1;
    record_in_1.subsections = record_in_1.last_subsection = &sent_w;
    record_s.subsections = record_s.last_subsection = &sent_t;
    dev_subsections[1].existing = in_subsections[0].existing = existing;
}

static struct vmwire_schema *schema_by_hand(struct vmwire_arena *arena)
{
    struct vmwire_schema *schema = schema_of(arena, NULL, NULL);
    schema->devices = devices;
    schema->device_count = sizeof(devices) / sizeof(devices[0]);
    return schema;
}

static struct vmwire_item full = {.kind = VMWIRE_ITEM_SECTION_FULL,
                                  .section_id = 0x11,
                                  .idstr = TEXT("dev"),
                                  .instance_id = 1,
                                  .version_id = 1,
                                  .footer = true,
                                  .record = &record_dev};
static const struct vmwire_item end = {.kind = VMWIRE_ITEM_EOF, .raw = TEXT("\0")};

/* ---- The options ----------------------------------------------------------------------------- */

#define SECTION   "04 00000011 03 646576 00000001 00000001 "
#define FOOTER    "7e 00000011 "
#define W_HEAD    "05 04 696e2f73 00000001 "
#define S_HEAD    "05 05 6465762f73 00000001 "
#define T_HEAD    "05 07 6465762f732f74 00000001 "
#define U_HEAD    "05 05 6465762f75 00000001 "
#define F_SECTION "04 00000011 03 646576 00000001 "
/* framed: each record has its version, the length of its fields, and a 00 at its end. */
#define F_ONE(x) "00000001 00000001 " x " "
#define F_IN     F_ONE("b1") "00" F_ONE("b2") "05 04 696e2f73" F_ONE("c1") "00 00"
#define F_RECORD                                                                                   \
    "00000001 00000031 a1 " F_IN                                                                   \
    "01 " F_ONE("a2") "00 00"                                                                      \
                      "05 05 6465762f73 " F_ONE("d1") "05 07 6465762f732f74 " F_ONE(               \
                          "e1") "00 00"                                                            \
                                "05 05 6465762f75 " F_ONE("f1") "00 00"
#define W_ITEM   "05 00000011 05 696e5b315d 00000003 04 696e2f73 00000001 "
#define S_ITEM   "05 00000011 00 00000006 05 6465762f73 00000001 "
#define T_ITEM   "05 00000011 05 6465762f73 00000001 07 6465762f732f74 00000001 "
#define U_ITEM   "05 00000011 00 00000006 05 6465762f75 00000001 "
#define W_OWN    "04 00000011 0e 6465762f 696e5b315d 2f 696e2f73 00000003 00000001 "
#define S_OWN(n) "04 00000011 0a 6465762f 2f 6465762f73 " n " 00000001 "
#define U_OWN    "04 00000011 0a 6465762f 2f 6465762f75 00000006 00000001 "
/* The "/" of the path "dev/s" stands twice. */
#define T_OWN "04 00000011 12 6465762f 6465762f2f73 2f 6465762f732f74 00000001 00000001 "

// clang-format off
/* dev ends behind 6 bytes, in[1] behind 3, dev/s behind the one of its own item. */
static const struct {
    const char *option;
    bool existing, footers;
    const char *bytes;
} streams[] = {
    {"legacy heuristic", false, true,
     "5145564d 00000003" SECTION "a1 b1 b2" W_HEAD "c1 01 a2 00" S_HEAD "d1" T_HEAD "e1" U_HEAD "f1"
     FOOTER "00"},
    {"legacy heuristic", false, false,
     "5145564d 00000003" SECTION "a1 b1 b2" W_HEAD "c1 01 a2 00" S_HEAD "d1" T_HEAD "e1" U_HEAD "f1"
     "00"},
    {"flagday", false, true,
     "5145564d 00000004" SECTION "a1 b1 00 b2" W_HEAD "c1 00 00 01 a2 00 00" S_HEAD "d1" T_HEAD
     "e1 00 00" U_HEAD "f1 00" FOOTER "00"},
    {"flagday", false, false,
     "5145564d 00000004" SECTION "a1 b1 00 b2" W_HEAD "c1 00 00 01 a2 00 00" S_HEAD "d1" T_HEAD
     "e1 00 00" U_HEAD "f1 00 00"},
    {"framed", false, true,
     "5145564d 00000006" F_SECTION F_RECORD FOOTER "00"},
    {"framed", false, false,
     "5145564d 00000006" F_SECTION F_RECORD "00"},
    {"standalone", false, true,
     "5145564d 00000005" SECTION "a1 b1 b2 01 a2 00" FOOTER S_ITEM "d1" FOOTER U_ITEM "f1" FOOTER
     W_ITEM "c1" FOOTER T_ITEM "e1" FOOTER "00"},
    {"standalone", false, false,
     "5145564d 00000005" SECTION "a1 b1 b2 01 a2 00" S_ITEM "d1" U_ITEM "f1" W_ITEM "c1" T_ITEM "e1"
     "00"},
    {"toplevel", false, true,
     "5145564d 00000003" SECTION "a1 b1 b2 01 a2 00" FOOTER S_OWN("00000006") "d1" FOOTER U_OWN "f1" FOOTER
     W_OWN "c1" FOOTER T_OWN "e1" FOOTER "00"},
    {"toplevel", false, false,
     "5145564d 00000003" SECTION "a1 b1 b2 01 a2 00" S_OWN("00000006") "d1" U_OWN "f1" W_OWN "c1"
     T_OWN "e1 00"},
    /* in/s and dev/u stay where they are, 11 and 12 bytes: dev ends behind 29. */
    {"toplevel", true, true,
     "5145564d 00000003" SECTION "a1 b1 b2" W_HEAD "c1 01 a2 00" U_HEAD "f1" FOOTER S_OWN("0000001d") "d1"
     FOOTER T_OWN "e1" FOOTER "00"},
};
// clang-format on

/* A legacy reader takes dev/u for a subsection of dev/s/t. */
static bool reads_what_it_writes(const struct vmwire_option *option)
{
    return !listed("legacy", option->name);
}

static void check_reading_back(const struct vmwire_option *option, struct vmwire_bytes written,
                               const struct vmwire_stream *expected)
{
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_stream *back =
        vmwire_stream_read_whole(option, written, schema_by_hand(arena), arena, &cost, &error);
    if (!back && reads_what_it_writes(option))
        fail_msg("%s at %" PRIu64 ": %s", option->name, error.offset, error.message);
    if (!back)
        assert_int_equal(error.kind, VMWIRE_ERROR_UNKNOWN_SUBSECTION);
    else if (option->subsections == VMWIRE_SUBSECTION_INLINE &&
             !vmwire_stream_equal(back, expected))
        fail_msg("%s: %s", option->name, tree_text(back));
    vmwire_arena_destroy(arena);
}

static void test_options(void **state)
{
    (void)state;
    const struct vmwire_item *items[] = {&full, &end};
    const struct vmwire_stream stream = {items, 2};
    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++)
        for (size_t j = 0; j < vmwire_option_count; j++) {
            const struct vmwire_option *option = &vmwire_options[j];
            if (!listed(streams[i].option, option->name))
                continue;
            arrange(streams[i].existing);
            full.footer = streams[i].footers;
            struct vmwire_error error = {0};
            struct vmwire_writer *writer = write_whole(&stream, option, false, &error);
            assert_non_null(writer);
            struct made expected = assemble(option, streams[i].bytes);
            assert_same_bytes(vmwire_writer_output(writer), expected.bytes);
            check_reading_back(option, vmwire_writer_output(writer), &stream);
            made_free(&expected);
            vmwire_writer_destroy(writer);
        }
}

/* What standalone and toplevel send behind a section comes back at its owners, and in its place: a
 * new subsection may have stood before an existing one. */
static void test_separate_subsections_come_back(void **state)
{
    (void)state;
    static const struct {
        const char *option;
        bool existing;
        const char *tree;
    } rows[] = {
        {"standalone", false,
         "full 17 dev.1 {a=a1 in[0]{x=b1} in[1]{x=b2 +in/s:1{w=c1}} q[0]=01{k=a2} q=00 "
         "+dev/s:1{y=d1 +dev/s/t:1{z=e1}} +dev/u:1{v=f1}} ~; eof"},
        {"toplevel", false,
         "full 17 dev.1 {a=a1 in[0]{x=b1} in[1]{x=b2 +in/s:1{w=c1}} q[0]=01{k=a2} q=00 "
         "+dev/s:1{y=d1 +dev/s/t:1{z=e1}} +dev/u:1{v=f1}} ~; eof"},
        {"toplevel", true,
         "full 17 dev.1 {a=a1 in[0]{x=b1} in[1]{x=b2 +in/s:1{w=c1}} q[0]=01{k=a2} q=00 "
         "+dev/s:1{y=d1 +dev/s/t:1{z=e1}} +dev/u:1{v=f1}} ~; eof"},
    };
    full.footer = true;
    const struct vmwire_item *items[] = {&full, &end};
    const struct vmwire_stream stream = {items, 2};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        arrange(rows[i].existing);
        const struct vmwire_option *option = option_named(rows[i].option);
        struct vmwire_error error = {0};
        struct vmwire_writer *writer = write_whole(&stream, option, false, &error);
        struct vmwire_arena *arena = vmwire_arena_create();
        struct vmwire_cost cost;
        struct vmwire_stream *back = vmwire_stream_read_whole(
            option, vmwire_writer_output(writer), schema_by_hand(arena), arena, &cost, &error);
        assert_non_null(back);
        char *tree = tree_text(back);
        assert_string_equal(tree, rows[i].tree);
        free(tree);
        vmwire_arena_destroy(arena);
        vmwire_writer_destroy(writer);
    }
}

/* ---- Refusals --------------------------------------------------------------------------------- */

/* dev/s declares dev/s/t. A writer of guarded asserts that it does not, and so refuses it also where it
 * sends none. */
static void test_flat_option_sends_no_nested_subsection(void **state)
{
    (void)state;
    const struct vmwire_item *items[] = {&full, &end};
    const struct vmwire_stream stream = {items, 2};
    for (int sent = 0; sent <= 1; sent++) {
        arrange(false);
        full.footer = true;
        struct vmwire_subsection_value *first = full.record->subsections;
        assert_string_equal(first->subsection->name, "dev/s");
        struct vmwire_subsection_value *kept = first->record->subsections;
        if (!sent)
            first->record->subsections = NULL;
        struct vmwire_error error = {0};
        assert_null(write_whole(&stream, option_named("guarded"), false, &error));
        assert_int_equal(error.kind, VMWIRE_ERROR_CANNOT_WRITE);
        assert_string_equal(error.message,
                            "subsection \"dev/s\" declares subsections of its own, which the "
                            "writer asserts it does not");
        first->record->subsections = kept;

        full.record->subsections = first->next; /* dev/u declares none */
        struct vmwire_writer *writer = write_whole(&stream, option_named("guarded"), false, &error);
        assert_non_null(writer);
        vmwire_writer_destroy(writer);
        full.record->subsections = first;
    }
}

/* ---- Limits ---------------------------------------------------------------------------------- */

static void test_idstr_limit(void **state)
{
    (void)state;
    arrange(false);
    char idstr[256];
    memset(idstr, 'i', sizeof(idstr));
    struct vmwire_item item = full;
    /* "/dev//s/dev/s/t" is the longest that is put behind it. */
    for (size_t length = 238; length <= 246; length++) {
        item.idstr = (struct vmwire_bytes){(const uint8_t *)idstr, length};
        const struct vmwire_item *items[] = {&item};
        const struct vmwire_stream stream = {items, 1};
        struct vmwire_error error = {0};
        struct vmwire_writer *writer =
            write_whole(&stream, option_named("toplevel"), false, &error);
        if (length + sizeof("/dev//s/dev/s/t") - 1 <= 255) {
            assert_non_null(writer);
        } else {
            assert_null(writer);
            assert_int_equal(error.kind, VMWIRE_ERROR_CANNOT_WRITE);
            assert_non_null(strstr(error.message, "is longer than the 255 bytes of an idstr"));
        }
        vmwire_writer_destroy(writer);
        writer = write_whole(&stream, option_named("standalone"), false, &error);
        assert_non_null(writer);
        assert_int_equal(vmwire_writer_output(writer).data[8 + 1 + 4], length);
        vmwire_writer_destroy(writer);
    }
}

/* ---- Packages -------------------------------------------------------------------------------- */

static const struct vmwire_item listen = {.kind = VMWIRE_ITEM_COMMAND,
                                          .command = VMWIRE_MIG_CMD_POSTCOPY_LISTEN,
                                          .raw = TEXT("\x08\x00\x04\x00\x00")};
static const struct vmwire_item package = {.kind = VMWIRE_ITEM_PACKAGE,
                                           .raw = TEXT("\x08\x00\x07\x00\x04")};
static const struct vmwire_item package_end = {.kind = VMWIRE_ITEM_PACKAGE_END};

static void test_packages(void **state)
{
    (void)state;
    static const struct {
        const char *option, *bytes;
    } rows[] = {
        {"heuristic", "5145564d 00000003 08 0007 0004 [4 08 0004 0000" SECTION "a1 b1 b2" W_HEAD
                      "c1 01 a2 00" S_HEAD "d1" T_HEAD "e1" U_HEAD "f1" FOOTER
                      "08 0007 0004] [4 08 0004 0000] 08 0007 0004 "
                      "00000000 00"},
        {"flagday", "5145564d 00000004 08 0007 0004 [4 08 0004 0000" SECTION "a1 b1 00 b2" W_HEAD
                    "c1 00 00 01 a2 00 00" S_HEAD "d1" T_HEAD "e1 00 00" U_HEAD "f1 00" FOOTER
                    "08 0007 0004] [4 08 0004 0000] 08 0007 0004 00000000 00"},
        {"framed", "5145564d 00000006 08 0007 0004 [4 08 0004 0000" F_SECTION F_RECORD FOOTER
                   "08 0007 0004] [4 08 0004 0000] 08 0007 0004 00000000 00"},
        {"standalone",
         "5145564d 00000005 08 0007 0004 [4 08 0004 0000" SECTION "a1 b1 b2 01 a2 00" FOOTER S_ITEM
         "d1" FOOTER U_ITEM "f1" FOOTER W_ITEM "c1" FOOTER T_ITEM "e1" FOOTER
         "08 0007 0004] [4 08 0004 0000] 08 0007 0004 00000000 00"},
    };
    arrange(false);
    full.footer = true;
    const struct vmwire_item *items[] = {&package,     &listen,      &full,        &package,
                                         &listen,      &package_end, &package_end, &package,
                                         &package_end, &end};
    const struct vmwire_stream stream = {items, sizeof(items) / sizeof(items[0])};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct vmwire_option *option = option_named(rows[i].option);
        struct vmwire_error error = {0};
        struct vmwire_writer *writer = write_whole(&stream, option, false, &error);
        assert_non_null(writer);
        struct made expected = assemble(option, rows[i].bytes);
        assert_same_bytes(vmwire_writer_output(writer), expected.bytes);
        made_free(&expected);
        vmwire_writer_destroy(writer);
    }
}

static void test_package_errors(void **state)
{
    (void)state;
    const struct vmwire_item *unbegun[] = {&package, &package_end, &package_end};
    const struct vmwire_item *nested[] = {&package, &package, &package, &package, &package};
    const struct {
        struct vmwire_stream stream;
        const char *message;
    } rows[] = {
        {{unbegun, 3}, "the end of a package without its beginning"},
        {{nested, 5}, "too many nested packages"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vmwire_error error = {0};
        assert_null(write_whole(&rows[i].stream, option_named("heuristic"), false, &error));
        assert_int_equal(error.kind, VMWIRE_ERROR_CANNOT_WRITE);
        assert_string_equal(error.message, rows[i].message);
    }
}

/* ---- RAM ------------------------------------------------------------------------------------- */

#define HEAD "'QEVM' version "
#define RAM  "01 00000002 .'ram' 00000000 00000004 "
#define MAPPED                                                                                     \
    HEAD "07 00000002 'pc' 05 .'configuration/capabilities' 00000001 00000001 .'mapped-ram' "

/* Reads `text` under `heuristic` and writes it under `option`. */
static struct vmwire_writer *rewrite(const char *text, const struct vmwire_option *option,
                                     bool drop_ram, struct vmwire_arena *arena, struct made *made)
{
    *made = assemble(option_named("heuristic"), text);
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_stream *stream = vmwire_stream_read_whole(
        option_named("heuristic"), made->bytes, schema_of(arena, NULL, NULL), arena, &cost, &error);
    if (!stream)
        fail_msg("%" PRIu64 ": %s", error.offset, error.message);
    struct vmwire_writer *writer = write_whole(stream, option, drop_ram, &error);
    assert_non_null(writer);
    return writer;
}

static void test_drop_ram(void **state)
{
    (void)state;
    struct vmwire_arena *arena = vmwire_arena_create();
    struct made made;
    struct vmwire_writer *writer = rewrite(
        HEAD RAM "0000000000002004 .'a' 0000000000001000 .'b' 0000000000001000 0000000000000010 "
                 "7e 00000002 02 00000002 0000000000000008 .'a' 4096*ab 0000000000001022 00 "
                 "0000000000000200 0000000000000040 .'b' 01 [2 'x'] 0000000000000120 [4 'y'] "
                 "0000000000000080 0000000000000010 7e 00000002 00",
        option_named("heuristic"), true, arena, &made);
    struct made expected =
        assemble(option_named("heuristic"), HEAD RAM
                 "0000000000002004 .'a' 0000000000001000 .'b' 0000000000001000 0000000000000010 "
                 "7e 00000002 02 00000002 0000000000000200 0000000000000080 0000000000000010 "
                 "7e 00000002 00");
    assert_same_bytes(vmwire_writer_output(writer), expected.bytes);
    made_free(&expected);
    made_free(&made);
    vmwire_writer_destroy(writer);
    vmwire_arena_destroy(arena);
}

/* Both blocks' pages begin at the next MiB, as QEMU puts them; the bitmaps behind their headers.
 * The head is 0x61 bytes long up to the first block's header. */
static void test_mapped_ram_moves(void **state)
{
    (void)state;
    static const char text[] =
        MAPPED RAM "0000000000003004 .'a' 0000000000001000 "
                   "00000001 0000000000001000 000000000000007d 0000000000000085 "
                   "8000000000000000 4096*ab .'b' 0000000000002000 "
                   "00000001 0000000000001000 00000000000010ab 00000000000010b4 "
                   "c000000000000000 ff 4096*cd 4096*ef 0000000000000010 7e 00000002 00";
    static const char moved[] =
        MAPPED RAM "0000000000003004 .'a' 0000000000001000 "
                   "00000001 0000000000001000 000000000000007d 0000000000100000 "
                   "8000000000000000 1048443*00 4096*ab .'b' 0000000000002000 "
                   "00000001 0000000000001000 0000000000101026 0000000000200000 "
                   "c000000000000000 1044434*00 4096*cd 4096*ef 0000000000000010 7e 00000002 00";
    static const char dropped[] =
        MAPPED RAM "0000000000003004 .'a' 0000000000001000 "
                   "00000001 0000000000001000 000000000000007d 0000000000100000 "
                   "8*00 1048443*00 4096*00 .'b' 0000000000002000 "
                   "00000001 0000000000001000 0000000000101026 0000000000200000 "
                   "8*00 1044434*00 8192*00 0000000000000010 7e 00000002 00";
    const char *expectations[] = {moved, dropped};
    for (size_t i = 0; i < 2; i++) {
        struct vmwire_arena *arena = vmwire_arena_create();
        struct made made;
        struct vmwire_writer *writer = rewrite(text, option_named("heuristic"), i, arena, &made);
        struct made expected = assemble(option_named("heuristic"), expectations[i]);
        assert_same_bytes(vmwire_writer_output(writer), expected.bytes);
        made_free(&expected);
        made_free(&made);
        vmwire_writer_destroy(writer);
        vmwire_arena_destroy(arena);
    }
}

/* Blocks without a bitmap: of no length, and shorter than their page. They move, too, and get no padding: under framed the
 * configuration is longer, under asn1 all is shorter. Back again, they are as before. */
static void test_mapped_ram_without_bitmap_moves(void **state)
{
    (void)state;
    static const char text[] =
        MAPPED RAM "0000000000001004 .'a' 0000000000000000 "
                   "00000001 0000000000001000 000000000000007d 000000000000007d "
                   ".'b' 0000000000000010 "
                   "00000001 0000000000001000 00000000000000a3 00000000000000a3 16*cd "
                   ".'c' 0000000000000ff0 "
                   "00000001 0000000000001000 00000000000000d9 00000000000000d9 4080*ef "
                   "0000000000000010 7e 00000002 00";
    static const char *const options[] = {"framed", "asn1"};
    for (size_t i = 0; i < 2; i++) {
        struct vmwire_arena *arena = vmwire_arena_create();
        struct made made;
        struct vmwire_cost cost;
        struct vmwire_error error;
        const struct vmwire_option *option = option_named(options[i]);
        struct vmwire_writer *moved = rewrite(text, option, false, arena, &made);
        const struct vmwire_stream *stream =
            vmwire_stream_read_whole(option, vmwire_writer_output(moved),
                                     schema_of(arena, NULL, NULL), arena, &cost, &error);
        if (!stream)
            fail_msg("%s: %" PRIu64 ": %s", options[i], error.offset, error.message);
        struct vmwire_writer *back = write_whole(stream, option_named("heuristic"), false, &error);
        assert_non_null(back);
        assert_same_bytes(vmwire_writer_output(back), made.bytes);
        made_free(&made);
        vmwire_writer_destroy(back);
        vmwire_writer_destroy(moved);
        vmwire_arena_destroy(arena);
    }
}

/* Moved, it is the same stream for a reader. One bit of a bitmap makes it another. */
static void test_mapped_ram_equality(void **state)
{
    (void)state;
    static const char *const texts[] = {
        MAPPED RAM "0000000000001004 .'a' 0000000000001000 00000001 0000000000001000 "
                   "000000000000007d 0000000000000085 8000000000000000 4096*ab 0000000000000010 00",
        MAPPED RAM "0000000000001004 .'a' 0000000000001000 00000001 0000000000001000 "
                   "000000000000007d 0000000000000086 8000000000000000 00 4096*ab "
                   "0000000000000010 00",
        MAPPED RAM "0000000000001004 .'a' 0000000000001000 00000001 0000000000001000 "
                   "000000000000007d 0000000000000085 0000000000000000 4096*ab 0000000000000010 00",
        MAPPED RAM "0000000000001004 .'a' 0000000000001000 00000001 0000000000001000 "
                   "000000000000007d 0000000000000085 8000000000000000 4096*ac 0000000000000010 00",
    };
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *schema = schema_of(arena, NULL, NULL);
    struct made made[4];
    struct vmwire_stream *read[4];
    for (size_t i = 0; i < 4; i++) {
        struct vmwire_cost cost;
        struct vmwire_error error;
        made[i] = assemble(option_named("heuristic"), texts[i]);
        read[i] = vmwire_stream_read_whole(option_named("heuristic"), made[i].bytes, schema, arena,
                                           &cost, &error);
        assert_non_null(read[i]);
    }
    assert_true(vmwire_stream_equal(read[0], read[1]));
    assert_false(vmwire_stream_equal(read[0], read[2]));
    assert_false(vmwire_stream_equal(read[0], read[3]));
    for (size_t i = 0; i < 4; i++)
        made_free(&made[i]);
    vmwire_arena_destroy(arena);
}

/* ---- Equality -------------------------------------------------------------------------------- */

/* Every byte of a stream counts: none can change without another tree, or none at all. */
static void test_equality_sees_every_byte(void **state)
{
    (void)state;
    static const char text[] =
        HEAD "07 00000002 'pc' 05 .'configuration/uuid' 00000001 16*aa " RAM
             "0000000000001004 .'a' 0000000000001000 0000000000000002 .'a' 00 0000000000000010 "
             "7e 00000002 08 0002 0004 00000001" SECTION "a1 b1 b2" W_HEAD "c1 01 a2 00" S_HEAD
             "d1" T_HEAD "e1" U_HEAD "f1" FOOTER "00 06 [4 '{}'] 'unread'";
    arrange(false);
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *schema = schema_by_hand(arena);
    const struct vmwire_option *option = option_named("heuristic");
    struct made made = assemble(option, text);
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_stream *stream =
        vmwire_stream_read_whole(option, made.bytes, schema, arena, &cost, &error);
    assert_non_null(stream);
    uint8_t *changed = must(malloc(made.bytes.length));
    for (size_t i = 0; i < made.bytes.length; i++) {
        memcpy(changed, made.bytes.data, made.bytes.length);
        changed[i] ^= 0x40;
        struct vmwire_stream *other =
            vmwire_stream_read_whole(option, (struct vmwire_bytes){changed, made.bytes.length},
                                     schema, arena, &cost, &error);
        if (other && vmwire_stream_equal(stream, other))
            fail_msg("byte %zu of %zu does not count: %s", i, made.bytes.length, tree_text(other));
    }
    free(changed);
    made_free(&made);
    vmwire_arena_destroy(arena);
}

/* Two items are the same if all that makes an item is. */
static void test_item_equality(void **state)
{
    (void)state;
    arrange(false);
    const struct vmwire_item plain = full;
    struct vmwire_item others[10];
    for (size_t i = 0; i < 10; i++)
        others[i] = plain;
    others[1].kind = VMWIRE_ITEM_SECTION_START;
    others[2].section_id++;
    others[3].instance_id++;
    others[4].version_id++;
    others[5].footer = !plain.footer;
    others[6].command++;
    others[7].idstr.length--;
    others[8].payload = (struct vmwire_bytes)TEXT("x");
    others[9].record = &record_s;
    assert_true(vmwire_item_equal(&plain, &others[0]));
    for (size_t i = 1; i < 10; i++)
        if (vmwire_item_equal(&plain, &others[i]) || vmwire_item_equal(&others[i], &plain))
            fail_msg("other item %zu is taken for the same", i);
    struct vmwire_item none = plain;
    none.record = NULL;
    assert_false(vmwire_item_equal(&plain, &none));
    assert_false(vmwire_item_equal(&none, &plain));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_separate_subsections_come_back),
        cmocka_unit_test(test_flat_option_sends_no_nested_subsection),
        cmocka_unit_test(test_idstr_limit),
        cmocka_unit_test(test_packages),
        cmocka_unit_test(test_package_errors),
        cmocka_unit_test(test_drop_ram),
        cmocka_unit_test(test_mapped_ram_moves),
        cmocka_unit_test(test_mapped_ram_without_bitmap_moves),
        cmocka_unit_test(test_mapped_ram_equality),
        cmocka_unit_test(test_equality_sees_every_byte),
        cmocka_unit_test(test_item_equality),
    };
    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
