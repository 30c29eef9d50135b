/*
 * Hot spots; see hot.h. libFuzzer takes the bytes of a section of that name for more coverage; AFL++'s map
 * grows by as many places as there are guards.
 */
#include "hot.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checked.h"
#include "findings.h"

enum {
    LEAST_SIZE = 256, /* bytes of a stream of which the price of a byte counts */
    STEPS = 4,        /* in which a price doubles */
    PRICES = 96,      /* from 1/256 a byte on */
    PLACES = MOST_OPTIONS * COST_KINDS * PRICES,
};

static const struct {
    const char *name;
    size_t offset; /* in struct cost */
} kinds[COST_KINDS] = {
    {"tokens", offsetof(struct cost, tokens)},
    {"reductions", offsetof(struct cost, reductions)},
    {"bytes_examined", offsetof(struct cost, bytes_examined)},
    {"longest_lookahead", offsetof(struct cost, longest_lookahead)},
    {"bytes_allocated", offsetof(struct cost, bytes_allocated)},
    {"peak_memory", offsetof(struct cost, peak_memory)},
};

const char *cost_kind_name(unsigned kind)
{
    return kinds[kind].name;
}

/* ---- Prices -------------------------------------------------------------------------------------- */

static uint64_t paid(const struct cost *cost, unsigned kind)
{
    return *(const uint64_t *)(const void *)((const char *)cost + kinds[kind].offset);
}

static struct cost cost_of_empty(const struct subject *subject,
                                 const struct protocol_option *option)
{
    uint8_t empty[] = {'Q', 'E', 'V', 'M', 0, 0, 0, (uint8_t)option->stream_version, QEMU_VM_EOF};
    struct reading reading = {.option = option, .input = {empty, sizeof(empty)}};
    return checked_cost(subject, reading);
}

void price_of(struct price *price, const struct subject *subject)
{
    *price = (struct price){.size = subject->bytes.length};
    for (size_t i = 0; i < protocol_option_count && i < MOST_OPTIONS; i++) {
        const struct protocol_option *option = &protocol_options[i];
        struct arena_mark mark = arena_mark(subject->arena);
        struct cost least = cost_of_empty(subject, option);
        put_version(subject, option);
        struct cost cost = checked_cost(subject, (struct reading){.option = option});
        for (unsigned kind = 0; kind < COST_KINDS; kind++)
            if (paid(&cost, kind) > paid(&least, kind))
                price->paid[i][kind] = paid(&cost, kind) - paid(&least, kind);
        arena_reset(subject->arena, mark);
    }
}

uint64_t price_per_byte(const struct price *price, size_t option, unsigned kind)
{
    return price->size < LEAST_SIZE ? 0 : price->paid[option][kind] * 256 / price->size;
}

/* ---- Telling the engine -------------------------------------------------------------------------- */

/* libFuzzer's. */
__attribute__((used, section("__libfuzzer_extra_counters"))) static uint8_t counters[PLACES];

/* AFL++'s: they are there where the program was built by it. */
void __afl_coverage_interesting(uint8_t, uint32_t) __attribute__((weak));
void __sanitizer_cov_trace_pc_guard_init(uint32_t *, uint32_t *) __attribute__((weak));
static uint32_t guards[PLACES];

/* Before the map has its size. */
__attribute__((constructor(1000))) static void take_places(void)
{
    if (__afl_coverage_interesting && __sanitizer_cov_trace_pc_guard_init)
        __sanitizer_cov_trace_pc_guard_init(guards, guards + PLACES);
}

/* The logarithm in steps; what lies between two powers of two is divided evenly. */
static size_t step_of(uint64_t price)
{
    unsigned power = 63 - (unsigned)__builtin_clzll(price | 1);
    uint64_t above = price - (UINT64_C(1) << power);
    size_t step = (size_t)power * STEPS + (size_t)(above * STEPS >> power);
    return step < PRICES ? step : PRICES - 1;
}

