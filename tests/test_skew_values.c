/* SPDX-License-Identifier: MIT */
/*
 * The values that a loader compares (parsers/skew/values.h). Each capture of the corpus against itself: no difference. And pairs
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

struct pair {
    struct vmwire_arena *arena;
    struct vmwire_schema *schema;
    uint8_t *bytes; /* the writer's copy */
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
    const struct vmwire_bytes changed = {pair->bytes, pair->own.length};
    const struct vmwire_side writer = {
        .stream = read_stream(pair, changed), .bytes = changed, .described = pair->schema};
    const struct vmwire_side reader = {
        .stream = read_stream(pair, pair->own), .bytes = pair->own, .described = pair->schema};
    must_succeed(vmwire_skew(&writer, &reader, pair->arena, &pair->differences, &error), &error);
}

static struct pair begin_pair(const struct vmwire_input *input, const char *program)
{
    struct pair pair = {.arena = vmwire_arena_create(), .own = input->bytes};
    pair.schema = must_create_schema(pair.arena);
    struct vmwire_error error;
    must_succeed(vmwire_schema_add(pair.schema, input->bytes, &error), &error);
    if (program)
        add_file(pair.schema, program);
    must_finish_schema(pair.schema);
    pair.bytes = must(malloc(input->bytes.length));
    memcpy(pair.bytes, input->bytes.data, input->bytes.length);
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
        pair.bytes = must(malloc(pair.own.length));
        memcpy(pair.bytes, pair.own.data, pair.own.length);
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
    struct pair pair = begin_pair(&input, with_program);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
