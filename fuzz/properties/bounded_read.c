/* SPDX-License-Identifier: MIT */
/*
 * Reads and checks the bounds; see bounded_read.h. The bounds come from these limits:
 *
 *   records     the reader allows 2 for each byte, and 16384 more (lexer.h, LEXER_RECORDS)
 *   tokens      each record makes two, and each byte can be one
 *   examined    each byte once; bytes up to the footer behind null pointers once more; at a tail at most the marker,
 *               length and name of a header. There are as many tails as records and subsections.
 *   reductions  a chunk of a dirty bitmap with only flags is one token, and five rules end with it
 *   lookahead   the same header: no decision needs more
 *   memory      a token has at most one node, and lists leave old memory behind as they grow. Where subsections follow
 *               their section, each record (two tokens) is kept with its path and in an index
 *               A reader that goes by the description loads it: a structure of it has a few dozen bytes there.
 *               In DER an INTEGER of 3 bytes can stand for a field of 8
 *   pairs       of a byte and a place, where readings are counted: 64 for each byte, and some for each stream
 *               (counted_readings.h). Each examines a header at most, and is kept at most. Then a look-ahead goes as far as
 *               the section.
 */
#include "properties/bounded_read.h"

#include "properties/findings.h"

enum {
    RECORDS_PER_BYTE = 2,
    RECORDS_BESIDES = 16384,
    TOKENS_PER_BYTE = 2 * RECORDS_PER_BYTE + 1,
    TOKENS_BESIDES = 2 * RECORDS_BESIDES + 16,
    REDUCTIONS_PER_TOKEN = 5,
    REDUCTIONS_BESIDES = 8,
    EXAMINED_PER_TAIL = 1 + 1 + UINT8_MAX,
    MEMORY_PER_TOKEN = 128,
    MEMORY_PER_KEPT_TOKEN = 192,
    MEMORY_BESIDES = 128 << 10,
    MEMORY_PER_DER_BYTE = 8,
    MEMORY_PER_DESCRIBED_BYTE = 16,
    PAIRS_PER_BYTE = 64,
    PAIRS_BESIDES = (1 << 22) + 4096,
    MEMORY_PER_PAIR = 512,
    MEMORY_PER_COUNT = 8 << 10,
};

static void require_cost(const struct vmwire_reading *reading, const struct vmwire_cost *cost,
                         bool accepted)
{
    const char *option = reading->option->name;
    uint64_t length = reading->input.length;
    uint64_t tails = cost->records + cost->subsections;
    bool counts = reading->option->look == VMWIRE_LOOK_IF_ONLY_READING && !reading->chooser.takes;
    /* The description comes last. */
    bool described = reading->option->look == VMWIRE_LOOK_DESCRIBED && !reading->description &&
                     !reading->chooser.takes;
    bool looks_to_end = counts || described;
    bool der = reading->option->encoding == VMWIRE_ENCODING_DER;
    bool keeps_records = reading->option->subsections != VMWIRE_SUBSECTION_INLINE;
    uint64_t memory = (keeps_records ? MEMORY_PER_KEPT_TOKEN : MEMORY_PER_TOKEN) * cost->tokens +
                      MEMORY_BESIDES + MEMORY_PER_PAIR * cost->pairs +
                      (counts ? MEMORY_PER_COUNT * (cost->sections + 1) : 0) +
                      (described ? MEMORY_PER_DESCRIBED_BYTE * length : 0) +
                      (der ? MEMORY_PER_DER_BYTE * length : 0);
    fuzz_require(cost->pairs <= (counts ? PAIRS_PER_BYTE * length + PAIRS_BESIDES : 0), "%s: %llu",
                 option, (unsigned long long)cost->pairs);
    fuzz_require(cost->records <= RECORDS_PER_BYTE * length + RECORDS_BESIDES, "%s: %llu", option,
                 (unsigned long long)cost->records);
    fuzz_require(cost->tokens <= TOKENS_PER_BYTE * length + TOKENS_BESIDES, "%s: %llu", option,
                 (unsigned long long)cost->tokens);
    fuzz_require(cost->bytes_examined <= (looks_to_end ? 3 : 2) * length +
                                             EXAMINED_PER_TAIL * (tails + 2 * cost->pairs) +
                                             cost->tokens,
                 "%s: %llu", option, (unsigned long long)cost->bytes_examined);
    fuzz_require(cost->reductions <= REDUCTIONS_PER_TOKEN * cost->tokens + REDUCTIONS_BESIDES,
                 "%s: %llu", option, (unsigned long long)cost->reductions);
    fuzz_require(cost->longest_lookahead <= (looks_to_end ? length + 1 : EXAMINED_PER_TAIL),
                 "%s: %llu", option, (unsigned long long)cost->longest_lookahead);
    fuzz_require(cost->peak_memory <= memory, "%s: %llu", option,
                 (unsigned long long)cost->peak_memory);
    fuzz_require(cost->bytes_allocated <= memory, "%s: %llu", option,
                 (unsigned long long)cost->bytes_allocated);
    fuzz_require(accepted ? vmwire_cost_bytes_read(cost) == length
                          : vmwire_cost_bytes_read(cost) <= length,
                 "%s: %llu", option, (unsigned long long)vmwire_cost_bytes_read(cost));
}

static void require_error(const struct vmwire_reading *reading, const struct vmwire_error *error)
{
    fuzz_require(error->kind != VMWIRE_ERROR_NONE, "%s", reading->option->name);
    fuzz_require(error->message[0], "%s", reading->option->name);
    fuzz_require(error->offset <= reading->input.length, "%s: %s", reading->option->name,
                 error->message);
}

static struct vmwire_reading fill_defaults(const struct test_case *test_case,
                                           struct vmwire_reading reading)
{
    if (!reading.input.data)
        reading.input = test_case->bytes;
    if (!reading.schema)
        reading.schema = test_case->schema;
    reading.arena = test_case->arena;
    return reading;
}

static void require_bounds(const struct vmwire_reading *reading, const struct vmwire_cost *cost,
                           const struct vmwire_error *error, bool accepted)
{
    require_cost(reading, cost, accepted);
    if (!accepted)
        require_error(reading, error);
}

struct read_result read_within_bounds(const struct test_case *test_case,
                                      struct vmwire_reading reading)
{
    struct read_result result;
    reading = fill_defaults(test_case, reading);
    result.stream = vmwire_stream_collect(reading, &result.cost, &result.error);
    require_bounds(&reading, &result.cost, &result.error, result.stream);
    return result;
}

struct vmwire_cost cost_within_bounds(const struct test_case *test_case,
                                      struct vmwire_reading reading)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    reading = fill_defaults(test_case, reading);
    bool accepted = vmwire_stream_read(&reading, &cost, &error);
    require_bounds(&reading, &cost, &error, accepted);
    return cost;
}
