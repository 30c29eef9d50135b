/* SPDX-License-Identifier: MIT */
/*
 * Finds and opens a program and its modules.
 */
#include "program/shared/program_files.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmwire/declarations.h"

/* Where a package or a build puts modules, from the folder of the program. */
static const char *const module_folders[] = {
    ".", "../lib/*/qemu", "../lib/qemu", "../lib64/qemu", "../lib64/qemu-kvm", "../lib/qemu-kvm",
};

/* Where a program is looked for if PATH is not set: as execvp(3) does. */
#define DEFAULT_PATH "/bin:/usr/bin"

/* Files that are being opened. */
struct opening {
    struct program_files *files;
    const struct program_request *request;
    struct vmwire_arena *arena;
    struct vmwire_error *error;
};

/* ---- Names ---- */

static char *join(const struct opening *opening, const char *a, const char *b, const char *c)
{
    size_t length = strlen(a) + strlen(b) + strlen(c) + 1;
    char *joined = vmwire_arena_alloc(opening->arena, length);
    snprintf(joined, length, "%s%s%s", a, b, c);
    return joined;
}

/* A file's name from the process's point of view. */
static const char *name_outside(const struct opening *opening, const char *name)
{
    const char *root = opening->request->root;
    return root ? join(opening, root, name[0] == '/' ? "" : "/", name) : name;
}

static bool can_be_run(const struct opening *opening, const char *name)
{
    struct stat status;
    const char *outside = name_outside(opening, name);
    return stat(outside, &status) == 0 && S_ISREG(status.st_mode) && access(outside, X_OK) == 0;
}

/* The program's name with a folder; the name as it is if no file has it. */
static const char *find_program(const struct opening *opening, const char *name)
{
    if (strchr(name, '/'))
        return name;
    if (access(name_outside(opening, name), F_OK) == 0)
        return join(opening, opening->request->root ? "/" : "./", name, "");
    const char *path = getenv("PATH");
    path = path ? path : DEFAULT_PATH;
    while (*path) {
        size_t length = strcspn(path, ":");
        char *folder = vmwire_arena_string(opening->arena, path, length);
        char *found = join(opening, length ? folder : ".", "/", name);
        if (can_be_run(opening, found))
            return found;
        path += length + (path[length] == ':');
    }
    return name;
}

/* ---- One file ---- */

