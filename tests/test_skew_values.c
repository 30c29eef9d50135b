/* SPDX-License-Identifier: MIT */
/*
 * The values that a loader compares (parsers/skew/values/values.h). Each capture of the corpus against itself: no difference. And pairs
 * that are made of one capture by changing bytes of the writer's copy: each must be found with the message that QEMU prints, at
 * the byte that was changed; bytes that QEMU does not compare must not be found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "corpus.h"
#include "vmwire/skew.h"

/* ---- Two sides of one machine ---- */

enum { SUBSECTION_MOST = 64 }; /* bytes */

struct pair {
    struct vmwire_arena *arena;
    struct vmwire_schema *schema;
    uint8_t *bytes; /* the writer's copy */
    size_t length;  /* of it */
    struct vmwire_bytes own;
    struct vmwire_differences differences;
};

static struct vmwire_input open_capture(const char *name)
{
    char *path = path_in("corpus/streams", name);
    struct vmwire_input input = open_file(path);
    free(path);
    return input;
}

static const struct vmwire_stream *read_stream(const struct pair *pair, struct vmwire_bytes bytes)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    const struct vmwire_reading reading = {.option = vmwire_option_find("heuristic"),
                                           .input = bytes,
                                           .schema = pair->schema,
                                           .arena = pair->arena,
                                           .splits = true};
    const struct vmwire_stream *stream = vmwire_stream_collect(reading, &cost, &error);
    if (!stream)
        TEST_BROKEN("%s", error.message);
    return stream;
}

/* Looks for differences of the changed copy and the capture. */
static void compare(struct pair *pair)
{
    struct vmwire_error error;
    const struct vmwire_bytes changed = {pair->bytes, pair->length};
    const struct vmwire_side writer = {
        .stream = read_stream(pair, changed), .bytes = changed, .described = pair->schema};
    const struct vmwire_side reader = {
        .stream = read_stream(pair, pair->own), .bytes = pair->own, .described = pair->schema};
    must_succeed(vmwire_skew(&writer, &reader, pair->arena, &pair->differences, &error), &error);
}

/* The copy has room for a subsection more. */
static void copy_capture(struct pair *pair)
{
    pair->length = pair->own.length;
    pair->bytes = must(malloc(pair->length + SUBSECTION_MOST));
    memcpy(pair->bytes, pair->own.data, pair->length);
}

static struct pair begin_pair(struct vmwire_bytes capture, const char *program)
{
    struct pair pair = {.arena = vmwire_arena_create(), .own = capture};
    pair.schema = must_create_schema(pair.arena);
    struct vmwire_error error;
    must_succeed(vmwire_schema_add(pair.schema, capture, &error), &error);
    if (program)
        add_file(pair.schema, program);
    must_finish_schema(pair.schema);
    copy_capture(&pair);
    return pair;
}

static void end_pair(struct pair *pair)
{
    vmwire_arena_destroy(pair->arena);
    free(pair->bytes);
}

/* Where these bytes stand first, from `from` on. */
static size_t find(const struct pair *pair, size_t from, const void *text, size_t length)
{
    const uint8_t *place = memmem(pair->own.data + from, pair->own.length - from, text, length);
    if (!place)
        TEST_BROKEN("\"%.*s\" is not in the capture", (int)length, (const char *)text);
    return (size_t)(place - pair->own.data);
}

static size_t find_text(const struct pair *pair, size_t from, const char *text)
{
    return find(pair, from, text, strlen(text));
}

/* The only difference must be this one. */
static void expect(struct pair *pair, const char *rule, const char *message, size_t offset)
{
    compare(pair);
    assert_int_equal(pair->differences.count, 1);
    const struct vmwire_difference *found = pair->differences.list;
    assert_string_equal(found->rule->id, rule);
    assert_int_equal(found->certainty, VMWIRE_CERTAIN);
    assert_int_equal(found->outcome, VMWIRE_OUTCOME_REJECT);
    if (message)
        assert_string_equal(found->message, message);
    else
        assert_null(found->message);
    assert_int_equal(found->offset, offset);
}

