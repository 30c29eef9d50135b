/*
 * vmwire compare: writes each stream under each option and reads it back. What comes out is the
 * decision table: who reads what was written, what it costs in bytes and in work.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "program.h"

/* One stream under one option. */
struct cell {
    enum outcome outcome;
    bool written;       /* false: the option's wire format has no room for it */
    struct error error; /* of a reject */
    uint64_t bytes;     /* as the option writes it */
    struct cost cost;   /* of reading that back */
    double seconds;     /* of reading that back */
};

struct row {
    const char *file;
    uint64_t bytes;     /* as it came: today's format */
    struct cell *cells; /* one an option */
};

struct table {
    struct arena *arena;
    struct row *rows;
    size_t row_count, row_room;
};

/* ---- Measuring ---------------------------------------------------------------------------------
 */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The shortest of a few readings: the others were disturbed. */
static double reading_time(const struct reading *reading)
{
    double best = 0, total = 0;
    for (int i = 0; i < 20 && (i < 3 || total < 0.01); i++) {
        struct cost cost;
        struct error error;
        double begin = now();
        stream_read(reading, &cost, &error);
        double seconds = now() - begin;
        total += seconds;
        best = !i || seconds < best ? seconds : best;
    }
    return best;
}

static bool write_stream(struct writer *writer, const struct stream *stream, struct error *error)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (!writer_item(writer, stream->items[i], error))
            return false;
    return true;
}

static void measure(struct cell *cell, const struct protocol_option *option,
                    const struct stream *stream, bool footers, const struct schema *schema)
{
    struct arena *arena = arena_create();
    struct writing writing = {.option = option, .footers = footers};
    struct writer *writer = writer_create(&writing);
    cell->outcome = OUTCOME_REJECT;
    cell->written = write_stream(writer, stream, &cell->error);
    if (cell->written) {
        struct bytes bytes = writer_output(writer);
        cell->bytes = bytes.length;
        cell->outcome = outcome_of(
            stream, stream_read_whole(option, bytes, schema, arena, &cell->cost, &cell->error));
        struct reading reading = {.option = option, .input = bytes, .schema = schema};
        cell->seconds = reading_time(&reading);
        /* The cost of a reader that keeps nothing, as a migration's would. */
        struct error ignored;
        stream_read(&reading, &cell->cost, &ignored);
    }
    writer_destroy(writer);
    arena_destroy(arena);
}

static void show_progress(const char *file, size_t done)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%zu streams read and written, now %s", done, file);
}

static void end_progress(void)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K");
}

static struct row *new_row(struct table *table, const char *file)
{
    table->rows = arena_grow(table->arena, table->rows, table->row_count, &table->row_room,
                             sizeof(struct row));
    struct row *row = &table->rows[table->row_count++];
    row->file = arena_string(table->arena, file, strlen(file));
    row->cells = arena_alloc(table->arena, protocol_option_count * sizeof(*row->cells));
    return row;
}

static int compare_stream(struct table *table, const char *file, const struct arguments *arguments)
{
    struct loaded loaded = {0};
    struct cost cost;
    struct error error;
    show_progress(file, table->row_count);
    int code =
        load(&loaded, file, arguments) ? validate(arguments, file, &loaded, &cost) : EXIT_BAD_INPUT;
    if (code == EXIT_CLEAN) {
        const struct stream *stream = stream_read_whole(arguments->option, loaded.input.bytes,
                                                        loaded.schema, loaded.arena, &cost, &error);
        struct row *row = new_row(table, file);
        row->bytes = loaded.input.bytes.length;
        for (size_t i = 0; i < protocol_option_count; i++)
            measure(&row->cells[i], &protocol_options[i], stream, cost.footers > 0, loaded.schema);
    }
    unload(&loaded);
    return code;
}

/* ---- Corpora -----------------------------------------------------------------------------------
 */

static char *beside(struct arena *arena, const char *folder, const char *name)
{
    size_t size = strlen(folder) + 1 + strlen(name) + 1;
    char *path = arena_alloc(arena, size);
    snprintf(path, size, "%s/%s", folder, name);
    return path;
}

static bool is_folder(const char *file, struct arena *arena)
{
    return access(beside(arena, file, "manifest.json"), R_OK) == 0;
}

