/*
 * vmwire compare: writes each stream under each option and reads it back. What comes out is the
 * decision table: who reads what was written, what it costs in bytes and in work.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "manifest.h"
#include "table.h"
#include "text.h"

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
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r\033[K%zu streams read and written, now ", done);
    print_text(stderr, bytes_of_string(file));
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
        row->state = cost.accounted[ACCOUNT_FRAMING] + cost.accounted[ACCOUNT_FIELD] +
                     cost.accounted[ACCOUNT_SUBSECTION];
        for (size_t i = 0; i < protocol_option_count; i++)
            measure(&row->cells[i], &protocol_options[i], stream, cost.footers > 0, loaded.schema);
    }
    unload(&loaded);
    return code;
}

/* ---- Corpora -----------------------------------------------------------------------------------
 */

static bool is_folder(const char *file, struct arena *arena)
{
    return access(path_in(arena, file, "manifest.json"), R_OK) == 0;
}

/* One entry of a manifest; -1 where it is none. */
static int compare_entry(struct table *table, const char *folder, const json_t *entry,
                         const struct arguments *arguments)
{
    struct arguments with;
    const char *file = json_string_value(json_object_get(entry, "file"));
    if (!file || !manifest_arguments(&with, arguments, folder, entry, table->arena))
        return -1;
    return compare_stream(table, path_in(table->arena, folder, file), &with);
}

static int compare_folder(struct table *table, const char *folder,
                          const struct arguments *arguments)
{
    const char *file = path_in(table->arena, folder, "manifest.json");
    struct error error = {0};
    json_t *manifest = manifest_load(file, &error);
    if (!manifest)
        return report(arguments, file, &error);
    int worst = EXIT_CLEAN;
    size_t i;
    json_t *entry;
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
        (arguments->json ? table_print_json : table_print_text)(&table);
    arena_destroy(table.arena);
    return worst;
}