static void expect_none(struct pair *pair)
{
    compare(pair);
    assert_int_equal(pair->differences.count, 0);
}

/* ---- The tests ---- */

static void test_nothing_against_itself(void **state)
{
    (void)state;
    struct corpus corpus = corpus_open(NULL);
    for (size_t i = 0; i < corpus.count; i++) {
        struct capture *capture = &corpus.captures[i];
        struct pair pair = {
            .arena = vmwire_arena_create(), .own = capture->input.bytes, .schema = capture->schema};
        copy_capture(&pair);
        expect_none(&pair);
        end_pair(&pair);
    }
    corpus_close(&corpus);
}

static const char pc[] = "bookworm-pc.vmstate", q35[] = "bookworm-q35.vmstate",
                  program[] = "corpus/schemas/bookworm-x86_64.program.json";

/* Runs a change on a pair of one capture. */
static void with_pair(const char *capture, const char *with_program, void (*test)(struct pair *))
{
    struct vmwire_input input = open_capture(capture);
    struct pair pair = begin_pair(input.bytes, with_program);
    test(&pair);
    end_pair(&pair);
    vmwire_input_close(&input);
}

static void change_machine(struct pair *pair)
{
    size_t at = find_text(pair, 0, "pc-i440fx-7.2");
    pair->bytes[at + 12] = '1';
    expect(pair, "machine-type",
           "Machine type received is 'pc-i440fx-7.1' and local is 'pc-i440fx-7.2'", at);
}

/* A block's name has its length before it, and the length of the block behind it. */
static void change_block_size(struct pair *pair)
{
    size_t at = find_text(pair, 0, "pc.bios");
    size_t total = find_text(pair, 0, "\3ram") + 4 + 4 + 4;
    pair->bytes[at + 7 + 5] = 0x02; /* of 0x40000 */
    pair->bytes[total + 5] = (uint8_t)(pair->bytes[total + 5] - 2);
    expect(pair, "ram-size", "Size mismatch: pc.bios: 0x20000 != 0x40000: Invalid argument",
           at - 1);
    assert_string_equal(pair->differences.list->writer, "128 KiB");
    assert_string_equal(pair->differences.list->reader, "256 KiB");
}

static void change_block_name(struct pair *pair)
{
    size_t at = find_text(pair, 0, "pc.bios");
    pair->bytes[at] = 'q';
    expect(pair, "ram-block", "Unknown ramblock \"qc.bios\", cannot accept migration", at - 1);
}

/* The tables of ACPI can become shorter, and longer up to a limit. */
static void change_resizable_block(struct pair *pair)
{
    size_t at = find_text(pair, 0, "/rom@etc/acpi/tables") + 20;
    size_t total = find_text(pair, 0, "\3ram") + 4 + 4 + 4;
    pair->bytes[at + 5] = 0x01; /* of 0x20000 */
    pair->bytes[total + 5] = (uint8_t)(pair->bytes[total + 5] - 1);
    expect_none(pair);
}

/* The configuration of the south bridge of q35 (8086:2918) and of its SATA controller (8086:2922). */
static size_t config_of(const struct pair *pair, const char *ids)
{
    return find(pair, 0, ids, 4);
}

static void change_pci_ids(struct pair *pair)
{
    size_t at = config_of(pair, "\x86\x80\x22\x29");
    pair->bytes[at + 2] = 0x21;
    expect(pair, "pci-config",
           "get_pci_config_device: Bad config data: i=0x2 read: 21 device: 22 cmask: ff wmask: 0 "
           "w1cmask:0",
           at + 2);
}

/* What a guest writes is not compared: command, cache line, addresses, the interrupt line, MSI's address and data; nor is
 * what belongs to no capability. */
