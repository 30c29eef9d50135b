/* SPDX-License-Identifier: MIT */
/*
 * Measures and reports costs; see cost_counters.h. libFuzzer reads the bytes of a section of a certain name as
 * further coverage. AFL++ adds an entry to its map for each guard.
 */
#include "properties/cost_counters.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "properties/bounded_read.h"
#include "properties/findings.h"
#include "properties/roundtrip.h"

enum {
    LEAST_SIZE = 256,       /* bytes: a shorter stream has no cost per byte */
    STEPS_PER_DOUBLING = 4, /* counters from a cost to its double */
    COST_STEPS = 96,        /* counters of an option and kind, from 1/256 a byte on */
    COUNTERS = MOST_OPTIONS * COST_KINDS * COST_STEPS,
};

static const struct {
    const char *name;
    size_t offset; /* in struct vmwire_cost */
} kinds[COST_KINDS] = {
    {"tokens", offsetof(struct vmwire_cost, tokens)},
    {"reductions", offsetof(struct vmwire_cost, reductions)},
    {"bytes_examined", offsetof(struct vmwire_cost, bytes_examined)},
    {"longest_lookahead", offsetof(struct vmwire_cost, longest_lookahead)},
    {"bytes_allocated", offsetof(struct vmwire_cost, bytes_allocated)},
    {"peak_memory", offsetof(struct vmwire_cost, peak_memory)},
    {"pairs", offsetof(struct vmwire_cost, pairs)},
};

const char *cost_kind_name(unsigned kind)
{
    return kinds[kind].name;
}

/* ---- Costs --------------------------------------------------------------------------------------- */

static uint64_t cost_value(const struct vmwire_cost *cost, unsigned kind)
{
    return *(const uint64_t *)(const void *)((const char *)cost + kinds[kind].offset);
}

static struct vmwire_cost cost_of_empty(const struct test_case *test_case,
                                        const struct vmwire_option *option)
{
    uint8_t empty[] = {
        'Q', 'E', 'V', 'M', 0, 0, 0, (uint8_t)option->stream_version, VMWIRE_QEMU_VM_EOF};
    struct vmwire_reading reading = {.option = option, .input = {empty, sizeof(empty)}};
    return cost_within_bounds(test_case, reading);
}

/* The stream as the test case's own option reads it, or NULL. */
static const struct vmwire_stream *read_own(const struct test_case *test_case)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    set_stream_version(test_case, test_case->option);
    return vmwire_stream_read_whole(test_case->option, test_case->bytes, test_case->schema,
                                    test_case->arena, &cost, &error);
}

/* What the option's reader is given: the stream with the option's version. Under another encoding that is no stream, and
 * without a description none for a reader that goes by it: so these get what the stream means, if it means anything. */
static struct vmwire_reading reading_of(const struct test_case *test_case,
                                        const struct vmwire_option *option)
{
    struct vmwire_reading reading = {.option = option, .input = test_case->bytes};
    struct vmwire_error error;
    bool encodes = option->encoding != test_case->option->encoding;
    const struct vmwire_stream *state =
        encodes || option->look == VMWIRE_LOOK_DESCRIBED ? read_own(test_case) : NULL;
    set_stream_version(test_case, option);
    if (!state)
        return reading;
    if (encodes && !write_state(test_case, state, option, &reading.input, &error))
        reading.input = test_case->bytes;
    reading.description = description_of(test_case, state, option, option);
    return reading;
}

void measure_costs(struct reading_costs *costs, const struct test_case *test_case)
{
    *costs = (struct reading_costs){0};
    for (size_t i = 0; i < vmwire_option_count && i < MOST_OPTIONS; i++) {
        const struct vmwire_option *option = &vmwire_options[i];
        struct vmwire_arena_mark mark = vmwire_arena_mark(test_case->arena);
        struct vmwire_cost least = cost_of_empty(test_case, option);
        const struct vmwire_reading reading = reading_of(test_case, option);
        struct vmwire_cost cost = cost_within_bounds(test_case, reading);
        costs->size[i] = reading.input.length;
        for (unsigned kind = 0; kind < COST_KINDS; kind++)
            if (cost_value(&cost, kind) > cost_value(&least, kind))
                costs->total[i][kind] = cost_value(&cost, kind) - cost_value(&least, kind);
        vmwire_arena_reset(test_case->arena, mark);
    }
}

uint64_t cost_per_byte(const struct reading_costs *costs, size_t option, unsigned kind)
{
    const size_t size = costs->size[option];
    return size < LEAST_SIZE ? 0 : costs->total[option][kind] * 256 / size;
}

/* ---- Counters ------------------------------------------------------------------------------------ */

/* For libFuzzer. */
__attribute__((used, section("__libfuzzer_extra_counters"))) static uint8_t counters[COUNTERS];

/* For AFL++: these functions exist only if its compiler built the program. */
void __afl_coverage_interesting(uint8_t, uint32_t) __attribute__((weak));
void __sanitizer_cov_trace_pc_guard_init(uint32_t *, uint32_t *) __attribute__((weak));
static uint32_t guards[COUNTERS];

