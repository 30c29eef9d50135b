/* SPDX-License-Identifier: MIT */
/*
 * Makes test cases of the writer's devices, and prints them.
 */
#include "program/skew/skew_junit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "program/skew/device_name.h"
#include "program/skew/quoted_text.h"

/* ---- The test cases ---- */

/* A device, and what differs of it. */
struct test_case {
    const char *section; /* NULL: the stream as a whole */
    uint32_t instance_id;
    const struct vmwire_difference **list;
    size_t count, room;
};

struct test_suite {
    struct test_case *list;
    size_t count, room;
    size_t failures, skipped;
};

static struct test_case *add_case(struct test_suite *suite, const char *section,
                                  uint32_t instance_id, struct vmwire_arena *arena)
{
    for (size_t i = suite->count; i--;)
        if (suite->list[i].instance_id == instance_id && same_text(suite->list[i].section, section))
            return &suite->list[i];
    suite->list =
        vmwire_arena_grow(arena, suite->list, suite->count, &suite->room, sizeof(*suite->list));
    suite->list[suite->count] = (struct test_case){.section = section, .instance_id = instance_id};
    return &suite->list[suite->count++];
}

static void add_sections(struct test_suite *suite, const struct vmwire_stream *stream,
                         struct vmwire_arena *arena)
{
    for (size_t i = 0; i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (item->kind == VMWIRE_ITEM_SECTION_FULL || item->kind == VMWIRE_ITEM_SECTION_START)
            add_case(suite,
                     vmwire_arena_string(arena, (const char *)item->idstr.data, item->idstr.length),
                     item->instance_id, arena);
    }
}

/* Those of a description, or the types of a dump. */
static void add_devices(struct test_suite *suite, const struct vmwire_device *devices, size_t count,
                        struct vmwire_arena *arena)
{
    for (size_t i = 0; i < count; i++)
        add_case(suite, devices[i].idstr, devices[i].instance_id, arena);
}

/* A structure that another one has is no device. */
static void add_structures(struct test_suite *suite, const struct vmwire_schema *declared,
                           struct vmwire_arena *arena)
{
    for (size_t i = 0; i < declared->declared_count; i++) {
        const struct vmwire_structure *structure = declared->declared[i].structure;
        if (!structure->referred && !structure->is_subsection && structure->name)
            add_case(suite, structure->name, 0, arena);
    }
}

/* By the names under which vmwire_skew() compares them. */
static void add_compared(struct test_suite *suite, const struct vmwire_side *writer,
                         const struct vmwire_side *reader, struct vmwire_arena *arena)
{
    const struct vmwire_schema *described =
        writer->described ? writer->described : reader->described;
    if (writer->stream)
        add_sections(suite, writer->stream, arena);
    else if (described)
        add_devices(suite, described->devices, described->device_count, arena);
    else if (writer->declared)
        add_structures(suite, writer->declared, arena);
    else
        add_devices(suite, writer->dumped->types, writer->dumped->type_count, arena);
}

static bool is_failure(const struct test_case *test)
{
    for (size_t i = 0; i < test->count; i++)
        if (test->list[i]->certainty != VMWIRE_NOT_DECIDED)
            return true;
    return false;
}

static struct test_suite make_suite(const struct crossing *crossing, struct vmwire_arena *arena)
{
    struct test_suite suite = {.list = NULL};
    add_compared(&suite, &crossing->writer->side, &crossing->reader->side, arena);
    for (size_t i = 0; i < crossing->count; i++) {
        const struct vmwire_difference *difference = crossing->list[i];
        struct test_case *test =
            add_case(&suite, difference->section, difference->instance_id, arena);
        test->list =
            vmwire_arena_grow(arena, test->list, test->count, &test->room, sizeof(*test->list));
        test->list[test->count++] = difference;
    }
    for (size_t i = 0; i < suite.count; i++) {
        bool failure = is_failure(&suite.list[i]);
        suite.failures += failure;
        suite.skipped += suite.list[i].count && !failure;
    }
    return suite;
}

/* ---- Printing ---- */

static void print_attribute(const char *name, const char *text)
{
    printf(" %s=\"", name);
    print_quoted(stdout, text, QUOTING_XML);
    putchar('"');
}

static void print_line(const char *label, const char *text)
{
    if (!text || !*text)
        return;
    printf("%s", label);
    print_quoted(stdout, text, QUOTING_XML);
    putchar('\n');
}

static void print_difference(const struct vmwire_difference *difference)
{
    print_line("", difference->rule->about);
    printf("  rule: %s, %s, %s\n", difference->rule->id,
           vmwire_certainty_name(difference->certainty), vmwire_outcome_name(difference->outcome));
    print_line("  structure: ", difference->structure);
    print_line("  field: ", difference->path);
    print_line("  writer: ", difference->writer);
    print_line("  reader: ", difference->reader);
    print_line(difference->certainty == VMWIRE_NOT_DECIDED ? "  missing: " : "  when: ",
               difference->when);
    if (difference->message) {
        printf("  QEMU: ");
        print_message(stdout, difference->message, QUOTING_XML);
        putchar('\n');
    }
    print_line("  advice: ", difference->advice);
}

static void print_result(const struct test_case *test)
{
    const char *element = is_failure(test) ? "failure" : "skipped";
    printf("      <%s", element);
    print_attribute("message", test->list[0]->rule->about);
    if (is_failure(test))
        print_attribute("type", test->list[0]->rule->id);
    printf(">");
    for (size_t i = 0; i < test->count; i++)
        print_difference(test->list[i]);
    printf("</%s>\n", element);
}

static void print_case(const struct crossing *crossing, const struct test_case *test)
{
    printf("    <testcase classname=\"vmwire.skew.%s\" name=\"", crossing->direction);
    print_quoted(stdout, test->section ? test->section : "the stream as a whole", QUOTING_XML);
    if (test->instance_id)
        printf(" instance %" PRIu32, test->instance_id);
    printf("\"%s>\n", test->count ? "" : "/");
    if (!test->count)
        return;
    print_result(test);
    printf("    </testcase>\n");
}

static void print_suite(const struct crossing *crossing, const struct test_suite *suite)
{
    printf("  <testsuite name=\"");
    print_quoted(stdout, crossing->writer->words, QUOTING_XML);
    printf(" to ");
    print_quoted(stdout, crossing->reader->words, QUOTING_XML);
    printf("\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n", suite->count,
           suite->failures, suite->skipped);
    for (size_t i = 0; i < suite->count; i++)
        print_case(crossing, &suite->list[i]);
    printf("    <system-out>");
    print_quoted(stdout, crossing->sentence, QUOTING_XML);
    if (crossing->accepted)
        printf("; accepted: %zu", crossing->accepted);
    printf("</system-out>\n  </testsuite>\n");
}

void print_skew_junit(const struct crossing *crossings, size_t count, struct vmwire_arena *arena)
{
    struct test_suite *suites = vmwire_arena_alloc(arena, count * sizeof(*suites));
    size_t tests = 0, failures = 0, skipped = 0;
    for (size_t i = 0; i < count; i++) {
        suites[i] = make_suite(&crossings[i], arena);
        tests += suites[i].count;
        failures += suites[i].failures;
        skipped += suites[i].skipped;
    }
    printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"vmwire skew\" "
           "tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n",
           tests, failures, skipped);
    for (size_t i = 0; i < count; i++)
        print_suite(&crossings[i], &suites[i]);
    printf("</testsuites>\n");
}