__attribute__((format(printf, 3, 4))) static bool fail(const struct opening *opening,
                                                       const char *name, const char *format, ...)
{
    char message[sizeof(opening->error->message)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    vmwire_error_set(opening->error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET, "%s", message);
    snprintf(opening->error->file, sizeof(opening->error->file), "%s", name);
    return false;
}

/* Checks that a file lies in the root folder, links followed: one that leads out leads elsewhere when the program is
 * run. */
static bool check_root(const struct opening *opening, const char *name)
{
    char *root = realpath(opening->request->root, NULL), *file = root ? realpath(name, NULL) : NULL;
    int reason = errno;
    size_t length = root && strcmp(root, "/") != 0 ? strlen(root) : 0;
    bool found = root && file;
    bool inside = found && strncmp(root, file, length) == 0 && file[length] == '/';
    free(root);
    free(file);
    if (!found)
        return fail(opening, name, "cannot open: %s", strerror(reason));
    return inside || fail(opening, name, "a link leads out of the root folder");
}

/* Opens the file, which must not be opened yet. */
static bool open_file(const struct opening *opening, const char *name)
{
    struct program_files *files = opening->files;
    struct stat status;
    if (strcmp(name, "-") == 0)
        return fail(opening, name, "a program is read from a file, not from standard input");
    if (files->count == PROGRAM_FILES_LIMIT)
        return fail(opening, name, "one of more than %d modules", PROGRAM_FILES_LIMIT - 1);
    if (stat(name, &status) != 0)
        return fail(opening, name, "cannot open: %s", strerror(errno));
    if (!S_ISREG(status.st_mode))
        return fail(opening, name, "a program is read from a regular file; this is none");
    if (opening->request->root && !check_root(opening, name))
        return false;
    files->names[files->count] = vmwire_arena_string(opening->arena, name, strlen(name));
    files->identities[files->count] = (struct file_identity){status.st_dev, status.st_ino};
    if (!vmwire_input_open(&files->inputs[files->count], name, NULL, opening->error))
        return false;
    files->count++;
    return true;
}

static bool is_script(struct vmwire_bytes file)
{
    return file.length > 2 && memcmp(file.data, "#!", 2) == 0;
}

static bool open_program(const struct opening *opening)
{
    struct program_files *files = opening->files;
    if (strcmp(opening->request->program, "-") == 0)
        return open_file(opening, "-");
    files->program = find_program(opening, opening->request->program);
    if (!open_file(opening, name_outside(opening, files->program)))
        return false;
    return !is_script(files->inputs[0].bytes) ||
           fail(opening, files->names[0],
                "a script, no program; it may start the program that is to be named");
}

/* ---- Modules ---- */

static bool is_open(const struct program_files *files, const char *name)
{
    struct stat status;
    for (size_t i = 0; stat(name, &status) == 0 && i < files->count; i++)
        if (files->identities[i].device == status.st_dev &&
            files->identities[i].number == status.st_ino)
            return true;
    return false;
}

static bool open_named_module(const struct opening *opening, const char *given)
{
    const struct program_files *files = opening->files;
    const char *name = strcmp(given, "-") == 0 ? given : name_outside(opening, given);
    if (is_open(files, name))
        return fail(opening, name, "the same file is given twice");
    if (!open_file(opening, name))
        return false;
    return vmwire_program_loads(files->inputs[0].bytes, files->inputs[files->count - 1].bytes) ||
           fail(opening, name, "a module of another build of QEMU than the program");
}

/* Whether the program knows the module's name as QEMU spells it: that of the file without ".so". It begins with a kind and
 * a dash: "hw-", "ui-" (QEMU util/module.c). */
static bool is_known_module(const struct opening *opening, const char *file)
{
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
    size_t length = strlen(base), ending = strlen(".so");
    return length > ending && strchr(base, '-') &&
           vmwire_program_names(opening->files->inputs[0].bytes,
                                vmwire_arena_string(opening->arena, base, length - ending));
}

/* Whether both ELF files are for one processor; another one's modules can lie in ../lib, too. */
static bool is_same_processor(struct vmwire_bytes a, struct vmwire_bytes b)
{
    enum { CLASS = 4, CLASS_SIZE = 2, MACHINE = 18, MACHINE_SIZE = 2 }; /* of struct Elf64_Ehdr */
    if (a.length < MACHINE + MACHINE_SIZE || b.length < MACHINE + MACHINE_SIZE ||
        memcmp(a.data, b.data, CLASS) != 0)
        return true; /* one is no ELF file, which is an error */
    return memcmp(a.data + CLASS, b.data + CLASS, CLASS_SIZE) == 0 &&
           memcmp(a.data + MACHINE, b.data + MACHINE, MACHINE_SIZE) == 0;
}

/* Opens a module that lies in a module folder, if the program would load it. */
static bool open_found_module(const struct opening *opening, const char *name)
{
    struct program_files *files = opening->files;
    if (is_open(files, name) || !is_known_module(opening, name))
        return true;
    if (!open_file(opening, name))
        return false;
    struct vmwire_bytes program = files->inputs[0].bytes,
                        module = files->inputs[files->count - 1].bytes;
    if (!vmwire_program_loads(program, module) || !is_same_processor(program, module))
        vmwire_input_close(&files->inputs[--files->count]);
    return true;
}

/* The folder, as glob(3) takes it literally. */
static char *escape_pattern(const struct opening *opening, const char *folder, size_t length)
{
    char *escaped = vmwire_arena_alloc(opening->arena, 2 * length + 1), *next = escaped;
    for (size_t i = 0; i < length; i++) {
        if (strchr("*?[\\", folder[i]))
            *next++ = '\\';
        *next++ = folder[i];
    }
    return escaped;
}

/* What glob(3) found. It is known outside of an attempt, so that it is released when memory runs out. */
struct found_modules {
    const struct opening *opening;
    glob_t names;
    bool found;
};

static bool open_found(void *context)
{
    const struct found_modules *modules = context;
    for (size_t i = 0; modules->found && i < modules->names.gl_pathc; i++)
        if (!open_found_module(modules->opening, modules->names.gl_pathv[i]))
            return false;
    return true;
}

/* The folder of the program itself: its name may be that of a link. */
static char *find_folder(const struct opening *opening)
{
    char *file = realpath(opening->files->names[0], NULL);
    const char *name = file ? file : opening->files->names[0], *slash = strrchr(name, '/');
    /* Copied without the arena, which would leave here, and `file` behind. */
    char folder[PATH_MAX];
    snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - name) : 1, slash ? name : ".");
    free(file);
    return escape_pattern(opening, folder, strlen(folder));
}

/* For glob(3): a folder that cannot be read has no modules, unless memory ran out. */
static int is_out_of_memory(const char *path, int reason)
{
    (void)path;
    return reason == ENOMEM;
}

static bool open_found_modules(const struct opening *opening)
{
    const char *folder = find_folder(opening);
    for (size_t i = 0; i < sizeof(module_folders) / sizeof(module_folders[0]); i++) {
        struct found_modules modules = {.opening = opening};
        const char *pattern =
            join(opening, folder, "/", join(opening, module_folders[i], "/*.so", ""));
        int result = glob(pattern, 0, is_out_of_memory, &modules.names);
        modules.found = result == 0;
        bool opened = vmwire_arena_attempt(opening->arena, open_found, &modules, opening->error);
        globfree(&modules.names);
        if (result == GLOB_NOSPACE || result == GLOB_ABORTED)
            return vmwire_error_set_memory(opening->error, 0);
        if (!opened)
            return false;
    }
    return true;
}

bool open_program_files(struct program_files *files, const struct program_request *request,
                        struct vmwire_arena *arena, struct vmwire_error *error)
{
    const struct opening opening = {files, request, arena, error};
    if (!open_program(&opening))
        return false;
    for (size_t i = 0; i < request->module_count; i++)
        if (!open_named_module(&opening, request->modules[i]))
            return false;
    return request->module_count || open_found_modules(&opening);
}

void close_program_files(struct program_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        vmwire_input_close(&files->inputs[i]);
    files->count = 0;
}
