/* SPDX-License-Identifier: MIT */
/*
 * vmwire compare: goes through the streams, also those of a folder's manifest, and fills the table.
 */
#include "program/compare/compare.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "program/compare/measure.h"
#include "program/compare/older_schema.h"
#include "program/compare/shell_word.h"
#include "program/compare/table.h"
#include "program/compare/table_json.h"
#include "program/compare/table_text.h"
#include "program/compare/variants_json.h"
#include "program/decision/claims.h"
#include "program/decision/decision_json.h"
#include "program/decision/decision_text.h"
#include "program/decision/questions.h"
#include "program/report/page.h"
#include "program/report/recorded.h"
#include "program/report/report.h"
#include "program/report/witnesses.h"
#include "program/shared/convert_stream.h"
#include "program/shared/exit_status.h"
#include "program/shared/json_line.h"
#include "program/shared/load.h"
#include "program/shared/manifest.h"
#include "program/shared/output_file.h"
#include "program/shared/progress.h"
#include "program/shared/report_error.h"

/* Joins words of a command, each behind `before` and a blank. */
static const char *join_words(struct vmwire_arena *arena, const char *before,
                              const char *const *words, size_t count)
{
    const char **quoted = vmwire_arena_alloc(arena, count * sizeof(*quoted));
    size_t room = 1;
    for (size_t i = 0; i < count; i++) {
        quoted[i] = quote_word(arena, words[i]);
        room += strlen(before) + 1 + strlen(quoted[i]);
    }
    char *text = vmwire_arena_alloc(arena, room), *end = text;
    for (size_t i = 0; i < count; i++)
        end += sprintf(end, "%s %s", before, quoted[i]);
    *end = '\0';
    return text;
}

/* An option of the command line; "" if it is not given. */
static const char *write_option(struct vmwire_arena *arena, const char *option, const char *value)
{
    return value ? join_words(arena, option, &value, 1) : "";
}

/* Schemas and files. */
static const char *write_words(struct vmwire_arena *arena, const struct arguments *arguments)
{
    const char *const words[] = {
        join_words(arena, " --schema", (const char *const *)arguments->schemas,
                   arguments->schema_count),
        write_option(arena, " --existing", arguments->existing),
        join_words(arena, "", (const char *const *)arguments->files, arguments->file_count)};
    size_t room = 1;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        room += strlen(words[i]);
    char *text = vmwire_arena_alloc(arena, room);
    snprintf(text, room, "%s%s%s", words[0], words[1], words[2]);
    return text;
}

static struct row *add_row(struct table *table, const char *file, const char *before,
                           const struct arguments *arguments)
{
    table->rows = vmwire_arena_grow(table->arena, table->rows, table->row_count, &table->row_room,
                                    sizeof(struct row));
    struct row *row = &table->rows[table->row_count++];
    row->file = vmwire_arena_string(table->arena, file, strlen(file));
    row->schemas = join_words(table->arena, " --schema", (const char *const *)arguments->schemas,
                              arguments->schema_count);
    row->word = quote_word(table->arena, row->file);
    row->existing = write_option(table->arena, " --existing", before);
    row->cells = vmwire_arena_alloc(table->arena, vmwire_option_count * sizeof(*row->cells));
    return row;
}

/* A stream while it is compared, for an attempt. */
struct stream_comparison {
    struct table *table;
    const char *file;
    const struct arguments *arguments;
    const char *before;        /* the schema of the release before; NULL: not known */
    const char *before_folder; /* of the manifest that names it; NULL: the command line does */
    struct loaded_file loaded, older;
    struct vmwire_cost cost; /* of reading it under its own option */
    struct vmwire_error error;
};

/* Whether the pages take other bytes than in the file. The blocks of mapped RAM are aligned: what is written before them
 * does not always make the file longer. DER has a tag and a length for each entry. */
static bool changes_pages(const struct stream_comparison *comparison,
                          const struct vmwire_option *option)
{
    const struct paged_out *stream = &comparison->loaded.stream;
    return stream->has_mapped_ram ||
           (stream->left_out && comparison->arguments->option->encoding != option->encoding);
}

