/* SPDX-License-Identifier: MIT */
/*
 * The grammar-aware mutator of streams, as the fuzzing engines call it.
 *
 * It reads an input as a stream, changes its tree or the bytes of its fields, and writes it again. So most of its
 * results are streams that say something else. An input that is no stream is mutated as bytes (mutate_bytes).
 */
#include "inputs/must.h"
#include "inputs/test_case.h"
#include "mutator/framing.h"
#include "mutator/fuzzing_engine.h"
#include "mutator/mutation.h"
#include "mutator/plant.h"
#include "mutator/tree.h"

#include <string.h>

static bool is_case(const uint8_t *data, size_t size)
{
    return size >= TEST_CASE_HEADER + 4 && memcmp(data + TEST_CASE_HEADER, "QEVM", 4) == 0;
}

/* All states of one shipped schema are one kind. Generated schemas are small, quick and many: they have no kind. */
unsigned input_kind(const uint8_t *data, size_t size)
{
    struct test_case test_case;
    bool shipped = is_case(data, size) && vmwire_be16(data) < FIRST_GENERATED &&
                   parse_test_case(&test_case, data, size) && read_state(&test_case);
    return shipped ? vmwire_be16(data) % shipped_schema_count() % INPUT_KINDS : INPUT_KINDS;
}

/* ---- Trees ----------------------------------------------------------------------------------------- */

/* Mostly the option that the stream came as. But only an exact option keeps every state. */
static const struct vmwire_option *option_to_write(struct chooser *chooser,
                                                   const struct vmwire_option *option)
{
    if (!option->exact && choose(chooser, 2))
        return vmwire_option_find("standalone");
    if (option->exact && !choose(chooser, 8))
        return vmwire_option_find(choose(chooser, 2) ? "heuristic" : "flagday");
    return option;
}

static size_t write_case(struct mutation *mutation, const struct test_case *test_case,
                         uint8_t *data, size_t max_size)
{
    struct vmwire_error error;
    struct vmwire_writing writing = {
        .option = option_to_write(mutation->chooser, test_case->option), .arena = mutation->arena};
    for (size_t i = 0; i < mutation->count; i++)
        writing.footers |= mutation->items[i]->footer;
    struct vmwire_writer *writer = must_create_writer(&writing);
    bool written = true;
    for (size_t i = 0; written && i < mutation->count; i++)
        written = vmwire_writer_item(writer, mutation->items[i], &error);
    struct vmwire_bytes bytes = vmwire_writer_output(writer);
    vmwire_writer_destroy(writer);
    if (!written || bytes.length > max_size - TEST_CASE_HEADER)
        return 0;
    data[0] = (uint8_t)(test_case->number >> 8);
    data[1] = (uint8_t)test_case->number;
    data[2] = test_case->choice;
    memcpy(data + TEST_CASE_HEADER, bytes.data, bytes.length);
    return TEST_CASE_HEADER + bytes.length;
}

static void mutate(struct mutation *mutation)
{
    static void (*const ways[])(struct mutation *) = {plant, plant, plant, mutate_fields,
                                                      mutate_tree};
    for (unsigned count = 1 + choose(mutation->chooser, 3); count; count--)
        ways[choose(mutation->chooser, sizeof(ways) / sizeof(ways[0]))](mutation);
}

/* Picks a few shipped schemas and returns the one that was used least. */
static unsigned some_shipped(struct chooser *chooser)
{
    enum { CANDIDATES = 4 };
    static unsigned turns[INPUT_KINDS];
    unsigned rarest = choose(chooser, shipped_schema_count());
    for (unsigned i = 1; i < CANDIDATES; i++) {
        unsigned number = choose(chooser, shipped_schema_count());
        if (turns[number % INPUT_KINDS] < turns[rarest % INPUT_KINDS])
            rarest = number;
    }
    turns[rarest % INPUT_KINDS]++;
    return rarest;
}

/* Chooses another schema. There is no state of it yet, so the mutation begins with its devices. */
static void change_schema(struct chooser *chooser, struct test_case *test_case)
{
    unsigned first = choose(chooser, 4) ? FIRST_GENERATED : FIRST_DEPENDENT;
    unsigned number =
        choose(chooser, 2) ? some_shipped(chooser) : first + choose(chooser, 0x10000 - first);
    choose_schema(test_case, number, (uint8_t)choose(chooser, 256));
    test_case->option = vmwire_option_find("standalone");
}