/* One entry of a manifest: a stream and the schemas that it needs beside its own description. */
static int compare_entry(struct table *table, const char *folder, const json_t *entry,
                         const struct arguments *arguments)
{
    const json_t *schemas = json_object_get(entry, "schemas");
    const char *file = json_string_value(json_object_get(entry, "file"));
    if (!file)
        return -1;
    struct arguments with = *arguments;
    with.schema_count = 0;
    with.schemas = arena_alloc(table->arena, (json_array_size(schemas) + arguments->schema_count) *
                                                 sizeof(*with.schemas));
    size_t i;
    json_t *schema;
    json_array_foreach(schemas, i, schema)
    {
        if (!json_is_string(schema))
            return -1;
        with.schemas[with.schema_count++] = beside(table->arena, folder, json_string_value(schema));
    }
    for (size_t j = 0; j < arguments->schema_count; j++)
        with.schemas[with.schema_count++] = arguments->schemas[j];
    return compare_stream(table, beside(table->arena, folder, file), &with);
}

static int compare_folder(struct table *table, const char *folder,
                          const struct arguments *arguments)
{
    const char *file = beside(table->arena, folder, "manifest.json");
    json_error_t problem;
    json_t *manifest = json_load_file(file, JSON_REJECT_DUPLICATES, &problem);
    struct error error = {0};
    int worst = EXIT_CLEAN;
    size_t i;
    json_t *entry;
    if (!manifest) {
        error_set(&error, ERROR_SCHEMA, (uint64_t)problem.position, "expected a manifest: %s",
                  problem.text);
        return report(arguments, file, &error);
    }
    json_array_foreach(manifest, i, entry)
    {
        int code = compare_entry(table, folder, entry, arguments);
        if (code < 0) {
            error_set(&error, ERROR_SCHEMA, ERROR_NO_OFFSET,
                      "entry %zu: expected a \"file\" and \"schemas\"", i);
            code = report(arguments, file, &error);
        }
        worst = code > worst ? code : worst;
    }
    json_decref(manifest);
    return worst;
}

/* ---- The table ---------------------------------------------------------------------------------
 */

/* What an option does over all streams. */
struct summary {
    size_t outcomes[OUTCOME_CORRUPT + 1];
    uint64_t bytes, today; /* of the streams that it can write */
    struct cost cost;
    uint64_t peak_memory;
    double seconds;
};

static struct summary summarise(const struct table *table, size_t option)
{
    struct summary summary = {0};
    for (size_t i = 0; i < table->row_count; i++) {
        const struct cell *cell = &table->rows[i].cells[option];
        summary.outcomes[cell->outcome]++;
        if (!cell->written)
            continue;
        summary.bytes += cell->bytes;
        summary.today += table->rows[i].bytes;
        for (int account = 0; account < ACCOUNT_COUNT; account++)
            summary.cost.accounted[account] += cell->cost.accounted[account];
        summary.cost.bytes_examined += cell->cost.bytes_examined;
        summary.cost.tokens += cell->cost.tokens;
        summary.seconds += cell->seconds;
        if (cell->cost.longest_lookahead > summary.cost.longest_lookahead)
            summary.cost.longest_lookahead = cell->cost.longest_lookahead;
        if (cell->cost.peak_memory > summary.cost.peak_memory)
            summary.cost.peak_memory = cell->cost.peak_memory;
    }
    return summary;
}