/* Must run before AFL++ fixes the size of its map. */
__attribute__((constructor(1000))) static void reserve_guards(void)
{
    if (__afl_coverage_interesting && __sanitizer_cov_trace_pc_guard_init)
        __sanitizer_cov_trace_pc_guard_init(guards, guards + COUNTERS);
}

/* Returns the logarithm in steps. The range between two powers of two is divided evenly. */
static size_t step_of(uint64_t costs)
{
    unsigned power = 63 - (unsigned)__builtin_clzll(costs | 1);
    uint64_t above = costs - (UINT64_C(1) << power);
    size_t step =
        (size_t)power * STEPS_PER_DOUBLING + (size_t)(above * STEPS_PER_DOUBLING >> power);
    return step < COST_STEPS ? step : COST_STEPS - 1;
}

void report_cost(size_t option, unsigned kind, uint64_t per_byte)
{
    if (!per_byte)
        return;
    size_t place = (option * COST_KINDS + kind) * COST_STEPS + step_of(per_byte);
    counters[place] = 1;
    if (__afl_coverage_interesting && guards[place])
        __afl_coverage_interesting(1, guards[place]);
}

/* ---- Worst inputs ---------------------------------------------------------------------------------- */

static uint64_t known[MOST_OPTIONS][COST_KINDS];

static uint64_t price_of_file(const char *path, size_t option, unsigned kind)
{
    struct test_case test_case;
    struct reading_costs costs;
    struct stat there;
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    size_t size = fstat(fileno(file), &there) == 0 ? (size_t)there.st_size : 0;
    uint8_t *data = malloc(size + 1);
    bool usable =
        data && fread(data, 1, size, file) == size && parse_test_case(&test_case, data, size);
    fclose(file);
    if (usable)
        measure_costs(&costs, &test_case);
    free(data);
    return usable ? cost_per_byte(&costs, option, kind) : 0;
}

/* Locks the folder, compares with the file there, and replaces it. */
static void replace_worst(const char *folder, size_t option, unsigned kind,
                          struct vmwire_bytes input)
{
    char name[128], path[4096];
    int lock = open(folder, O_RDONLY | O_DIRECTORY);
    if (lock < 0 || flock(lock, LOCK_EX) != 0)
        fuzz_fail("VMWIRE_RECORDS names a writable folder", "%s cannot be locked", folder);
    snprintf(name, sizeof(name), "%s:%s", vmwire_options[option].name, kinds[kind].name);
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    uint64_t there = price_of_file(path, option, kind);
    if (there < known[option][kind])
        write_file(folder, name, input);
    else
        known[option][kind] = there;
    close(lock);
}

void keep_worst_input(struct vmwire_bytes input, const struct reading_costs *costs)
{
    const char *folder = getenv("VMWIRE_RECORDS");
    for (size_t i = 0; folder && i < vmwire_option_count && i < MOST_OPTIONS; i++)
        for (unsigned kind = 0; kind < COST_KINDS; kind++) {
            uint64_t per_byte = cost_per_byte(costs, i, kind);
            if (per_byte <= known[i][kind])
                continue;
            known[i][kind] = per_byte;
            replace_worst(folder, i, kind, input);
        }
}

/* ---- Structures ---------------------------------------------------------------------------------- */

struct counted {
    const char *name;
    uint64_t records, bytes;
};

struct tally {
    struct vmwire_arena *arena;
    struct counted *structures;
    size_t count, room;
};

static struct counted *structure_count(struct tally *tally, const char *name)
{
    for (size_t i = 0; i < tally->count; i++)
        if (strcmp(tally->structures[i].name, name) == 0)
            return &tally->structures[i];
    tally->structures = vmwire_arena_grow(tally->arena, tally->structures, tally->count,
                                          &tally->room, sizeof(*tally->structures));
    tally->structures[tally->count] = (struct counted){.name = name};
    return &tally->structures[tally->count++];
}

static void count_item(void *context, const struct vmwire_item *item)
{
    struct vmwire_record_walk walk;
    if (!item->record)
        return;
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        const char *name = walk.record->structure->name;
        struct counted *counted = structure_count(context, name ? name : "(no name)");
        counted->records += step == VMWIRE_RECORD_BEGIN;
        counted->bytes += step == VMWIRE_RECORD_VALUE ? walk.value->data.length : 0;
    }
}

void show_structures(const struct test_case *test_case)
{
    struct tally tally = {.arena = vmwire_arena_create()};
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_reading reading = {.option = test_case->option,
                                     .input = test_case->bytes,
                                     .schema = test_case->schema,
                                     .sink = {&tally, count_item, false}};
    set_stream_version(test_case, test_case->option);
    if (getenv("VMWIRE_SHOW"))
        vmwire_stream_read(&reading, &cost, &error);
    for (size_t i = 0; i < tally.count; i++)
        show_line("structure %llu %llu %s", (unsigned long long)tally.structures[i].records,
                  (unsigned long long)tally.structures[i].bytes, tally.structures[i].name);
    vmwire_arena_destroy(tally.arena);
}