void hot_reached(size_t option, unsigned kind, uint64_t per_byte)
{
    if (!per_byte)
        return;
    size_t place = (option * COST_KINDS + kind) * PRICES + step_of(per_byte);
    counters[place] = 1;
    if (__afl_coverage_interesting && guards[place])
        __afl_coverage_interesting(1, guards[place]);
}

/* ---- Records ------------------------------------------------------------------------------------- */

static uint64_t known[MOST_OPTIONS][COST_KINDS];

static uint64_t price_of_file(const char *path, size_t option, unsigned kind)
{
    struct subject subject;
    struct price price;
    struct stat there;
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    size_t size = fstat(fileno(file), &there) == 0 ? (size_t)there.st_size : 0;
    uint8_t *data = malloc(size + 1);
    bool usable = data && fread(data, 1, size, file) == size && subject_of(&subject, data, size);
    fclose(file);
    if (usable)
        price_of(&price, &subject);
    free(data);
    return usable ? price_per_byte(&price, option, kind) : 0;
}

/* One process at a time looks what is there and replaces it. */
static void replace(const char *folder, size_t option, unsigned kind, struct bytes input)
{
    char name[128], path[4096];
    int lock = open(folder, O_RDONLY | O_DIRECTORY);
    if (lock < 0 || flock(lock, LOCK_EX) != 0)
        fuzz_fail("a folder for the records", "%s cannot be locked", folder);
    snprintf(name, sizeof(name), "%s:%s", protocol_options[option].name, kinds[kind].name);
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    uint64_t there = price_of_file(path, option, kind);
    if (there < known[option][kind])
        put_file(folder, name, input);
    else
        known[option][kind] = there;
    close(lock);
}

void hot_record(struct bytes input, const struct price *price)
{
    const char *folder = getenv("VMWIRE_RECORDS");
    for (size_t i = 0; folder && i < protocol_option_count && i < MOST_OPTIONS; i++)
        for (unsigned kind = 0; kind < COST_KINDS; kind++) {
            uint64_t per_byte = price_per_byte(price, i, kind);
            if (per_byte <= known[i][kind])
                continue;
            known[i][kind] = per_byte;
            replace(folder, i, kind, input);
        }
}

/* ---- Structures ---------------------------------------------------------------------------------- */

struct counted {
    const char *name;
    uint64_t records, bytes;
};

struct tally {
    struct arena *arena;
    struct counted *structures;
    size_t count, room;
};

static struct counted *counted_as(struct tally *tally, const char *name)
{
    for (size_t i = 0; i < tally->count; i++)
        if (strcmp(tally->structures[i].name, name) == 0)
            return &tally->structures[i];
    tally->structures = arena_grow(tally->arena, tally->structures, tally->count, &tally->room,
                                   sizeof(*tally->structures));
    tally->structures[tally->count] = (struct counted){.name = name};
    return &tally->structures[tally->count++];
}

static void count_item(void *context, const struct item *item)
{
    struct record_walk walk;
    if (!item->record)
        return;
    record_walk_begin(&walk, item->record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;) {
        const char *name = walk.record->structure->name;
        struct counted *counted = counted_as(context, name ? name : "(no name)");
        counted->records += step == RECORD_BEGIN;
        counted->bytes += step == RECORD_VALUE ? walk.value->data.length : 0;
    }
}

void hot_show_structures(const struct subject *subject)
{
    struct tally tally = {.arena = arena_create()};
    struct cost cost;
    struct error error;
    struct reading reading = {.option = subject->option,
                              .input = subject->bytes,
                              .schema = subject->schema,
                              .sink = {&tally, count_item, false}};
    put_version(subject, subject->option);
    if (getenv("VMWIRE_SHOW"))
        stream_read(&reading, &cost, &error);
    for (size_t i = 0; i < tally.count; i++)
        finding_show("structure %llu %llu %s", (unsigned long long)tally.structures[i].records,
                     (unsigned long long)tally.structures[i].bytes, tally.structures[i].name);
    arena_destroy(tally.arena);
}
