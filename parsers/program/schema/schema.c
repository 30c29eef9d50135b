/* SPDX-License-Identifier: MIT */
/*
 * vmwire schema: prints what a QEMU declares, or compares it with what the program itself says. It must not know how
 * declarations are found.
 */
#include "program/schema/schema.h"

#include <stdio.h>

#include "program/schema/print_declarations.h"
#include "program/schema/verify.h"
#include "program/shared/exit_status.h"
#include "program/shared/program_files.h"
#include "program/shared/report_error.h"

/* What the command holds; for an attempt. */
struct extraction {
    const struct arguments *arguments;
    struct vmwire_arena *arena;
    struct program_files files;
    const struct vmwire_declarations *declarations;
    struct vmwire_error *error;
};

/* With --root, names are those in the folder. */
static bool open_files(void *context)
{
    struct extraction *extraction = context;
    const struct arguments *arguments = extraction->arguments;
    const struct program_request request = {
        .root = arguments->root,
        .program = arguments->files[0],
        .modules = arguments->files + 1,
        .module_count = arguments->file_count - 1,
    };
    return open_program_files(&extraction->files, &request, extraction->arena, extraction->error);
}

static bool find_declarations(void *context)
{
    struct extraction *extraction = context;
    const struct program_files *files = &extraction->files;
    struct vmwire_bytes *bytes =
        vmwire_arena_alloc(extraction->arena, files->count * sizeof(*bytes));
    size_t fault;
    for (size_t i = 0; i < files->count; i++)
        bytes[i] = files->inputs[i].bytes;
    extraction->declarations =
        vmwire_declarations_find(extraction->arena, bytes, files->count, &fault, extraction->error);
    if (!extraction->declarations)
        snprintf(extraction->error->file, sizeof(extraction->error->file), "%s",
                 files->names[fault]);
    return extraction->declarations != NULL;
}

static int use_declarations(struct extraction *extraction)
{
    const struct arguments *arguments = extraction->arguments;
    if (arguments->verify)
        return verify_declarations(extraction->declarations, &extraction->files, arguments);
    if (!print_declarations(stdout, extraction->declarations, &extraction->files))
        return report_out_of_memory(arguments, arguments->files[0]);
    return EXIT_CLEAN;
}

int run_schema(const struct arguments *arguments)
{
    struct vmwire_error error = {0};
    struct extraction extraction = {
        .arguments = arguments, .arena = vmwire_arena_create(), .error = &error};
    if (!extraction.arena)
        return report_out_of_memory(arguments, arguments->files[0]);
    int code =
        vmwire_arena_attempt(extraction.arena, open_files, &extraction, &error) &&
                vmwire_arena_attempt(extraction.arena, find_declarations, &extraction, &error)
            ? use_declarations(&extraction)
            : report_error(arguments, arguments->files[0], &error);
    close_program_files(&extraction.files);
    vmwire_arena_destroy(extraction.arena);
    return code;
}
