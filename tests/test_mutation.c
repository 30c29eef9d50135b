/* SPDX-License-Identifier: MIT */
/*
 * Damaged streams: whatever is cut off a real capture, and whichever of its bytes is changed, a
 * reader accepts it or gives an error that says where and what, in time and memory bounded by the
 * input. And two readers in one process do not know of each other.
 *
 *     test_mutation [FOLDER]     corpus/streams
 *     VMWIRE_FLIPS=N             how many bytes are changed, one at a time: 20000
 *     VMWIRE_SEED=N              another choice of bytes
 *
 * The work is shared by as many threads as there are processors; what each mutant is depends on the
 * seed and its number alone.
 */
#include "corpus.h"
#include "share.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#if defined(ARENA_POISONED)
#define POISON(data, length)   ASAN_POISON_MEMORY_REGION(data, length)
#define UNPOISON(data, length) ASAN_UNPOISON_MEMORY_REGION(data, length)
#else
#define POISON(data, length)   ((void)(data), (void)(length))
#define UNPOISON(data, length) ((void)(data), (void)(length))
#endif

enum {
    GRID = 4096,       /* cut off at each of the first bytes */
    RANDOM_CUTS = 500, /* and at as many places of the whole stream */
    FLIPS = 20000,     /* bytes changed, unless VMWIRE_FLIPS says otherwise */
    BATCH = 64,        /* of them that a thread takes at a time */
    THREAD_LIMIT = 16,
    PATIENCE = 1200,      /* seconds after which something hangs */
    WORK_PER_BYTE = 4,    /* tokens for each byte of the input or field of the schema */
    WORK_BESIDES = 65536, /* tokens */
};

static const uint64_t memory_besides = 16 << 20; /* and four times the input */

/* ---- Memory that jansson holds, by thread ---------------------------------------------------- */

static _Thread_local uint64_t json_held, json_peak;

union json_block {
    size_t size;
    max_align_t align;
};

static void *json_counted_malloc(size_t size)
{
    union json_block *block = malloc(sizeof(*block) + size);
    if (!block)
        return NULL;
    block->size = size;
    json_held += size;
    if (json_held > json_peak)
        json_peak = json_held;
    return block + 1;
}

static void json_counted_free(void *memory)
{
    if (!memory)
        return;
    union json_block *block = (union json_block *)memory - 1;
    json_held -= block->size;
    free(block);
}

/* ---- What is mutated ------------------------------------------------------------------------- */

/* The bytes of a value, and the section that an error in them must name. */
struct span {
    size_t begin, end;
    const char *section;
};

/* A capture as one option writes it. */
struct subject {
    const struct capture *capture;
    const struct vmwire_option *option;
    struct vmwire_writer *writer; /* of its bytes; NULL: they are the capture's own */
    struct vmwire_bytes bytes;
    size_t json_begin;  /* of the description; the length where there is none */
    struct span *spans; /* of all values, sorted */
    size_t span_count, span_size;
    struct vmwire_arena *arena; /* of the sections' names */
};

static struct corpus corpus;
static unsigned long share = 1;
static struct subject *subjects; /* for each capture as many as there are options */
static size_t fields_of_schemas; /* the most that any capture's schema has */

static void add_span(struct subject *subject, struct vmwire_bytes data, const char *section)
{
    if (subject->span_count == subject->span_size) {
        subject->span_size = subject->span_size ? 2 * subject->span_size : 1024;
        subject->spans =
            must(realloc(subject->spans, subject->span_size * sizeof(*subject->spans)));
    }
    size_t begin = (size_t)(data.data - subject->bytes.data);
    subject->spans[subject->span_count++] = (struct span){begin, begin + data.length, section};
}

static void map_item(void *context, const struct vmwire_item *item)
{
    struct subject *subject = context;
    if (!item->record)
        return;
    char section[300];
    int length = snprintf(section, sizeof(section), "\"%.*s\" instance %u", (int)item->idstr.length,
                          (const char *)item->idstr.data, item->instance_id);
    const char *name = vmwire_arena_string(subject->arena, section, (size_t)length);
    /* In DER a value can be shorter. Its first octet is there. */
    const bool der = subject->option->encoding == VMWIRE_ENCODING_DER;
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_VALUE && walk.value->data.length)
            add_span(subject,
                     (struct vmwire_bytes){vmwire_value_place(walk.value, subject->bytes),
                                           der ? 1 : walk.value->data.length},
                     name);
}