static double ratio(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

static double megabytes_per_second(const struct cost *cost, double seconds)
{
    return seconds > 0 ? (double)cost_bytes_read(cost) / 1e6 / seconds : 0;
}

static void print_costs(uint64_t bytes, uint64_t today, const struct cost *cost, double seconds)
{
    int64_t added = (int64_t)(bytes - today);
    printf(" %+9" PRId64 " %+7.3f %6" PRIu64 " %7.3f %9" PRIu64 " %8" PRIu64 " %8.0f\n", added,
           today ? 100.0 * (double)added / (double)today : 0, cost->longest_lookahead,
           ratio(cost->bytes_examined, cost_bytes_read(cost)), cost->tokens,
           cost->peak_memory / 1024, megabytes_per_second(cost, seconds));
}

static void print_cost_head(const char *first)
{
    printf("%s %9s %7s %6s %7s %9s %8s %8s\n", first, "bytes", "bytes", "look-", "exam'd", "tokens",
           "peak", "read");
    printf("%*s %9s %7s %6s %7s %9s %8s %8s\n", (int)strlen(first), "", "added", "added %", "ahead",
           "a byte", "", "KiB", "MB/s");
}

static void print_summary(const struct table *table)
{
    char head[64];
    snprintf(head, sizeof(head), "%-11s %6s %6s %6s %6s", "option", "exact", "reject", "trunc.",
             "corr.");
    printf("%zu streams, each written and read back under each option:\n\n", table->row_count);
    print_cost_head(head);
    for (size_t i = 0; i < protocol_option_count; i++) {
        struct summary summary = summarise(table, i);
        printf("%-11s %6zu %6zu %6zu %6zu", protocol_options[i].name,
               summary.outcomes[OUTCOME_EXACT], summary.outcomes[OUTCOME_REJECT],
               summary.outcomes[OUTCOME_TRUNCATED], summary.outcomes[OUTCOME_CORRUPT]);
        print_costs(summary.bytes, summary.today, &summary.cost, summary.seconds);
    }
}

static void print_row(const struct row *row)
{
    printf("\n%s, %" PRIu64 " bytes\n", row->file, row->bytes);
    for (size_t i = 0; i < protocol_option_count; i++) {
        const struct cell *cell = &row->cells[i];
        printf("  %-11s %-10s ", protocol_options[i].name, outcome_name(cell->outcome));
        if (!cell->written) {
            printf("cannot be written: %s\n", cell->error.message);
            continue;
        }
        printf("%13s", "");
        print_costs(cell->bytes, row->bytes, &cell->cost, cell->seconds);
        if (cell->outcome == OUTCOME_REJECT)
            printf("              offset %#" PRIx64 ", section %s, path %s:\n              %s\n",
                   cell->error.offset, cell->error.section, cell->error.path, cell->error.message);
    }
}

static void print_table(const struct table *table)
{
    print_summary(table);
    putchar('\n');
    char head[64];
    snprintf(head, sizeof(head), "%-38s", "each stream, the same columns:");
    print_cost_head(head);
    for (size_t i = 0; i < table->row_count; i++)
        print_row(&table->rows[i]);
}

static void print_json_costs(json_t *object, uint64_t bytes, uint64_t today,
                             const struct cost *cost, double seconds)
{
    json_t *costs =
        json_pack("{s:I, s:I, s:f, s:I, s:f, s:I, s:I, s:f}", "bytes", (json_int_t)bytes,
                  "bytes_added", (json_int_t)(bytes - today), "bytes_added_percent",
                  today ? 100.0 * ((double)bytes - (double)today) / (double)today : 0.0,
                  "longest_lookahead", (json_int_t)cost->longest_lookahead,
                  "bytes_examined_per_byte", ratio(cost->bytes_examined, cost_bytes_read(cost)),
                  "tokens", (json_int_t)cost->tokens, "peak_memory", (json_int_t)cost->peak_memory,
                  "megabytes_per_second", megabytes_per_second(cost, seconds));
    json_object_update(object, costs);
    json_decref(costs);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_json(const struct table *table)
{
    for (size_t i = 0; i < table->row_count; i++)
        for (size_t j = 0; j < protocol_option_count; j++) {
            const struct row *row = &table->rows[i];
            const struct cell *cell = &row->cells[j];
            json_t *object = json_pack("{s:s, s:s, s:s, s:b}", "file", row->file, "option",
                                       protocol_options[j].name, "outcome",
                                       outcome_name(cell->outcome), "written", cell->written);
            if (cell->outcome == OUTCOME_REJECT)
                json_object_set_new(object, "error", json_string(cell->error.message));
            print_json_costs(object, cell->bytes, row->bytes, &cell->cost, cell->seconds);
        }
    for (size_t i = 0; i < protocol_option_count; i++) {
        struct summary summary = summarise(table, i);
        json_t *object = json_pack("{s:s, s:I}", "summary", protocol_options[i].name, "streams",
                                   (json_int_t)table->row_count);
        for (int outcome = OUTCOME_EXACT; outcome <= OUTCOME_CORRUPT; outcome++)
            json_object_set_new(object, outcome_name((enum outcome)outcome),
                                json_integer((json_int_t)summary.outcomes[outcome]));
        print_json_costs(object, summary.bytes, summary.today, &summary.cost, summary.seconds);
    }
}

int run_compare(const struct arguments *arguments)
{
    struct table table = {.arena = arena_create()};
    int worst = EXIT_CLEAN;
    for (size_t i = 0; i < arguments->file_count; i++) {
        const char *file = arguments->files[i];
        int code = is_folder(file, table.arena) ? compare_folder(&table, file, arguments)
                                                : compare_stream(&table, file, arguments);
        worst = code > worst ? code : worst;
    }
    end_progress();
    if (worst == EXIT_CLEAN)
        (arguments->json ? print_json : print_table)(&table);
    arena_destroy(table.arena);
    return worst;
}
