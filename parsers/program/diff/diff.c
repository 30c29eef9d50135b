/* SPDX-License-Identifier: MIT */
/*
 * vmwire diff: reads two streams, each by its own layouts, and compares their items, then their pages of RAM and the like.
 * Prints when all is compared.
 */
#include "program/diff/diff.h"

#include "program/diff/compare_entries.h"
#include "program/diff/compare_items.h"
#include "program/diff/print_json.h"
#include "program/diff/print_text.h"
#include "program/shared/exit_status.h"
#include "program/shared/load.h"
#include "program/shared/report_error.h"
#include "program/shared/side_names.h"

/* One of the two streams. */
struct diff_side {
    struct arguments arguments; /* with the schemas of this side */
    const char *file;
    struct loaded_file loaded;
    struct vmwire_cost cost;
    struct vmwire_stream *stream; /* without the pages of RAM */
};

struct diff {
    const struct arguments *arguments;
    struct vmwire_arena *arena;
    struct diff_side sides[SIDE_COUNT];
    int side; /* that is being named */
    bool whole_encodings;
    struct differences differences;
};

/* ---- Reading ----------------------------------------------------------------------------------- */

/* The schemas that are joined to the stream come before those of --schema. */
static bool collect_schemas(void *context)
{
    struct diff *diff = context;
    struct diff_side *side = &diff->sides[diff->side];
    const struct arguments *given = diff->arguments;
    struct side_names files;
    struct vmwire_error error;
    if (!split_side(&files, given->files[diff->side], diff->arena, &error)) {
        report_error(given, given->files[diff->side], &error);
        return false;
    }
    size_t own = files.count - 1, count = own + given->schema_count;
    const char **schemas = vmwire_arena_alloc(diff->arena, (count + 1) * sizeof(*schemas));
    for (size_t i = 0; i < count; i++)
        schemas[i] = i < own ? files.names[i + 1] : given->schemas[i - own];
    side->file = files.names[0];
    side->arguments = *given;
    side->arguments.schemas = schemas;
    side->arguments.schema_count = count;
    if (diff->side == SIDE_B && given->to)
        side->arguments.option = given->to;
    return true;
}

/* Returns false with the error reported. Where one side has schemas and the other none, private encodings are split in neither:
 * split fields have no partner in the other. */
static bool name_sides(struct diff *diff)
{
    for (diff->side = 0; diff->side < SIDE_COUNT; diff->side++) {
        struct vmwire_error error = {0};
        if (vmwire_arena_attempt(diff->arena, collect_schemas, diff, &error))
            continue;
        if (error.kind != VMWIRE_ERROR_NONE)
            report_error(diff->arguments, diff->arguments->files[diff->side], &error);
        return false;
    }
    diff->whole_encodings =
        !diff->sides[SIDE_A].arguments.schema_count != !diff->sides[SIDE_B].arguments.schema_count;
    return true;
}

/* Returns false with the error reported. */
static bool read_side(struct diff *diff, int number)
{
    struct diff_side *side = &diff->sides[number];
    const struct arguments *arguments = &side->arguments;
    struct vmwire_error error = {0};
    side->loaded.whole_encodings = diff->whole_encodings;
    if (!load_stream(&side->loaded, side->file, arguments) ||
        validate_stream(arguments, side->file, &side->loaded, &side->cost) != EXIT_CLEAN)
        return false;
    struct vmwire_cost cost;
    side->stream = vmwire_stream_read_whole(arguments->option, side->loaded.stream.bytes,
                                            side->loaded.schema, side->loaded.arena, &cost, &error);
    if (!side->stream)
        report_error(arguments, side->file, &error);
    return side->stream != NULL;
}

/* ---- Comparing --------------------------------------------------------------------------------- */

static bool compare_within_attempt(void *context)
{
    struct diff *diff = context;
    struct vmwire_arena *scratch = vmwire_arena_create_within(diff->arena);
    compare_items(&diff->differences, scratch, diff->sides[SIDE_A].stream,
                  diff->sides[SIDE_B].stream);
    vmwire_arena_destroy(scratch);
    return true;
}

static bool compare(struct diff *diff, struct vmwire_error *error)
{
    struct entry_source sources[SIDE_COUNT];
    for (int i = 0; i < SIDE_COUNT; i++) {
        const struct diff_side *side = &diff->sides[i];
        sources[i] = (struct entry_source){side->arguments.option, side->loaded.input.bytes,
                                           side->loaded.schema, side->cost.pages};
    }
    diff->differences.arena = diff->arena;
    return vmwire_arena_attempt(diff->arena, compare_within_attempt, diff, error) &&
           compare_entries(&diff->differences, sources, error);
}

static int print(const struct diff *diff)
{
    const char *files[SIDE_COUNT] = {diff->sides[SIDE_A].file, diff->sides[SIDE_B].file};
    const struct arguments *arguments = diff->arguments;
    bool printed = true;
    if (arguments->json)
        printed = print_differences_json(&diff->differences, files, arguments->all);
    else if (arguments->csv)
        print_differences_csv(&diff->differences, arguments->all);
    else
        print_differences_text(&diff->differences, files, arguments->all);
    if (!printed)
        return report_out_of_memory(arguments, files[SIDE_A]);
    return diff->differences.count ? EXIT_FINDINGS : EXIT_CLEAN;
}

static int run_in_arena(struct diff *diff)
{
    struct vmwire_error error;
    if (!name_sides(diff) || !read_side(diff, SIDE_A) || !read_side(diff, SIDE_B))
        return EXIT_BAD_INPUT;
    if (!compare(diff, &error))
        return report_error(diff->arguments, diff->sides[SIDE_A].file, &error);
    return print(diff);
}

int run_diff(const struct arguments *arguments)
{
    if (arguments->file_count != 2)
        return report_usage_error(arguments, "diff takes two FILES, found %zu",
                                  arguments->file_count);
    struct diff diff = {.arguments = arguments, .arena = vmwire_arena_create()};
    if (!diff.arena)
        return report_out_of_memory(arguments, arguments->files[0]);
    int code = run_in_arena(&diff);
    for (int i = 0; i < SIDE_COUNT; i++)
        unload(&diff.sides[i].loaded);
    vmwire_arena_destroy(diff.arena);
    return code;
}