/* Measures the whole stream where that without pages does not tell its length. */
static bool measure_whole(struct cell *cell, const struct vmwire_option *option,
                          const struct stream_comparison *comparison)
{
    const struct loaded_file *loaded = &comparison->loaded;
    struct conversion conversion = {
        .from = comparison->arguments->option,
        .input = loaded->input.bytes,
        .schema = loaded->schema,
        .writing = {.option = option, .footers = comparison->cost.footers > 0},
    };
    struct vmwire_error error;
    if (!cell->written || !changes_pages(comparison, option) ||
        measure_converted(conversion, &cell->bytes, &error))
        return true;
    cell->error = error;
    return false;
}

/* Measures the variants of the stream. They need the schema as it is, without marks. */
static bool fill_variants(struct stream_comparison *comparison, struct row *row,
                          const struct vmwire_stream *stream)
{
    struct vmwire_arena *within = comparison->table->arena;
    struct variant_subject subject = {.stream = stream,
                                      .schema = comparison->loaded.schema,
                                      .existing = comparison->older.schema,
                                      .footers = comparison->cost.footers > 0,
                                      .file = row->file,
                                      .arena = vmwire_arena_create_within(within),
                                      .keeps = within,
                                      .seen = &comparison->table->seen,
                                      .signatures = &comparison->table->signatures};
    const struct vmwire_bytes machine = vmwire_stream_machine(stream);
    row->machine = machine.length
                       ? vmwire_arena_string(within, (const char *)machine.data, machine.length)
                       : NULL;
    row->variants = vmwire_arena_alloc(within, count_variants() * sizeof(*row->variants));
    bool measured = measure_variants(row->variants, &subject, &comparison->error);
    vmwire_arena_destroy(subject.arena);
    /* Blocks of mapped RAM are in the file only: the table of the options has their padding, too. */
    for (size_t i = 0; i < vmwire_option_count; i++)
        if (row->cells[i].written)
            row->variants[i].added = (int64_t)(row->cells[i].bytes - row->bytes);
    return measured;
}

static bool fill_row(void *context)
{
    struct stream_comparison *comparison = context;
    const struct loaded_file *loaded = &comparison->loaded;
    const struct vmwire_stream *stream = vmwire_stream_read_whole(
        comparison->arguments->option, loaded->stream.bytes, loaded->schema, loaded->arena,
        &comparison->cost, &comparison->error);
    if (!stream)
        return false;
    if (!comparison->arguments->costs) /* a variant has them, and sets them itself */
        forget_existing(loaded->schema);
    const struct vmwire_cost *cost = &comparison->cost;
    struct row *row =
        add_row(comparison->table, comparison->file, comparison->before, comparison->arguments);
    row->bytes = loaded->input.bytes.length;
    row->state = cost->accounted[VMWIRE_ACCOUNT_FRAMING] + cost->accounted[VMWIRE_ACCOUNT_FIELD] +
                 cost->accounted[VMWIRE_ACCOUNT_SUBSECTION];
    for (size_t i = 0; i < vmwire_option_count; i++)
        if (!measure_cell(&row->cells[i], &vmwire_options[i], stream, cost->footers > 0,
                          loaded->schema, loaded->stream.left_out) ||
            !measure_whole(&row->cells[i], &vmwire_options[i], comparison)) {
            comparison->error = row->cells[i].error;
            return false;
        }
    return comparison->arguments->costs || fill_variants(comparison, row, stream);
}

/* Loads the schema of the release before, if it is asked for and known. */
static bool load_release_before(struct stream_comparison *comparison)
{
    const struct arguments none = {.option = comparison->arguments->option,
                                   .folder = comparison->before_folder};
    return comparison->arguments->costs || !comparison->before ||
           load_stream_or_schema(&comparison->older, comparison->before, &none);
}

/* `before` is the schema of the release before, in the folder of the manifest that names it, if --existing names none. */
static int compare_stream(struct table *table, const char *file, const char *before,
                          const struct arguments *arguments)
{
    struct stream_comparison comparison = {
        .table = table,
        .file = file,
        .arguments = arguments,
        .before = arguments->existing ? arguments->existing : before,
        .before_folder = arguments->existing ? NULL : arguments->folder};
    struct loaded_file *loaded = &comparison.loaded;
    show_progress(table->row_count, "read and written", file);
    int code = load_stream(loaded, file, arguments) && load_release_before(&comparison)
                   ? validate_stream(arguments, file, loaded, &comparison.cost)
                   : EXIT_BAD_INPUT;
    if (code == EXIT_CLEAN &&
        !vmwire_arena_attempt(table->arena, fill_row, &comparison, &comparison.error))
        code = report_error(arguments, file, &comparison.error);
    unload(loaded);
    unload(&comparison.older);
    return code;
}