/* Chooses how the other release differs. */
static void change_difference(struct chooser *chooser, struct test_case *test_case)
{
    if (!test_case->later)
        choose_difference(test_case, (enum difference)choose(chooser, DIFFERENCE_COUNT));
}

/* Chooses the option that the input tests: more often one whose reader can be misled. */
static void change_option(struct chooser *chooser, struct test_case *test_case)
{
    static const char *const names[] = {
        "heuristic",  "heuristic", "heuristic", "guarded", "guarded",    "legacy",   "flagday",
        "standalone", "toplevel",  "framed",    "framed",  "consistent", "combined", "asn1"};
    unsigned option = choose(chooser, sizeof(names) / sizeof(names[0]));
    choose_option(test_case, vmwire_option_find(names[option]));
}

/* Returns 0 if the input cannot be mutated as a stream. */
static size_t mutate_case(struct chooser *chooser, uint8_t *data, size_t size, size_t max_size)
{
    struct test_case test_case;
    if (!is_case(data, size) || !parse_test_case(&test_case, data, size))
        return 0;
    struct mutation mutation = {.chooser = chooser, .arena = test_case.arena};
    bool other_schema = !choose(chooser, 16);
    if (other_schema)
        change_schema(chooser, &test_case);
    const struct vmwire_stream *state = other_schema ? NULL : read_state(&test_case);
    if (!other_schema && !state)
        return 0;
    if (state && !choose(chooser, 12)) {
        mutate_framing(chooser, &test_case, state, data + TEST_CASE_HEADER);
        return size;
    }
    if (!choose(chooser, 16))
        change_difference(chooser, &test_case);
    if (!choose(chooser, 4))
        change_option(chooser, &test_case);
    mutation.schema = test_case.schema;
    mutation.option = chosen_option(&test_case);
    if (state)
        mutation_begin(&mutation, state);
    else
        mutation_fresh(&mutation);
    if (!mutation.count)
        return 0;
    mutate(&mutation);
    return write_case(&mutation, &test_case, data, max_size);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    struct chooser chooser = {seed};
    size_t mutated = choose(&chooser, 16) ? mutate_case(&chooser, data, size, max_size) : 0;
    return mutated ? mutated : mutate_bytes(&chooser, data, size, max_size);
}

/* ---- Two inputs ------------------------------------------------------------------------------------ */

/* Reads a copy of the stream, which stays valid when the next input is read. */
static const struct vmwire_stream *kept_state(const uint8_t *data, size_t size,
                                              struct vmwire_arena *arena)
{
    struct test_case test_case;
    struct vmwire_cost cost;
    struct vmwire_error error;
    if (!is_case(data, size) || !parse_test_case(&test_case, data, size))
        return NULL;
    uint8_t *copy = vmwire_arena_alloc(arena, test_case.bytes.length);
    memcpy(copy, test_case.bytes.data, test_case.bytes.length);
    return vmwire_stream_read_whole(test_case.option,
                                    (struct vmwire_bytes){copy, test_case.bytes.length},
                                    test_case.schema, arena, &cost, &error);
}

static size_t cross_cases(struct chooser *chooser, const uint8_t *data, size_t size,
                          const struct vmwire_stream *other, uint8_t *out, size_t max_size)
{
    struct test_case test_case;
    if (!is_case(data, size) || !parse_test_case(&test_case, data, size))
        return 0;
    const struct vmwire_stream *state = read_state(&test_case);
    struct mutation mutation = {
        .chooser = chooser, .arena = test_case.arena, .schema = test_case.schema};
    if (!state)
        return 0;
    mutation_begin(&mutation, state);
    for (unsigned i = 1 + choose(chooser, 3); i; i--)
        splice_section(&mutation, other);
    if (choose(chooser, 2))
        mutate_tree(&mutation);
    return write_case(&mutation, &test_case, out, max_size);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *data, size_t size, const uint8_t *other,
                                 size_t other_size, uint8_t *out, size_t max_size, unsigned seed)
{
    struct chooser chooser = {seed};
    struct vmwire_arena *arena = vmwire_arena_create();
    bool same_schema =
        size >= TEST_CASE_HEADER && other_size >= TEST_CASE_HEADER && memcmp(data, other, 2) == 0;
    const struct vmwire_stream *from = same_schema ? kept_state(other, other_size, arena) : NULL;
    size_t made = from ? cross_cases(&chooser, data, size, from, out, max_size) : 0;
    vmwire_arena_destroy(arena);
    if (made)
        return made;
    size = size < max_size ? size : max_size;
    memcpy(out, data, size);
    return LLVMFuzzerCustomMutator(out, size, max_size, seed + 1);
}