static void change_pci_registers_of_guests(struct pair *pair)
{
    size_t at = config_of(pair, "\x86\x80\x22\x29");
    static const struct {
        uint8_t at, bits;
    } writable[] = {{0x04, 0x07}, {0x07, 0x20}, {0x0c, 0xff}, {0x20, 0x20},
                    {0x24, 0x00}, {0x25, 0xf0}, {0x3c, 0x0b}, {0x40, 0xff},
                    {0x82, 0x01}, {0x84, 0xfc}, {0x8d, 0x41}, {0x2c, 0xff}};
    for (size_t i = 0; i < sizeof(writable) / sizeof(*writable); i++)
        pair->bytes[at + writable[i].at] ^= writable[i].bits;
    expect_none(pair);
}

/* The capabilities are MSI at 0x80 and SATA at 0xa8. */
static void change_pci_capability(struct pair *pair)
{
    size_t at = config_of(pair, "\x86\x80\x22\x29");
    assert_int_equal(pair->own.data[at + 0x34], 0x80);
    assert_int_equal(pair->own.data[at + 0x80], 0x05);
    pair->bytes[at + 0x82] ^= 0x80; /* 64 bits */
    expect(pair, "pci-config",
           "get_pci_config_device: Bad config data: i=0x82 read: 0 device: 80 cmask: ff wmask: 71 "
           "w1cmask:0",
           at + 0x82);
}

/* A base address of another kind, and one with another address. */
static void change_pci_base_address(struct pair *pair)
{
    size_t at = config_of(pair, "\x86\x80\x22\x29") + 0x20;
    assert_int_equal(pair->own.data[at] & 1, 1);
    pair->bytes[at] ^= 1;
    expect(pair, "pci-config",
           "get_pci_config_device: Bad config data: i=0x20 read: 0 device: 1 cmask: ff wmask: ? "
           "w1cmask:?",
           at);
}

static void change_ahci_ports(struct pair *pair)
{
    size_t section = find_text(pair, 0, "0000:00:1f.2/ich9_ahci");
    compare(pair);
    /* the number of ports stands last before the footer */
    size_t at = find(pair, section, "\0\0\0\6\0\0\0\0", 4);
    while (pair->own.data[at + 4] != 0x7e)
        at = find(pair, at + 1, "\0\0\0\6", 4);
    pair->bytes[at + 3] = 4;
    expect(pair, "equal", "6 != 4", at);
}

/* ---- pseries ---- */

static const char pseries[] = "bookworm-ppc64-pseries.vmstate",
                  pseries_program[] = "corpus/schemas/bookworm-ppc64.program.json";

/* Compares the capture, as one of this machine type and with this PVR, with its own; the reader is of these releases (NULL: not
 * known). */
static void expect_pvr(const char *machine, uint32_t sent, uint32_t own, const char *releases,
                       int certainty)
{
    enum { TAKEN = -1 };
    static const uint8_t power8[] = {0, 0, 0, 0, 0, 0x4d, 0x02, 0};
    struct vmwire_input input = open_capture(pseries);
    uint8_t *copy = must(malloc(input.bytes.length));
    memcpy(copy, input.bytes.data, input.bytes.length);
    struct pair pair = begin_pair((struct vmwire_bytes){copy, input.bytes.length}, NULL);
    const size_t name = find_text(&pair, 0, "pseries-7.2"),
                 place = find(&pair, 0, power8, sizeof(power8)) + 4;
    memcpy(copy + name, machine, strlen(machine));
    memcpy(pair.bytes + name, machine, strlen(machine));
    for (int i = 0; i < 4; i++) {
        pair.bytes[place + i] = (uint8_t)(sent >> (24 - 8 * i));
        copy[place + i] = (uint8_t)(own >> (24 - 8 * i));
    }
    pair.schema->releases = releases;
    compare(&pair);
    assert_int_equal(pair.differences.count, certainty != TAKEN);
    if (certainty != TAKEN) {
        assert_string_equal(pair.differences.list->rule->id, "ppc-processor");
        assert_int_equal(pair.differences.list->certainty, certainty);
        assert_int_equal(pair.differences.list->offset, place - 4);
    }
    end_pair(&pair);
    free(copy);
    vmwire_input_close(&input);
}