static bool is_folder(const char *file, struct vmwire_arena *arena)
{
    return access(join_path(arena, file, "manifest.json"), R_OK) == 0;
}

/* A FILE of the command line while it is compared, for an attempt. */
struct file_comparison {
    struct table *table;
    const char *file;
    const struct arguments *arguments;
    json_t *manifest; /* NULL: the file is no folder */
    int worst;
};

/* The stream of an entry of a manifest. */
struct compared_entry {
    const char *file, *before;
    struct arguments with; /* arguments with the entry's schemas */
};

static int compare_entries(struct table *table, const struct compared_entry *entries, size_t count)
{
    int worst = EXIT_CLEAN;
    for (size_t i = 0; i < count; i++) {
        int code = compare_stream(table, entries[i].file, entries[i].before, &entries[i].with);
        worst = code > worst ? code : worst;
    }
    return worst;
}

static int measure_guests(struct file_comparison *comparison)
{
    struct table *table = comparison->table;
    const char *file = join_path(table->arena, comparison->file, "manifest.json");
    int code = EXIT_CLEAN;
    for (size_t i = 0; i < json_array_size(comparison->manifest) && code == EXIT_CLEAN; i++) {
        struct replay_entry entry = {.folder = comparison->file,
                                     .json = json_array_get(comparison->manifest, i)};
        if (!check_entry(&entry, file, i, comparison->arguments, table->arena))
            return EXIT_BAD_INPUT;
        show_progress(table->guest_count, "guests read", entry.file);
        table->guests = vmwire_arena_grow(table->arena, table->guests, table->guest_count,
                                          &table->guest_room, sizeof(*table->guests));
        code = measure_guest(&table->guests[table->guest_count++], &entry, comparison->arguments,
                             table->arena);
    }
    return code;
}

/* Adds rows of what real programs did, as the script of the corpus has recorded them. */
static int add_record(struct file_comparison *comparison, const char *name, const char *kind,
                      json_t **rows)
{
    struct vmwire_error error = {0};
    json_t *record = load_record(comparison->arguments, comparison->file, name,
                                 comparison->table->arena, &error);
    if (!record)
        return report_error(comparison->arguments,
                            join_path(comparison->table->arena, comparison->file, name), &error);
    json_t *named = name_kind(record, kind);
    json_decref(record);
    const bool added = named && json_array_extend(*rows, named) == 0;
    json_decref(named);
    return added ? EXIT_CLEAN : report_out_of_memory(comparison->arguments, comparison->file);
}

static int add_guests(struct file_comparison *comparison)
{
    int code = measure_guests(comparison);
    return code == EXIT_CLEAN
               ? add_record(comparison, "seen.json", "guest", &comparison->table->guest_rows)
               : code;
}

/* Checks every entry of the manifest before it reads the first stream. */
static int compare_folder(struct file_comparison *comparison)
{
    const struct arguments *arguments = comparison->arguments;
    struct vmwire_arena *arena = comparison->table->arena;
    const char *folder = comparison->file;
    const char *file = join_path(arena, folder, "manifest.json");
    struct vmwire_error error = {0};
    comparison->manifest = load_manifest(arguments, folder, file, &error);
    if (!comparison->manifest)
        return report_error(arguments, file, &error);
    if (holds_guests(comparison->manifest))
        return add_guests(comparison);
    if (holds_eras(comparison->manifest))
        return add_record(comparison, "claims.json", "era", &comparison->table->era_rows);
    if (holds_witnesses(comparison->manifest))
        return add_witnesses(&comparison->table->witnesses, folder, comparison->manifest, arguments,
                             arena);
    size_t i, count = json_array_size(comparison->manifest);
    struct compared_entry *entries = vmwire_arena_alloc(arena, count * sizeof(*entries));
    json_t *entry;
    json_array_foreach(comparison->manifest, i, entry)
    {
        if (!check_manifest_entry(&entries[i].with, arguments, folder, entry, i, arena, &error))
            return report_error(arguments, file, &error);
        const char *before = json_string_value(json_object_get(entry, "before"));
        entries[i].before = before ? join_path(arena, folder, before) : NULL;
        entries[i].file =
            join_path(arena, folder, json_string_value(json_object_get(entry, "file")));
    }
    return compare_entries(comparison->table, entries, count);
}