static int compare_spans(const void *a_pointer, const void *b_pointer)
{
    const struct span *a = a_pointer, *b = b_pointer;
    return (a->begin > b->begin) - (a->begin < b->begin);
}

/* The value that a byte belongs to, or NULL. */
static const struct span *span_at(const struct subject *subject, uint64_t offset)
{
    size_t low = 0, high = subject->span_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (subject->spans[middle].end <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < subject->span_count && subject->spans[low].begin <= offset ? &subject->spans[low]
                                                                            : NULL;
}

/* The stream as `option` writes it, and where its values are. Legacy and guarded read the same
 * bytes as heuristic, which tells where the values of all three are. */
static void make_subject(struct subject *subject, const struct capture *capture,
                         const struct vmwire_option *option)
{
    const struct vmwire_option *heuristic = option_named("heuristic");
    *subject = (struct subject){capture, option, .bytes = capture->input.bytes,
                                .arena = vmwire_arena_create()};
    const struct vmwire_option *reader = heuristic;
    struct vmwire_cost cost;
    struct vmwire_error error = {0};
    if (option->stream_version != VMWIRE_QEMU_VM_FILE_VERSION ||
        option->subsections != VMWIRE_SUBSECTION_INLINE) {
        struct vmwire_arena *arena = vmwire_arena_create();
        struct vmwire_stream *stream = vmwire_stream_read_whole(
            heuristic, capture->input.bytes, capture->schema, arena, &cost, &error);
        subject->writer = stream ? write_whole(stream, option, false, &error) : NULL;
        if (!subject->writer)
            TEST_BROKEN("%s to %s: %s", capture->name, option->name, error.message);
        subject->bytes = vmwire_writer_output(subject->writer);
        vmwire_arena_destroy(arena);
        reader = option;
    }
    struct vmwire_reading reading = {.option = reader,
                                     .input = subject->bytes,
                                     .schema = capture->schema,
                                     .sink = {subject, map_item, false}};
    if (!vmwire_stream_read(&reading, &cost, &error))
        TEST_BROKEN("%s under %s: %s", capture->name, reader->name, error.message);
    qsort(subject->spans, subject->span_count, sizeof(*subject->spans), compare_spans);
    struct vmwire_bytes json = vmwire_description_find(subject->bytes);
    subject->json_begin =
        json.length ? (size_t)(json.data - subject->bytes.data) : subject->bytes.length;
}

static size_t count_fields(const struct vmwire_schema *schema)
{
    size_t count = 0;
    for (const struct vmwire_structure *each = schema->structures; each; each = each->next)
        count += each->field_count;
    return count;
}

static int set_up(void **state)
{
    (void)state;
    subjects = must(calloc(corpus.count * vmwire_option_count, sizeof(*subjects)));
    for (size_t i = 0; i < corpus.count; i++) {
        for (size_t j = 0; j < vmwire_option_count; j++)
            make_subject(&subjects[i * vmwire_option_count + j], &corpus.captures[i],
                         &vmwire_options[j]);
        size_t fields = count_fields(corpus.captures[i].schema);
        if (fields > fields_of_schemas)
            fields_of_schemas = fields;
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < corpus.count * vmwire_option_count; i++) {
        vmwire_writer_destroy(subjects[i].writer);
        vmwire_arena_destroy(subjects[i].arena);
        free(subjects[i].spans);
    }
    free(subjects);
    return 0;
}

/* The subject of a capture under heuristic, or under the nth of the other options. */
static const struct subject *subject_of(size_t capture, const char *option)
{
    for (size_t j = 0; j < vmwire_option_count; j++)
        if (strcmp(vmwire_options[j].name, option) == 0)
            return &subjects[capture * vmwire_option_count + j];
    TEST_BROKEN("no option %s", option);
}

static const struct subject *other_subject(size_t capture, size_t n)
{
    static const char *const others[] = {"flagday", "standalone", "toplevel", "legacy",
                                         "guarded", "framed",     "combined", "consistent",
                                         "asn1",    "described"};
    return subject_of(capture, others[n % (sizeof(others) / sizeof(others[0]))]);
}

/* ---- Findings, from all threads -------------------------------------------------------------- */

static struct {
    pthread_mutex_t lock;
    size_t accepted, rejected, failed;
    uint64_t memory; /* the most that any mutant took beyond four times its size */
    char first[1024];
} results = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void take_result(bool accepted, uint64_t memory, const char *failure)
{
    pthread_mutex_lock(&results.lock);
    results.accepted += accepted;
    results.rejected += !accepted;
    if (memory > results.memory)
        results.memory = memory;
    if (failure && !results.failed++)
        snprintf(results.first, sizeof(results.first), "%s", failure);
    pthread_mutex_unlock(&results.lock);
}

static void check_results(const char *what)
{
    print_message("# %s: %zu mutants accepted, %zu rejected, at most %" PRIu64
                  " bytes beyond 4 times the input\n",
                  what, results.accepted, results.rejected, results.memory);
    size_t failed = results.failed;
    results.accepted = results.rejected = results.failed = 0;
    results.memory = 0;
    if (failed)
        fail_msg("%zu mutants, the first: %s", failed, results.first);
}

/* ---- One mutant ------------------------------------------------------------------------------ */

struct mutant {
    const struct subject *subject;
    struct vmwire_bytes bytes;
    size_t place; /* the byte that was changed, or the first that was cut off */
    bool cut;     /* which of the two */
    uint8_t was;  /* the changed byte */
    const struct vmwire_schema *schema;
    uint64_t schema_memory; /* of a schema made for it */
};

/* What is wrong with an error, or NULL. */
static const char *judge_error(const struct mutant *mutant, const struct vmwire_error *error)
{
    const struct span *damaged = span_at(mutant->subject, mutant->place);
    if (error->kind == VMWIRE_ERROR_NONE || !error->message[0])
        return "an error that says nothing";
    if (error->offset > mutant->bytes.length)
        return "an error beyond the end";
    if (!damaged || error->offset < damaged->begin)
        return NULL;
    /* A reader that goes by the description misses that, at the end of the stream. */
    if (mutant->cut && error->kind == VMWIRE_ERROR_NOT_DESCRIBED)
        return NULL;
    /* Cut off inside a value: that very value is missing. But another reading of the section can go on longer. */
    const bool counts = mutant->subject->option->look == VMWIRE_LOOK_IF_ONLY_READING;
    if (mutant->cut &&
        (strcmp(error->section, damaged->section) != 0 || (!error->path[0] && !counts)))
        return "an error that does not name the section and the path";
    if (error->offset < damaged->end && !error->section[0])
        return "an error inside a section that does not name it";
    return NULL;
}

static const char *judge_cost(const struct mutant *mutant, const struct vmwire_cost *cost)
{
    uint64_t size = mutant->bytes.length + fields_of_schemas;
    if (cost->tokens > WORK_PER_BYTE * size + WORK_BESIDES)
        return "too many tokens";
    if (vmwire_cost_bytes_read(cost) > mutant->bytes.length)
        return "more bytes accounted for than there are";
    uint64_t memory = cost->peak_memory + mutant->schema_memory;
    return memory > 4 * mutant->bytes.length + memory_besides ? "too much memory" : NULL;
}

static void report_mutant(const struct mutant *mutant, bool accepted, uint64_t memory,
                          const struct vmwire_error *error, const char *wrong)
{
    if (!wrong) {
        uint64_t usual = 4 * (uint64_t)mutant->bytes.length;
        take_result(accepted, memory > usual ? memory - usual : 0, NULL);
        return;
    }
    char failure[1024], text[512] = "accepted", change[64] = "";
    if (!accepted)
        vmwire_error_text(error, text, sizeof(text));
    if (!mutant->cut)
        snprintf(change, sizeof(change), ", changed from %02x to %02x", mutant->was,
                 mutant->bytes.data[mutant->place]);
    snprintf(failure, sizeof(failure), "%s under %s, %s byte %zu%s: %s: %s",
             mutant->subject->capture->name, mutant->subject->option->name,
             mutant->cut ? "cut off at" : "with", mutant->place, change, wrong, text);
    take_result(accepted, memory, failure);
}

/* Reads it into an arena that is used again and again. */
static void try_mutant(const struct mutant *mutant, struct vmwire_arena *arena)
{
    struct vmwire_reading reading = {.option = mutant->subject->option,
                                     .input = mutant->bytes,
                                     .schema = mutant->schema,
                                     .arena = arena};
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_arena_mark mark = vmwire_arena_mark(arena);
    bool accepted = vmwire_stream_read(&reading, &cost, &error);
    vmwire_arena_reset(arena, mark);
    const char *wrong = accepted ? NULL : judge_error(mutant, &error);
    if (!wrong)
        wrong = judge_cost(mutant, &cost);
    report_mutant(mutant, accepted, cost.peak_memory + mutant->schema_memory, &error, wrong);
}

/* The change is in the description: makes a schema of it, and reads with that, if it is one. */
static void try_description(struct mutant *mutant, struct vmwire_arena *arena)
{
    size_t begin = mutant->subject->json_begin;
    struct vmwire_bytes json = {mutant->bytes.data + begin, mutant->bytes.length - begin};
    struct vmwire_arena *schema_arena = vmwire_arena_create();
    struct vmwire_schema *schema = must_create_schema(schema_arena);
    struct vmwire_error error = {0};
    json_peak = json_held;
    bool added = vmwire_schema_add_description(schema, json, &error);
    uint64_t memory = json_peak + vmwire_arena_peak(schema_arena);
    if (added) {
        must_finish_schema(schema);
        mutant->schema = schema;
        mutant->schema_memory = vmwire_arena_peak(schema_arena);
        try_mutant(mutant, arena);
    } else {
        const char *wrong = NULL;
        if ((error.kind != VMWIRE_ERROR_SCHEMA && error.kind != VMWIRE_ERROR_LIMIT) ||
            !error.message[0] ||
            (error.offset != VMWIRE_ERROR_NO_OFFSET && error.offset > json.length) ||
            (error.offset == VMWIRE_ERROR_NO_OFFSET && !error.path[0]))
            wrong = "an error of the schema that says nothing";
        if (memory > 4 * mutant->bytes.length + memory_besides)
            wrong = "too much memory for the schema";
        report_mutant(mutant, false, memory, &error, wrong);
    }
    vmwire_arena_destroy(schema_arena);
}

/* ---- Threads --------------------------------------------------------------------------------- */

struct work {
    void (*take)(size_t job, struct vmwire_arena *arena);
    size_t count;
    atomic_size_t next;
};

static void *work_on(void *context)
{
    struct work *work = context;
    struct vmwire_arena *arena = vmwire_arena_create();
    for (size_t job; (job = atomic_fetch_add(&work->next, 1)) < work->count;)
        work->take(job, arena);
    vmwire_arena_destroy(arena);
    return NULL;
}

static void divide_work(size_t count, void (*take)(size_t job, struct vmwire_arena *arena))
{
    struct work work = {.take = take, .count = count};
    pthread_t threads[THREAD_LIMIT];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t thread_count = processors < 1              ? 1
                          : processors > THREAD_LIMIT ? THREAD_LIMIT
                                                      : (size_t)processors;
    for (size_t i = 0; i < thread_count; i++)
        if (pthread_create(&threads[i], NULL, work_on, &work))
            TEST_BROKEN("no thread");
    for (size_t i = 0; i < thread_count; i++)
        pthread_join(threads[i], NULL);
}

static uint64_t seed = 20111001;

/* splitmix64: the nth number is a function of the seed and n. */
static uint64_t random_number(uint64_t n)
{
    uint64_t z = seed + (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* ---- Cutting off ----------------------------------------------------------------------------- */

/* In one copy, whose end is poisoned further and further: ASan sees each read beyond the cut. */
static void cut_all(const struct subject *subject, const size_t *lengths, size_t count,
                    struct vmwire_arena *arena)
{
    size_t longest = count ? lengths[0] : 0;
    uint8_t *copy = must(malloc(longest + !longest));
    memcpy(copy, subject->bytes.data, longest);
    for (size_t i = 0; i < count; i++) {
        POISON(copy + lengths[i], longest - lengths[i]);
        struct mutant mutant = {.subject = subject,
                                .bytes = {copy, lengths[i]},
                                .place = lengths[i],
                                .cut = true,
                                .schema = subject->capture->schema};
        try_mutant(&mutant, arena);
    }
    UNPOISON(copy, longest);
    free(copy);
}

static int compare_downward(const void *a_pointer, const void *b_pointer)
{
    const size_t *a = a_pointer, *b = b_pointer;
    return (*a < *b) - (*a > *b);
}

static void cut_grid(size_t capture, struct vmwire_arena *arena)
{
    const struct subject *subject = subject_of(capture, "heuristic");
    size_t lengths[GRID], count = subject->bytes.length < GRID ? subject->bytes.length : GRID;
    for (size_t i = 0; i < count; i++)
        lengths[i] = count - 1 - i;
    cut_all(subject, lengths, count, arena);
}

static void cut_at_random(const struct subject *subject, size_t number, struct vmwire_arena *arena)
{
    size_t lengths[RANDOM_CUTS];
    const size_t count = RANDOM_CUTS / share;
    for (size_t i = 0; i < count; i++)
        lengths[i] = random_number(number * RANDOM_CUTS + i) % subject->bytes.length;
    qsort(lengths, count, sizeof(lengths[0]), compare_downward);
    cut_all(subject, lengths, count, arena);
}

/* Three jobs a capture: the grid and random places under heuristic, random ones under another. */
static void cut_job(size_t job, struct vmwire_arena *arena)
{
    size_t capture = job / 3;
    if (job % 3 == 0)
        cut_grid(capture, arena);
    else if (job % 3 == 1)
        cut_at_random(subject_of(capture, "heuristic"), job, arena);
    else
        cut_at_random(other_subject(capture, capture), job, arena);
}

static void test_cut_off(void **state)
{
    (void)state;
    divide_work(3 * corpus.count, cut_job);
    check_results("cut off");
}

/* ---- Changing bytes -------------------------------------------------------------------------- */

static size_t flip_count = FLIPS;

/* One of the bytes before `limit` becomes another one, and is put back. */
static void flip(const struct subject *subject, uint8_t *copy, size_t limit, uint64_t random,
                 struct vmwire_arena *arena)
{
    size_t place = (random >> 8) % limit;
    struct mutant mutant = {.subject = subject,
                            .bytes = {copy, subject->bytes.length},
                            .place = place,
                            .was = copy[place],
                            .schema = subject->capture->schema};
    copy[place] ^= (uint8_t)(1 + (random & 0xff) % 255);
    if (place < subject->json_begin)
        try_mutant(&mutant, arena);
    else
        try_description(&mutant, arena);
    copy[place] = mutant.was;
}

static uint8_t *copy_of(const struct subject *subject)
{
    uint8_t *copy = must(malloc(subject->bytes.length));
    memcpy(copy, subject->bytes.data, subject->bytes.length);
    return copy;
}

/* A batch of changes of one capture under heuristic, and as many of it under another option. The
 * description, the same under all, is changed under heuristic only. */
static void flip_job(size_t job, struct vmwire_arena *arena)
{
    size_t capture = job % corpus.count;
    size_t batches = (flip_count + BATCH - 1) / BATCH;
    size_t count = job + 1 == batches ? flip_count - job * BATCH : BATCH;
    const struct subject *heuristic = subject_of(capture, "heuristic");
    const struct subject *other = other_subject(capture, job / corpus.count);
    uint8_t *heuristic_copy = copy_of(heuristic), *other_copy = copy_of(other);
    for (size_t i = 0; i < count; i++) {
        uint64_t number = UINT64_C(1) << 40 | (job * BATCH + i) * 2;
        flip(heuristic, heuristic_copy, heuristic->bytes.length, random_number(number), arena);
        flip(other, other_copy, other->json_begin, random_number(number + 1), arena);
    }
    free(heuristic_copy);
    free(other_copy);
}

static void test_changed_bytes(void **state)
{
    (void)state;
    print_message("# %zu changes, seed %" PRIu64 "\n", flip_count, seed);
    divide_work((flip_count + BATCH - 1) / BATCH, flip_job);
    check_results("changed");
}

/* ---- Side by side ---------------------------------------------------------------------------- */

/* A reading with all that came of it. */
struct result {
    const struct subject *subject;
    struct vmwire_arena *arena;
    struct vmwire_stream *stream;
    struct vmwire_cost cost;
    struct vmwire_error error;
};

static void *read_result(void *context)
{
    struct result *result = context;
    result->arena = vmwire_arena_create();
    result->stream = vmwire_stream_read_whole(result->subject->option, result->subject->bytes,
                                              result->subject->capture->schema, result->arena,
                                              &result->cost, &result->error);
    return NULL;
}

static void assert_same_result(const struct result *a, const struct result *b)
{
    char text_a[2048], text_b[2048];
    assert_string_equal(vmwire_error_text(&a->error, text_a, sizeof(text_a)),
                        vmwire_error_text(&b->error, text_b, sizeof(text_b)));
    assert_memory_equal(&a->cost, &b->cost, sizeof(a->cost));
    assert_true(!a->stream == !b->stream);
    assert_true(!a->stream || vmwire_stream_equal(a->stream, b->stream));
}

/* All options at once, each in its thread, over the same schema and largely the same bytes. */
static void test_in_threads(void **state)
{
    (void)state;
    for (size_t i = 0; i < corpus.count; i++) {
        struct result alone[THREAD_LIMIT], together[THREAD_LIMIT];
        pthread_t threads[THREAD_LIMIT];
        assert_true(vmwire_option_count <= THREAD_LIMIT);
        for (size_t j = 0; j < vmwire_option_count; j++) {
            alone[j].subject = &subjects[i * vmwire_option_count + j];
            together[j].subject = alone[j].subject;
            read_result(&alone[j]);
        }
        for (size_t j = 0; j < vmwire_option_count; j++)
            assert_int_equal(pthread_create(&threads[j], NULL, read_result, &together[j]), 0);
        for (size_t j = 0; j < vmwire_option_count; j++)
            pthread_join(threads[j], NULL);
        for (size_t j = 0; j < vmwire_option_count; j++) {
            assert_same_result(&alone[j], &together[j]);
            vmwire_arena_destroy(alone[j].arena);
            vmwire_arena_destroy(together[j].arena);
        }
    }
}

/* What is in the caller's arena already is none of the reader's. */
static void test_cost_is_the_readers_own(void **state)
{
    (void)state;
    struct vmwire_arena *arena = vmwire_arena_create();
    for (size_t i = 0; i < corpus.count; i++) {
        const struct subject *subject = subject_of(i, "heuristic");
        struct vmwire_cost first, second;
        struct vmwire_error error;
        struct vmwire_arena_mark mark = vmwire_arena_mark(arena);
        for (struct vmwire_cost *cost = &first; cost; cost = cost == &first ? &second : NULL)
            assert_non_null(vmwire_stream_read_whole(
                subject->option, subject->bytes, subject->capture->schema, arena, cost, &error));
        assert_memory_equal(&first, &second, sizeof(first));
        vmwire_arena_reset(arena, mark);
    }
    vmwire_arena_destroy(arena);
}

/* A reader that runs within another one's sink, at some of its items. */
struct nested_reading {
    const struct subject *inner;
    struct vmwire_cost expected;
    size_t items;
    bool differs;
};

static void read_within(void *context, const struct vmwire_item *item)
{
    (void)item;
    struct nested_reading *nested = context;
    if (nested->items++ % 16)
        return;
    struct vmwire_cost cost;
    struct vmwire_error error;
    read_only(nested->inner->option, nested->inner->bytes, nested->inner->capture->schema, &cost,
              &error);
    if (memcmp(&cost, &nested->expected, sizeof(cost)) != 0)
        nested->differs = true;
}

static void test_within_each_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < corpus.count; i++) {
        const struct subject *outer = subject_of(i, "heuristic"), *inner = other_subject(i, i);
        struct nested_reading nested = {.inner = inner};
        struct vmwire_cost alone, cost;
        struct vmwire_error error;
        read_only(inner->option, inner->bytes, inner->capture->schema, &nested.expected, &error);
        read_only(outer->option, outer->bytes, outer->capture->schema, &alone, &error);
        struct vmwire_reading reading = {.option = outer->option,
                                         .input = outer->bytes,
                                         .schema = outer->capture->schema,
                                         .sink = {&nested, read_within, false}};
        assert_true(vmwire_stream_read(&reading, &cost, &error));
        assert_memory_equal(&cost, &alone, sizeof(cost));
        assert_false(nested.differs);
    }
}

/* ---- The program ----------------------------------------------------------------------------- */

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);
    return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

int main(int argc, char **argv)
{
    share = share_of_cases();
    flip_count = number_from("VMWIRE_FLIPS", FLIPS / share);
    seed = number_from("VMWIRE_SEED", seed);
    json_object_seed(0);
    json_set_alloc_funcs(json_counted_malloc, json_counted_free);
    alarm(PATIENCE);
    corpus = corpus_open(argc > 1 ? argv[1] : NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_off),           cmocka_unit_test(test_changed_bytes),
        cmocka_unit_test(test_in_threads),        cmocka_unit_test(test_cost_is_the_readers_own),
        cmocka_unit_test(test_within_each_other),
    };
    int failed = cmocka_run_group_tests_name("mutation", tests, set_up, tear_down);
    corpus_close(&corpus);
    return failed;
}
