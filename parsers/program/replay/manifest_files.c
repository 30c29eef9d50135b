/* SPDX-License-Identifier: MIT */
/*
 * Says whether the files that a manifest names are inside of its folder. Knows no QEMU.
 */
#include "program/replay/manifest_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Folder of the schemas, beside the folder of the streams. */
static const char schemas_beside[] = "../schemas";

/* ---- Names ------------------------------------------------------------------------------------- */

/* Returns true if the name begins at the folder and takes no step up. */
static bool stays_inside(const char *name)
{
    if (name[0] == '/')
        return false;
    for (const char *step = name; step; step = strchr(step, '/')) {
        step += *step == '/';
        if (strncmp(step, "..", 2) == 0 && (!step[2] || step[2] == '/'))
            return false;
    }
    return true;
}

/* ---- Places ------------------------------------------------------------------------------------ */

static char *join(const char *folder, const char *name)
{
    size_t size = strlen(folder) + 1 + strlen(name) + 1;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s/%s", folder, name);
    return path;
}

/* Returns true if the path, without links, lies below the folder, without links. */
static bool lies_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    if (strcmp(folder, "/") == 0)
        return true;
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

/* Returns NULL if the path is a regular file below the folder, or no file: whoever opens it says so.
 * Otherwise what is wrong. */
static const char *find_misplacement(const char *folder, const char *path)
{
    struct stat status;
    const char *wrong = NULL;
    char *real_folder = realpath(folder, NULL);
    errno = 0;
    char *real_path = realpath(path, NULL);
    if (errno == ENOMEM || (real_path && !real_folder))
        wrong = "cannot be checked";
    else if (real_path && !lies_below(real_path, real_folder))
        wrong = "is a link that leads out of the folder";
    else if (real_path && stat(real_path, &status) == 0 && !S_ISREG(status.st_mode))
        wrong = "is no regular file";
    free(real_folder);
    free(real_path);
    return wrong;
}

static const char *find_fault(const char *folder, const char *name)
{
    if (!stays_inside(name))
        return "is outside of the folder";
    char *path = join(folder, name);
    const char *fault = path ? find_misplacement(folder, path) : "cannot be checked";
    free(path);
    return fault;
}

static bool is_link(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

/* The folder of the schemas is a second one that may hold files. It must not be a link. */
static const char *find_schema_fault(const char *folder, const char *name)
{
    size_t length = strlen(schemas_beside);
    if (strncmp(name, schemas_beside, length) != 0 || name[length] != '/')
        return find_fault(folder, name);
    char *beside = join(folder, schemas_beside);
    const char *fault = !beside           ? "cannot be checked"
                        : is_link(beside) ? "is outside of the folder"
                                          : find_fault(beside, name + length + 1);
    free(beside);
    return fault;
}

/* ---- Entries ----------------------------------------------------------------------------------- */

static bool tell_fault(const char *what, const char *name, const char *fault, char *problem,
                       size_t size)
{
    if (fault)
        snprintf(problem, size, "%s%s\"%.200s\" %s; --trust allows it", what, *what ? " " : "",
                 name, fault);
    return !fault;
}

bool is_file_inside(const char *folder, const char *name, char *problem, size_t size)
{
    return tell_fault("", name, find_fault(folder, name), problem, size);
}

bool are_files_inside(const char *folder, const json_t *entry, char *problem, size_t size)
{
    static const char *const members[] = {"file", "original"};
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const char *name = json_string_value(json_object_get(entry, members[i]));
        if (name && !tell_fault(members[i], name, find_fault(folder, name), problem, size))
            return false;
    }
    size_t i;
    json_t *schema;
    json_array_foreach(json_object_get(entry, "schemas"), i, schema)
    {
        const char *name = json_string_value(schema);
        if (!tell_fault("schema", name, find_schema_fault(folder, name), problem, size))
            return false;
    }
    return true;
}