static bool compare_within_attempt(void *context)
{
    struct file_comparison *comparison = context;
    comparison->worst =
        is_folder(comparison->file, comparison->table->arena)
            ? compare_folder(comparison)
            : compare_stream(comparison->table, comparison->file, NULL, comparison->arguments);
    return true;
}

static int compare_file(struct table *table, const char *file, const struct arguments *arguments)
{
    struct vmwire_error error;
    struct file_comparison comparison = {.table = table, .file = file, .arguments = arguments};
    if (!vmwire_arena_attempt(table->arena, compare_within_attempt, &comparison, &error))
        comparison.worst = report_error(arguments, file, &error);
    json_decref(comparison.manifest);
    return comparison.worst;
}

/* The newest machine type of all streams is new, unless the user says otherwise. */
static const char *find_since(const struct table *table, const struct arguments *arguments)
{
    const char *last = arguments->since;
    for (size_t i = 0; i < table->row_count && !arguments->since; i++) {
        const char *version = machine_version(table->rows[i].machine);
        if (version && (!last || compare_versions(version, last) > 0))
            last = version;
    }
    return last;
}

static void complete_variants(struct table *table, const struct arguments *arguments)
{
    table->since = find_since(table, arguments);
    for (size_t i = 0; i < table->row_count; i++)
        choose_by_machine(table->rows[i].variants, table->rows[i].machine, table->since);
}

/* What guests and old programs did says nothing without streams. */
static int report_no_stream(const struct arguments *arguments)
{
    struct vmwire_error error;
    vmwire_error_set(&error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                     "expected a stream, or a folder of streams, to compare");
    return report_error(arguments, arguments->files[0], &error);
}

static bool print_elements(const json_t *list)
{
    size_t i;
    json_t *each;
    bool printed = true;
    json_array_foreach((json_t *)list, i, each)
    {
        printed = printed && print_json_line(stdout, json_incref(each));
    }
    return printed;
}

/* The report, a line for each part; of a list of objects, each of which says its kind, a line for each object. */
static bool print_parts(json_t *report)
{
    const char *name;
    json_t *part;
    bool printed = true;
    json_object_foreach(report, name, part)
    {
        if (strcmp(name, "kind") == 0)
            continue;
        if (json_is_array(part) && json_is_object(json_array_get(part, 0))) {
            printed = printed && print_elements(part);
            continue;
        }
        if (!printed)
            break;
        json_t *line = json_object();
        put_json_string(&line, "kind", name);
        put_json(&line, "is", json_incref(part));
        printed = print_json_line(stdout, line);
    }
    return printed;
}

/* Makes the whole report. NULL: memory ran out. */
static json_t *make_whole_report(const struct table *table, const struct decision *decision)
{
    json_t *report = make_report(table->row_count, json_incref(table->witnesses));
    if (table->row_count)
        put_decision(&report, decision);
    if (json_object_get(report, "costs"))
        put_json(&report, "costs", name_kind(json_object_get(report, "costs"), "cost"));
    put_json(&report, "guests", json_incref(table->guest_rows));
    put_json(&report, "eras", json_incref(table->era_rows));
    return report;
}

static bool print_decision_json(const struct table *table, const struct decision *decision)
{
    json_t *report = make_whole_report(table, decision);
    bool printed = report && print_variants_json(table) && print_parts(report);
    json_decref(report);
    return printed;
}

static int write_report(const struct table *table, const struct decision *decision,
                        const struct arguments *arguments)
{
    struct vmwire_error error = {0};
    json_t *report = make_whole_report(table, decision);
    if (!report)
        return report_out_of_memory(arguments, arguments->html);
    bool written = write_page(arguments->html, report, &error);
    json_decref(report);
    return written ? EXIT_CLEAN : report_error(arguments, arguments->html, &error);
}

