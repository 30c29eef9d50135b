/* SPDX-License-Identifier: MIT */
/*
 * vmwire skew: opens both sides, has them compared in one or both directions, and prints what differs. What only a contrived
 * state can do is decided elsewhere (check/contrived.h).
 */
#include "program/skew/skew.h"

#include <stdio.h>

#include "program/check/contrived.h"
#include "program/shared/exit_status.h"
#include "program/shared/report_error.h"
#include "program/skew/crossing.h"
#include "program/skew/machine_type.h"
#include "program/skew/skew_json.h"
#include "program/skew/skew_junit.h"
#include "program/skew/skew_sarif.h"
#include "program/skew/skew_text.h"

enum { DIRECTIONS = 2 };

/* One run. */
struct run {
    const struct arguments *arguments;
    struct vmwire_arena *arena;
    struct baseline baseline;
    struct side_files sides[2];
    struct crossing crossings[DIRECTIONS];
    struct difference_groups groups[DIRECTIONS];
    size_t count;
    struct vmwire_error error;
};

/* ---- Opening ---- */

static const struct vmwire_option *reading_option(const struct arguments *arguments)
{
    return arguments->to ? arguments->to : arguments->option;
}

/* The stream of B only tells its machine. It may be in the format of A, of the reader, or of today. */
static bool open_sides(struct run *run)
{
    const struct arguments *arguments = run->arguments;
    const struct vmwire_option *const options[] = {arguments->option, reading_option(arguments),
                                                   vmwire_option_find("heuristic")};
    struct vmwire_error error;
    if (names_standard_input(arguments->files[0]) && names_standard_input(arguments->files[1])) {
        vmwire_error_set(&error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                         "standard input can be one file only");
        report_error(arguments, "-", &error);
        return false;
    }
    if (!open_side(&run->sides[0], arguments->files[0], &arguments->option, 1, arguments) ||
        !open_side(&run->sides[1], arguments->files[1], options,
                   sizeof(options) / sizeof(options[0]), arguments))
        return false;
    for (int i = 0; i < 2; i++)
        if (run->sides[i].refused.kind != VMWIRE_ERROR_NONE) {
            report_refused_side(arguments, &run->sides[i]);
            return false;
        }
    return choose_machine(run->sides, arguments);
}

/* ---- Comparing and printing ---- */

/* Programs and dumps: all machines that can be. */
static bool is_of_machines(const struct vmwire_side *side)
{
    return !side->stream && !side->described;
}

static void choose_directions(struct run *run)
{
    bool both = run->arguments->both ||
                (is_of_machines(&run->sides[0].side) && is_of_machines(&run->sides[1].side));
    const struct vmwire_option *one = run->arguments->option,
                               *other = reading_option(run->arguments);
    run->crossings[0] = (struct crossing){.writer = &run->sides[0],
                                          .reader = &run->sides[1],
                                          .writes = one,
                                          .reads = other,
                                          .direction = "forward"};
    if (have_one_stream(&run->sides[0], &run->sides[1]))
        run->sides[0].side.bitmap_count = run->sides[1].side.bitmap_count = 0;
    run->crossings[1] = (struct crossing){.writer = &run->sides[1],
                                          .reader = &run->sides[0],
                                          .writes = other,
                                          .reads = one,
                                          .direction = "backward"};
    run->count = both ? 2 : 1;
}

static bool cross_and_group(void *context)
{
    struct run *run = context;
    run->baseline.arena = run->arena;
    if (run->baseline.file && !read_baseline(&run->baseline, &run->error))
        return false;
    for (size_t i = 0; i < run->count; i++) {
        if (!cross(&run->crossings[i], &run->baseline, run->arena, &run->error))
            return false;
        group_differences(&run->crossings[i], run->arena, &run->groups[i]);
    }
    return true;
}

static void print_text_of_all(const struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        if (i)
            putchar('\n');
        print_skew_text(&run->crossings[i], &run->groups[i], run->arguments);
    }
}

static bool print_all(void *context)
{
    struct run *run = context;
    const struct arguments *arguments = run->arguments;
    bool printed = true;
    if (arguments->json)
        printed = print_skew_json(run->crossings, run->count);
    else if (arguments->sarif)
        printed = print_skew_sarif(run->crossings, run->count, run->arena);
    else if (arguments->junit)
        print_skew_junit(run->crossings, run->count, run->arena);
    else if (arguments->csv)
        print_skew_csv(run->crossings, run->count);
    else
        print_text_of_all(run);
    return printed || vmwire_error_set_memory(&run->error, 0);
}

static int exit_status(const struct run *run)
{
    size_t differences = 0, undecided = 0;
    for (size_t i = 0; i < run->count; i++) {
        const size_t *counts = run->crossings[i].counts;
        differences += counts[VMWIRE_CERTAIN] + counts[VMWIRE_WHEN_NEEDED];
        undecided += counts[VMWIRE_NOT_DECIDED];
    }
    if (undecided && (!differences || run->arguments->strict))
        return EXIT_UNDECIDED;
    return differences ? EXIT_FINDINGS : EXIT_CLEAN;
}

static int compare_and_print(struct run *run)
{
    const struct arguments *arguments = run->arguments;
    choose_directions(run);
    if (!vmwire_arena_attempt(run->arena, cross_and_group, run, &run->error) ||
        !vmwire_arena_attempt(run->arena, print_all, run, &run->error))
        return report_error(arguments,
                            run->error.kind == VMWIRE_ERROR_MEMORY ? arguments->files[0]
                                                                   : arguments->baseline,
                            &run->error);
    report_stale_entries(&run->baseline, arguments);
    return exit_status(run);
}

int run_skew(const struct arguments *arguments)
{
    struct vmwire_error error;
    if (arguments->file_count != 2) {
        vmwire_error_set(&error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                         "skew takes two files, found %zu", arguments->file_count);
        return report_error(arguments, arguments->files[0], &error);
    }
    if (arguments->contrived)
        return run_contrived(arguments);
    struct run run = {.arguments = arguments,
                      .arena = vmwire_arena_create(),
                      .baseline = {.file = arguments->baseline}};
    if (!run.arena)
        return report_out_of_memory(arguments, arguments->files[0]);
    int status = open_sides(&run) ? compare_and_print(&run) : EXIT_BAD_INPUT;
    close_baseline(&run.baseline);
    close_side(&run.sides[0]);
    close_side(&run.sides[1]);
    vmwire_arena_destroy(run.arena);
    return status;
}
