/* SPDX-License-Identifier: MIT */
/*
 * Opens the files that a manifest names: goes down from its folder, one name at a time.
 */
#include "program/shared/confined_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_FLAGS = O_PATH | O_DIRECTORY | O_CLOEXEC };

/* A pipe or a device that takes the file's place at the last moment must not make the opening wait. */
enum { FILE_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };

static const char is_outside[] = "is outside of the folder; --trust allows it";
static const char is_behind_link[] = "is a link, or behind one; --trust allows it";
static const char is_no_file[] = "is no regular file; --trust allows it";

/* A place on the way to a file. Each step down closes the folder that it leaves. */
struct way {
    int descriptor;    /* of the folder; -1: the way has ended */
    const char *fault; /* why it has ended; NULL: see `problem` */
    int problem;       /* errno */
};

static struct way begin_way(const char *path, int flags)
{
    int descriptor = open(path, flags);
    return (struct way){descriptor, NULL, errno};
}

static void end_way(struct way *way, const char *fault, int problem)
{
    if (way->descriptor >= 0)
        close(way->descriptor);
    *way = (struct way){-1, fault, problem};
}

static void step(struct way *way, const char *name, int flags)
{
    struct stat status;
    int next = openat(way->descriptor, name, flags | O_NOFOLLOW);
    int problem = errno;
    bool is_link = next < 0 && fstatat(way->descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                   S_ISLNK(status.st_mode);
    end_way(way, is_link || (next < 0 && problem == ELOOP) ? is_behind_link : NULL, problem);
    way->descriptor = next;
}

/* Goes to the file itself. Opening a pipe wakes its writer, and opening a device may do more: so nothing is opened that is
 * seen to be no regular file. */
static void step_to_file(struct way *way, const char *name)
{
    struct stat status;
    if (fstatat(way->descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        !S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) {
        end_way(way, is_no_file, 0);
        return;
    }
    step(way, name, FILE_FLAGS);
    if (way->descriptor >= 0 && (fstat(way->descriptor, &status) != 0 || !S_ISREG(status.st_mode)))
        end_way(way, is_no_file, 0);
}

/* Goes down the names of `name`, which is changed. */
static void go_down(struct way *way, char *name)
{
    for (char *slash; way->descriptor >= 0 && (slash = strchr(name, '/')); name = slash + 1) {
        *slash = '\0';
        if (*name)
            step(way, name, FOLDER_FLAGS);
    }
    if (way->descriptor >= 0)
        step_to_file(way, name);
}

/* Returns true if the name begins at the folder and takes no step up. */
static bool stays_inside(const char *name)
{
    if (name[0] == '/')
        return false;
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (strcspn(part, "/") == 2 && memcmp(part, "..", 2) == 0)
            return false;
    }
    return true;
}

/* Returns where the name goes on behind "../": at the sibling's name; NULL if it does not begin so. */
static const char *skip_step_up(const char *name, const char *sibling)
{
    size_t length = sibling ? strlen(sibling) : 0;
    bool beside = length && strncmp(name, "../", 3) == 0 &&
                  strncmp(name + 3, sibling, length) == 0 && name[3 + length] == '/';
    return beside ? name + 3 : NULL;
}

static struct way find_way(const struct place *place, const char *name)
{
    const char *beside = skip_step_up(name, place->sibling);
    char copy[PATH_MAX];
    if (!stays_inside(beside ? beside : name))
        return (struct way){-1, is_outside, 0};
    if (snprintf(copy, sizeof(copy), "%s", beside ? beside : name) >= (int)sizeof(copy))
        return (struct way){-1, NULL, ENAMETOOLONG};
    struct way way = begin_way(place->folder, FOLDER_FLAGS);
    if (beside && way.descriptor >= 0)
        step(&way, "..", FOLDER_FLAGS);
    if (way.descriptor >= 0)
        go_down(&way, copy);
    return way;
}

static int set_error(struct vmwire_error *error, const char *path, const char *what,
                     const char *problem)
{
    vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET, "%s%s", what, problem);
    snprintf(error->file, sizeof(error->file), "%.*s", (int)sizeof(error->file) - 1, path);
    return -1;
}

int open_confined(const struct place *place, const char *path, struct vmwire_error *error)
{
    struct way way = place->folder ? find_way(place, path + strlen(place->folder) + 1)
                                   : begin_way(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (way.descriptor >= 0)
        return way.descriptor;
    return way.fault ? set_error(error, path, way.fault, "")
                     : set_error(error, path, "cannot be opened: ", strerror(way.problem));
}

bool open_confined_input(struct vmwire_input *input, const struct place *place, const char *path,
                         struct vmwire_error *error)
{
    int descriptor = open_confined(place, path, error);
    bool opened =
        descriptor >= 0 && vmwire_input_open_descriptor(input, descriptor, path, NULL, error);
    if (descriptor >= 0)
        close(descriptor);
    return opened;
}