static int print_costs(const struct table *table, const struct arguments *arguments)
{
    if (arguments->json && !print_table_json(table))
        return report_out_of_memory(arguments, "standard output");
    if (!arguments->json)
        print_table_text(table);
    return EXIT_CLEAN;
}

/* The page comes first: where it cannot be written, nothing is printed. */
static int print_decision(const struct table *table, const struct decision *decision,
                          const struct arguments *arguments)
{
    const int code = arguments->html ? write_report(table, decision, arguments) : EXIT_CLEAN;
    if (code != EXIT_CLEAN)
        return code;
    if (arguments->json && !print_decision_json(table, decision))
        return report_out_of_memory(arguments, "standard output");
    if (arguments->csv && table->row_count)
        print_decision_csv(decision);
    else if (!arguments->json && table->row_count)
        print_decision_text(decision);
    return EXIT_CLEAN;
}

/* What is decided lives in the table's arena. */
struct deciding {
    struct table *table;
    const struct arguments *arguments;
    struct decision decision;
    struct vmwire_error error;
    int code;
};

static bool decide_within_attempt(void *context)
{
    struct deciding *deciding = context;
    deciding->table->words = write_words(deciding->table->arena, deciding->arguments);
    deciding->table->since_words =
        write_option(deciding->table->arena, " --since", deciding->arguments->since);
    complete_variants(deciding->table, deciding->arguments);
    /* Witnesses alone are shown, not compared. */
    if (deciding->table->row_count) {
        if (!make_decision(&deciding->decision, deciding->table, &deciding->error))
            return false;
        answer_all(&deciding->decision);
        judge_all(&deciding->decision);
    }
    deciding->code = print_decision(deciding->table, &deciding->decision, deciding->arguments);
    return true;
}

static int decide_and_print(struct table *table, const struct arguments *arguments)
{
    struct deciding deciding = {.table = table, .arguments = arguments};
    /* Witnesses are shown by the page and by JSON. */
    const bool shown = arguments->html || arguments->json;
    if (!table->row_count && !(shown && json_array_size(table->witnesses)))
        return report_no_stream(arguments);
    if (!vmwire_arena_attempt(table->arena, decide_within_attempt, &deciding, &deciding.error))
        deciding.code = report_error(arguments, arguments->files[0], &deciding.error);
    end_decision(&deciding.decision);
    return deciding.code;
}

static bool is_place_for_page(const struct arguments *arguments, struct vmwire_error *error)
{
    if (strcmp(arguments->html, "-") == 0)
        return vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                                "expected a file for the page: standard output has the table");
    return output_is_no_input(arguments->html, arguments, error);
}

static int compare_files(struct table *table, const struct arguments *arguments)
{
    struct vmwire_error error = {0};
    int worst = EXIT_CLEAN;
    if (arguments->html && !is_place_for_page(arguments, &error))
        return report_error(arguments, arguments->html, &error);
    for (size_t i = 0; i < arguments->file_count; i++) {
        int code = compare_file(table, arguments->files[i], arguments);
        worst = code > worst ? code : worst;
    }
    clear_progress();
    if (worst == EXIT_CLEAN && !(table->witnesses && table->guest_rows && table->era_rows))
        worst = report_out_of_memory(arguments, "witnesses");
    return worst;
}

static void give_up_rows(struct table *table)
{
    json_decref(table->witnesses);
    json_decref(table->guest_rows);
    json_decref(table->era_rows);
}

int run_compare(const struct arguments *arguments)
{
    struct table table = {.arena = vmwire_arena_create(),
                          .witnesses = json_array(),
                          .guest_rows = json_array(),
                          .era_rows = json_array()};
    struct vmwire_error error;
    if (!table.arena) {
        vmwire_error_set_memory(&error, 0);
        give_up_rows(&table);
        return report_error(arguments, arguments->files[0], &error);
    }
    table.signatures.arena = table.arena;
    int worst = compare_files(&table, arguments);
    if (worst == EXIT_CLEAN)
        worst =
            arguments->costs ? print_costs(&table, arguments) : decide_and_print(&table, arguments);
    give_up_rows(&table);
    vmwire_arena_destroy(table.arena);
    return worst;
}
