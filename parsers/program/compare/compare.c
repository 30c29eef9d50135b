/* SPDX-License-Identifier: MIT */
/*
 * vmwire compare: goes through the streams, also those of a folder's manifest, and fills the table.
 */
#include "program/compare/compare.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "program/compare/measure.h"
#include "program/compare/table.h"
#include "program/compare/table_json.h"
#include "program/compare/table_text.h"
#include "program/shared/exit_status.h"
#include "program/shared/load.h"
#include "program/shared/manifest.h"
#include "program/shared/progress.h"
#include "program/shared/report_error.h"

static struct row *add_row(struct table *table, const char *file)
{
    table->rows = vmwire_arena_grow(table->arena, table->rows, table->row_count, &table->row_room,
                                    sizeof(struct row));
    struct row *row = &table->rows[table->row_count++];
    row->file = vmwire_arena_string(table->arena, file, strlen(file));
    row->cells = vmwire_arena_alloc(table->arena, vmwire_option_count * sizeof(*row->cells));
    return row;
}

static int compare_stream(struct table *table, const char *file, const struct arguments *arguments)
{
    struct loaded_file loaded = {0};
    struct vmwire_cost cost;
    struct vmwire_error error;
    show_progress(table->row_count, "read and written", file);
    int code = load_stream(&loaded, file, arguments)
                   ? validate_stream(arguments, file, &loaded, &cost)
                   : EXIT_BAD_INPUT;
    if (code == EXIT_CLEAN) {
        const struct vmwire_stream *stream = vmwire_stream_read_whole(
            arguments->option, loaded.input.bytes, loaded.schema, loaded.arena, &cost, &error);
        struct row *row = add_row(table, file);
        row->bytes = loaded.input.bytes.length;
        row->state = cost.accounted[VMWIRE_ACCOUNT_FRAMING] + cost.accounted[VMWIRE_ACCOUNT_FIELD] +
                     cost.accounted[VMWIRE_ACCOUNT_SUBSECTION];
        for (size_t i = 0; i < vmwire_option_count; i++)
            measure_cell(&row->cells[i], &vmwire_options[i], stream, cost.footers > 0,
                         loaded.schema);
    }
    unload(&loaded);
    return code;
}

static bool is_folder(const char *file, struct vmwire_arena *arena)
{
    return access(join_path(arena, file, "manifest.json"), R_OK) == 0;
}

/* Compares the stream of one entry of a manifest. Returns -1 if the entry is malformed. */
static int compare_entry(struct table *table, const char *folder, const json_t *entry,
                         const struct arguments *arguments)
{
    struct arguments with;
    const char *file = json_string_value(json_object_get(entry, "file"));
    if (!file || !add_entry_schemas(&with, arguments, folder, entry, table->arena))
        return -1;
    return compare_stream(table, join_path(table->arena, folder, file), &with);
}

static int compare_folder(struct table *table, const char *folder,
                          const struct arguments *arguments)
{
    const char *file = join_path(table->arena, folder, "manifest.json");
    struct vmwire_error error = {0};
    json_t *manifest = load_manifest(file, &error);
    if (!manifest)
        return report_error(arguments, file, &error);
    int worst = EXIT_CLEAN;
    size_t i;
    json_t *entry;
    json_array_foreach(manifest, i, entry)
    {
        int code = compare_entry(table, folder, entry, arguments);
        if (code < 0) {
            vmwire_error_set(&error, VMWIRE_ERROR_SCHEMA, VMWIRE_ERROR_NO_OFFSET,
                             "entry %zu: expected a \"file\" and \"schemas\"", i);
            code = report_error(arguments, file, &error);
        }
        worst = code > worst ? code : worst;
    }
    json_decref(manifest);
    return worst;
}

int run_compare(const struct arguments *arguments)
{
    struct table table = {.arena = vmwire_arena_create()};
    int worst = EXIT_CLEAN;
    for (size_t i = 0; i < arguments->file_count; i++) {
        const char *file = arguments->files[i];
        int code = is_folder(file, table.arena) ? compare_folder(&table, file, arguments)
                                                : compare_stream(&table, file, arguments);
        worst = code > worst ? code : worst;
    }
    clear_progress();
    if (worst == EXIT_CLEAN && !arguments->json)
        print_table_text(&table);
    else if (worst == EXIT_CLEAN && !print_table_json(&table))
        worst = report_out_of_memory(arguments, "standard output");
    vmwire_arena_destroy(table.arena);
    return worst;
}
