/* SPDX-License-Identifier: MIT */
/* Applies an alteration and checks the reader's answer; see single_alteration.h. */
#include "properties/single_alteration.h"

#include <string.h>

#include "properties/alteration.h"
#include "properties/alteration_items.h"
#include "properties/alteration_numbers.h"
#include "properties/ambiguous_readings.h"
#include "properties/bounded_read.h"
#include "properties/findings.h"
#include "properties/roundtrip.h"

static struct vmwire_bytes altered_bytes(const struct accepted_stream *accepted,
                                         const struct alteration *alteration)
{
    size_t before = (size_t)(alteration->at - accepted->bytes.data);
    size_t behind = accepted->bytes.length - before - alteration->removed;
    size_t length = before + alteration->put.count + behind;
    uint8_t *bytes = vmwire_arena_alloc(accepted->test_case->arena, length);
    memcpy(bytes, accepted->bytes.data, before);
    memcpy(bytes + before, alteration->put.bytes, alteration->put.count);
    memcpy(bytes + before + alteration->put.count, alteration->at + alteration->removed, behind);
    return (struct vmwire_bytes){bytes, length};
}

/* Returns the next item from `place` on that lies outside of these bytes. Packages do not count: their content
 * does. */
static const struct vmwire_item *next_other_item(const struct vmwire_stream *stream, size_t *place,
                                                 struct vmwire_bytes left)
{
    while (*place < stream->item_count) {
        const struct vmwire_item *item = stream->items[(*place)++];
        bool within = item->raw.data >= left.data && item->raw.data < left.data + left.length;
        if (!within && item->kind != VMWIRE_ITEM_PACKAGE && item->kind != VMWIRE_ITEM_PACKAGE_END)
            return item;
    }
    return NULL;
}

static bool same_other_items(const struct vmwire_stream *was, struct vmwire_bytes removed,
                             const struct vmwire_stream *is, struct vmwire_bytes put)
{
    size_t i = 0, j = 0;
    const struct vmwire_item *a, *b;
    do {
        a = next_other_item(was, &i, removed);
        b = next_other_item(is, &j, put);
        if (!a != !b || (a && !vmwire_item_equal(a, b)))
            return false;
    } while (a);
    return true;
}

/* Checks that the writer sends the stream as it was read. Only subsections behind their section may change order. */
static void require_same_when_written(const struct accepted_stream *accepted,
                                      const struct vmwire_schema *schema,
                                      const struct vmwire_stream *stream, struct vmwire_bytes bytes)
{
    struct vmwire_bytes written;
    struct vmwire_error error = {0};
    const struct vmwire_option *option = accepted->option;
    if (has_mapped_blocks(stream) ||
        !write_state(accepted->test_case, stream, option, &written, &error))
        return;
    if (written.length == bytes.length && memcmp(written.data, bytes.data, bytes.length) == 0)
        return;
    fuzz_require(option->subsections != VMWIRE_SUBSECTION_INLINE,
                 "%s under %s: the altered stream is written differently than it was read",
                 accepted->test_case->name, option->name);
    struct read_result again = read_within_bounds(
        accepted->test_case,
        (struct vmwire_reading){.option = option, .input = written, .schema = schema});
    fuzz_require(again.stream && vmwire_stream_equal(stream, again.stream),
                 "%s under %s: the altered stream changes when it is written and read again: %s",
                 accepted->test_case->name, option->name, again.error.message);
}

/* A reader that counts readings may refuse a valid stream, because it has a second reading; and it may take another
 * reading where one is altered. It must not read what no writer sends. Returns true if this is all that can be said. */
static bool is_other_reading(const struct accepted_stream *accepted,
                             const struct alteration *alteration, const struct read_result *altered)
{
    if (accepted->option->look != VMWIRE_LOOK_IF_ONLY_READING)
        return false;
    fuzz_require(!altered->stream || could_be_sent(altered->stream),
                 "%s reads what no writer sends", accepted->option->name);
    return alteration->expectation == EXPECT_REFUSED || !altered->stream;
}

static void require_expectation(const struct accepted_stream *accepted,
                                const struct alteration *alteration)
{
    const struct test_case *test_case = accepted->test_case;
    const char *option = accepted->option->name;
    struct vmwire_bytes bytes = altered_bytes(accepted, alteration);
    uint64_t at = (uint64_t)(alteration->at - accepted->bytes.data);
    unsigned long long offset = at + alteration->error_at;
    struct read_result altered = read_within_bounds(
        test_case, (struct vmwire_reading){
                       .option = accepted->option, .input = bytes, .schema = alteration->schema});
    if (is_other_reading(accepted, alteration, &altered))
        return;
    if (alteration->expectation == EXPECT_REFUSED) {
        fuzz_require(!altered.stream, "%s under %s: the alteration at %#llx is accepted",
                     test_case->name, option, offset);
        fuzz_require(alteration->kind == VMWIRE_ERROR_NONE ||
                         (altered.error.kind == alteration->kind && altered.error.offset == offset),
                     "%s under %s: expected the refusal \"%s\" at %#llx, got: %s", test_case->name,
                     option, vmwire_error_kind_name(alteration->kind), offset,
                     altered.error.message);
        return;
    }
    fuzz_require(altered.stream, "%s under %s: a valid altered stream is refused: %s",
                 test_case->name, option, altered.error.message);
    if (alteration->expectation == EXPECT_DIFFERENT) {
        fuzz_require(!vmwire_stream_equal(accepted->stream, altered.stream),
                     "%s under %s: the alteration at %#llx leaves the stream equal",
                     test_case->name, option, offset);
        return;
    }
    struct vmwire_bytes removed = {alteration->at, alteration->removed};
    struct vmwire_bytes put = {bytes.data + at, alteration->put.count};
    fuzz_require(altered.stream->item_count ==
                         accepted->stream->item_count + alteration->added_items &&
                     same_other_items(accepted->stream, removed, altered.stream, put),
                 "%s under %s: items beside the replacement at %#llx changed", test_case->name,
                 option, offset);
    require_same_when_written(accepted, alteration->schema, altered.stream, bytes);
}

static bool try_functions(struct accepted_stream *accepted, alteration_function *const *functions,
                          size_t count)
{
    static struct alteration alteration; /* too large for the stack */
    size_t first = pick(accepted, count);
    for (size_t i = 0; i < count; i++) {
        alteration = (struct alteration){.removed = 0};
        if (!functions[(first + i) % count](accepted, &alteration))
            continue;
        require_expectation(accepted, &alteration);
        return true;
    }
    return false;
}

static size_t count_functions(alteration_function *const *functions)
{
    size_t count = 0;
    while (functions[count])
        count++;
    return count;
}

void require_alteration_handled(const struct test_case *test_case,
                                const struct vmwire_option *option, struct vmwire_bytes bytes,
                                const struct vmwire_stream *stream)
{
    struct accepted_stream accepted = {test_case, option, bytes, stream, vmwire_fingerprint(bytes)};
    /* A schema from the stream itself may have the names that an alteration inserts. */
    if (test_case->number == SCHEMA_FROM_STREAM)
        return;
    /* The alterations are of QEMU's encoding. tests/test_asn1.c alters DER. */
    if (option->encoding != VMWIRE_ENCODING_QEMU)
        return;
    bool items = claims_exactness(test_case, option) && !has_mapped_blocks(stream);
    if (items && pick(&accepted, 2) &&
        try_functions(&accepted, alteration_items, count_functions(alteration_items)))
        return;
    try_functions(&accepted, alteration_numbers, count_functions(alteration_numbers));
}