/* What QEMU 5.2, 7.2 and 10.0 did with such pairs (-M pseries, and g3beige for the 750). */
static void test_ppc_processors(void **state)
{
    enum { TAKEN = -1, REFUSED = VMWIRE_CERTAIN, OPEN = VMWIRE_NOT_DECIDED };
    enum {
        PVR_750_2_0 = 0x00080200,
        PVR_750_2_1 = 0x00080201,
        POWER7 = 0x003f0203,
        POWER7P = 0x004a0201,
        POWER8E = 0x004b0201,
        POWER8 = 0x004d0200,
        POWER9_1_0 = 0x004e0100,
        POWER9_2_0 = 0x004e1200,
        POWER9_2_1 = 0x004e1201,
        POWER9_2_2 = 0x004e1202,
        POWER10_1 = 0x00800100,
        POWER10_2 = 0x00800200,
    };
    static const struct {
        const char *machine, *releases;
        uint32_t sent, own;
        int certainty;
    } rows[] = {
        {"pseries-5.2", NULL, PVR_750_2_0, PVR_750_2_1, REFUSED},
        {"pseries-5.2", "5.2", PVR_750_2_0, PVR_750_2_1, REFUSED},
        {"pseries-5.2", "5.2", POWER8E, POWER8, TAKEN},
        {"pseries-5.2", "5.2", POWER7, POWER7P, TAKEN},
        {"pseries-5.2", "5.2", POWER9_1_0, POWER9_2_0, TAKEN},
        {"pseries-5.2", "5.2", POWER8, POWER9_2_0, REFUSED},
        {"pseries-5.2", NULL, POWER8E, POWER8, OPEN},
        {"pseries-5.2", "7.2", POWER8E, POWER8, REFUSED},
        {"pseries-7.2", NULL, POWER7, POWER7P, REFUSED},
        {"pseries-7.2", NULL, POWER9_1_0, POWER9_2_0, REFUSED},
        {"pseries-7.2", NULL, POWER9_2_0, POWER9_1_0, REFUSED},
        {"pseries-7.2", NULL, POWER10_1, POWER10_2, REFUSED},
        {"pseries-7.2", NULL, POWER9_2_1, POWER9_2_0, TAKEN},
        {"pseries-7.2", "7.2", POWER9_2_2, POWER9_2_0, TAKEN},
        {"pseries-7.2", NULL, POWER9_2_2, POWER9_2_0, OPEN},
        {"pseries-7.2", "10.0", POWER9_2_2, POWER9_2_0, REFUSED},
        {"pseries-7.2", NULL, POWER9_2_0, POWER9_2_2, REFUSED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_pvr(rows[i].machine, rows[i].sent, rows[i].own, rows[i].releases, rows[i].certainty);
}

/* Puts a subsection of version 1 behind all others of a section (its idstr, with the length byte). Returns where its data are.
 * There is room for it. */
static size_t add_subsection(uint8_t *stream, size_t *length, const char *idstr, const char *name,
                             const uint8_t *data, size_t size)
{
    const uint8_t *head = must(memmem(stream, *length, idstr, strlen(idstr)));
    uint8_t footer[] = {0x7e, 0, 0, 0, 0}, subsection[SUBSECTION_MOST] = {5, (uint8_t)strlen(name)};
    memcpy(footer + 1, head - 4, 4); /* the section's id */
    const uint8_t *end =
        must(memmem(head, (size_t)(stream + *length - head), footer, sizeof(footer)));
    const size_t at = (size_t)(end - stream), before = 2 + strlen(name) + 4;
    memcpy(subsection + 2, name, strlen(name));
    subsection[before - 1] = 1;
    memcpy(subsection + before, data, size);
    memmove(stream + at + before + size, stream + at, *length - at);
    memcpy(stream + at, subsection, before + size);
    *length += before + size;
    return at + before;
}

/* Of one rule there is one difference, or none (`certainty` below 0). */
static void expect_one(const struct pair *pair, const char *rule, int certainty, size_t offset)
{
    size_t found = 0;
    for (size_t i = 0; i < pair->differences.count; i++)
        if (strcmp(pair->differences.list[i].rule->id, rule) == 0) {
            assert_int_equal(pair->differences.list[i].certainty, certainty);
            assert_int_equal(pair->differences.list[i].offset, offset);
            found++;
        }
    assert_int_equal(found, certainty >= 0);
}

/* A capability that only the writer sends: the reader has the default, which can be lower (QEMU 7.2 refuses cap-cfpc=fixed where
 * the reader has workaround, and takes broken). */
static void expect_capability(const char *name, uint8_t level, int certainty)
{
    struct vmwire_input input = open_capture(pseries);
    struct pair pair = begin_pair(input.bytes, pseries_program);
    const size_t at = add_subsection(pair.bytes, &pair.length, "\5spapr", name, &level, 1);
    compare(&pair);
    expect_one(&pair, "spapr-capability", certainty, at);
    end_pair(&pair);
    vmwire_input_close(&input);
}

/* A frequency that QEMU refuses if the user has set the reader's. */
static void test_tsc_frequency(void **state)
{
    static const uint8_t khz[8] = {0, 0, 0, 0, 0, 0x1e, 0x84, 0x80};
    struct vmwire_input input = open_capture(pc);
    size_t length = input.bytes.length;
    uint8_t *copy = must(malloc(length + SUBSECTION_MOST));
    memcpy(copy, input.bytes.data, length);
    const size_t at = add_subsection(copy, &length, "\3cpu", "cpu/tsc_khz", khz, sizeof(khz));
    struct pair pair = begin_pair((struct vmwire_bytes){copy, length}, program);
    (void)state;
    expect_none(&pair);
    pair.bytes[at + 7] ^= 1;
    compare(&pair);
    assert_int_equal(pair.differences.count, 1);
    expect_one(&pair, "tsc-frequency", VMWIRE_NOT_DECIDED, at);
    end_pair(&pair);
    free(copy);
    vmwire_input_close(&input);
}

static void test_spapr_capabilities(void **state)
{
    enum { TAKEN = -1 };
    (void)state;
    expect_capability("spapr/cap/cfpc", 2, VMWIRE_NOT_DECIDED);
    expect_capability("spapr/cap/cfpc", 0, TAKEN);
    expect_capability("spapr/cap/htm", 1, VMWIRE_CERTAIN);
    expect_capability("spapr/cap/htm", 0, TAKEN);
}

static void test_changes(void **state)
{
    (void)state;
    with_pair(pc, NULL, change_machine);
    with_pair(pc, NULL, change_block_size);
    with_pair(pc, NULL, change_block_name);
    with_pair(pc, NULL, change_resizable_block);
    /* A configuration that is whole, and one that is split into named parts, are compared alike. */
    static const char *const programs[] = {NULL, program};
    for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
        with_pair(q35, programs[i], change_pci_ids);
        with_pair(q35, programs[i], change_pci_registers_of_guests);
        with_pair(q35, programs[i], change_pci_capability);
        with_pair(q35, programs[i], change_pci_base_address);
        with_pair(q35, programs[i], change_ahci_ports);
    }
}

/* The table is made of data: each row says what it is, and where QEMU has it. */
static void test_rules_are_whole(void **state)
{
    (void)state;
    assert_true(vmwire_skew_rule_count > 30);
    for (size_t i = 0; i < vmwire_skew_rule_count; i++) {
        assert_non_null(vmwire_skew_rules[i].id);
        assert_non_null(vmwire_skew_rules[i].about);
        assert_non_null(vmwire_skew_rules[i].source);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_are_whole),
        cmocka_unit_test(test_nothing_against_itself),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_ppc_processors),
        cmocka_unit_test(test_spapr_capabilities),
        cmocka_unit_test(test_tsc_frequency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
