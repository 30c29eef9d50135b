/* SPDX-License-Identifier: MIT */
/*
 * Writes each witness as a whole stream into the folder of --emit. Files and folder names come from the
 * command line; the folder may be one that others write into.
 */
#include "program/check/witness_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program/shared/output_file.h"
#include "program/shared/report_error.h"

/* ---- The folder -------------------------------------------------------------------------------- */

/* open() with O_NOFOLLOW follows a link that has a slash behind it, with or without a dot. */
static bool ends_with_slash(const char *path, size_t length)
{
    return length > 1 &&
           (path[length - 1] == '/' || (path[length - 1] == '.' && path[length - 2] == '/'));
}

static bool copy_without_end(char *path, size_t size, const char *name)
{
    size_t length = strlen(name);
    while (ends_with_slash(name, length))
        length--;
    if (length >= size)
        return false;
    memcpy(path, name, length);
    path[length] = '\0';
    return true;
}

/* Returns the descriptor, or -1 and the reason in errno. */
static int open_or_make_folder(const char *name)
{
    char path[PATH_MAX];
    if (!copy_without_end(path, sizeof(path), name)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return -1;
    return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

bool open_witness_folder(struct witness_folder *folder, const struct arguments *arguments)
{
    *folder = (struct witness_folder){arguments->emit, -1};
    if (!folder->name)
        return true;
    folder->descriptor = open_or_make_folder(folder->name);
    if (folder->descriptor >= 0)
        return true;
    struct vmwire_error error;
    bool is_no_folder = errno == ENOTDIR || errno == ELOOP;
    set_write_error(&error, folder->name);
    if (is_no_folder)
        snprintf(error.message, sizeof(error.message),
                 "expected a folder to write into, or none yet; found a file or a symbolic link");
    report_error(arguments, folder->name, &error);
    return false;
}

void close_witness_folder(struct witness_folder *folder)
{
    if (folder->descriptor >= 0)
        close(folder->descriptor);
}

/* ---- The files --------------------------------------------------------------------------------- */

static const char *find_last_part(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

/* Counts the streams before this one in the command line whose names end alike. */
static size_t count_namesakes(const struct examination *examination)
{
    size_t count = 0;
    for (char **file = examination->arguments->files; *file != examination->file; file++)
        count += strcmp(find_last_part(*file), find_last_part(examination->file)) == 0;
    return count;
}

/* Returns false if the name is too long for any folder. */
static bool name_witness_file(char *name, size_t size, const struct examination *examination,
                              size_t number, enum vmwire_outcome outcome)
{
    char place[32] = "";
    size_t namesakes = count_namesakes(examination);
    if (namesakes)
        snprintf(place, sizeof(place), ".%zu", namesakes + 1);
    int length =
        snprintf(name, size, "%s%s-%s-%zu-%s", find_last_part(examination->file), place,
                 examination->arguments->option->name, number, vmwire_outcome_name(outcome));
    return length > 0 && (size_t)length < size;
}

bool write_witness_file(const struct examination *examination, size_t number,
                        enum vmwire_outcome outcome, struct vmwire_bytes bytes,
                        struct vmwire_error *error)
{
    char name[NAME_MAX + 1], path[PATH_MAX];
    const struct witness_folder *folder = examination->emit;
    bool named = name_witness_file(name, sizeof(name), examination, number, outcome);
    if (named && write_new_file(folder->descriptor, name, bytes))
        return true;
    if (!named)
        errno = ENAMETOOLONG;
    int problem = errno;
    snprintf(path, sizeof(path), "%s/%s", folder->name, name);
    errno = problem;
    return set_write_error(error, path);
}

static void remove_witness_files(const struct examination *examination, size_t count)
{
    char name[NAME_MAX + 1];
    for (size_t i = 0; i < count; i++)
        if (name_witness_file(name, sizeof(name), examination, i,
                              examination->findings.list[i].finding->outcome))
            unlinkat(examination->emit->descriptor, name, 0);
}

bool write_witness_files(const struct examination *examination, struct vmwire_error *error)
{
    for (size_t i = 0; i < examination->findings.count; i++) {
        const struct answer_group *group = &examination->findings.list[i];
        struct vmwire_arena_mark mark = vmwire_arena_mark(examination->arena);
        struct vmwire_bytes bytes =
            vmwire_witness(&group->part->question, group->finding, examination->arena, error);
        bool written =
            bytes.data && write_witness_file(examination, i, group->finding->outcome, bytes, error);
        vmwire_arena_reset(examination->arena, mark);
        if (!written) {
            remove_witness_files(examination, i);
            return false;
        }
    }
    return true;
}
