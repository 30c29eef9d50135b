/* SPDX-License-Identifier: MIT */
/*
 * Opens a program and its modules.
 */
#include "program/shared/program_files.h"

#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "vmwire/declarations.h"

/* Where a package or a build puts modules, from the folder of the program. */
static const char *const module_folders[] = {
    ".", "../lib/*/qemu", "../lib/qemu", "../lib64/qemu", "../lib64/qemu-kvm", "../lib/qemu-kvm",
};

static bool open_file(struct program_files *files, const char *name, struct vmwire_arena *arena,
                      struct vmwire_error *error)
{
    if (files->count == PROGRAM_FILES_LIMIT)
        return vmwire_error_set(error, VMWIRE_ERROR_LIMIT, VMWIRE_ERROR_NO_OFFSET,
                                "more than %d modules", PROGRAM_FILES_LIMIT - 1);
    files->names[files->count] = vmwire_arena_string(arena, name, strlen(name));
    if (!vmwire_input_open(&files->inputs[files->count], name, NULL, error)) {
        snprintf(error->file, sizeof(error->file), "%s", name);
        return false;
    }
    files->count++;
    return true;
}

/* The module's name as QEMU spells it: that of the file without ".so". */
static bool is_module_of(struct vmwire_bytes program, const char *file)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof(copy), "%s", file);
    char *name = basename(copy);
    size_t length = strlen(name);
    if (length <= 3)
        return false;
    name[length - 3] = '\0';
    return vmwire_program_names(program, name);
}

static bool open_found_modules(struct program_files *files, const char *program,
                               struct vmwire_arena *arena, struct vmwire_error *error)
{
    char copy[PATH_MAX], pattern[2 * PATH_MAX];
    snprintf(copy, sizeof(copy), "%s", program);
    const char *folder = dirname(copy);
    for (size_t i = 0; i < sizeof(module_folders) / sizeof(module_folders[0]); i++) {
        glob_t found;
        bool opened = true;
        snprintf(pattern, sizeof(pattern), "%s/%s/*.so", folder, module_folders[i]);
        if (glob(pattern, 0, NULL, &found) == 0)
            for (size_t k = 0; opened && k < found.gl_pathc; k++)
                opened = !is_module_of(files->inputs[0].bytes, found.gl_pathv[k]) ||
                         open_file(files, found.gl_pathv[k], arena, error);
        globfree(&found);
        if (!opened)
            return false;
    }
    return true;
}

bool open_program_files(struct program_files *files, const char *program, char *const *modules,
                        size_t module_count, struct vmwire_arena *arena,
                        struct vmwire_error *error)
{
    if (!open_file(files, program, arena, error))
        return false;
    for (size_t i = 0; i < module_count; i++)
        if (!open_file(files, modules[i], arena, error))
            return false;
    return module_count || open_found_modules(files, program, arena, error);
}

void close_program_files(struct program_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        vmwire_input_close(&files->inputs[i]);
    files->count = 0;
}
