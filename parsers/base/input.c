/* SPDX-License-Identifier: MIT */
/*
 * Opens files and pipes as mapped bytes. The kernel can release the memory of mapped bytes at any
 * time and read them again. Knows nothing of the contents.
 */
#include "vmwire/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool set_file_error(struct vmwire_error *error, const char *file, const char *what)
{
    vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET, "%s: %s", what,
                     strerror(errno));
    snprintf(error->file, sizeof(error->file), "%s", file);
    return false;
}

static bool map_file(struct vmwire_input *input, int descriptor, size_t length)
{
    static const uint8_t nothing[1];
    input->bytes = (struct vmwire_bytes){nothing, 0};
    if (!length)
        return true;
    void *data = mmap(NULL, length, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (data == MAP_FAILED)
        return false;
    input->bytes = (struct vmwire_bytes){data, length};
    return true;
}

/* ---- Pipes --------------------------------------------------------------------------------------- */

/* A pipe, and the unnamed file that it is copied to. */
struct copy {
    int from, to;
    uint64_t length; /* bytes that are copied */
    uint64_t limit;  /* bytes that it can have in all */
    const struct vmwire_input_judge *judge;
    uint8_t head[VMWIRE_INPUT_HEAD];
    uint8_t bytes[1 << 16]; /* on their way */
};

static const char *spool_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder && folder[0] ? folder : "/tmp";
}

/* Opens a file without a name: one that is removed with its last descriptor. */
static int open_unnamed(void)
{
    int file = open(spool_folder(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return file;
    char name[PATH_MAX]; /* a file system without O_TMPFILE */
    if (snprintf(name, sizeof(name), "%s/vmwire-XXXXXX", spool_folder()) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    file = mkostemp(name, O_CLOEXEC);
    if (file >= 0)
        unlink(name);
    return file;
}

static bool write_all(int file, const uint8_t *bytes, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t put = write(file, bytes + done, length - done);
        if (put < 0 && errno != EINTR)
            return false;
        done += put > 0 ? (size_t)put : 0;
    }
    return true;
}

/* Asks the judge about what has come until now. */
static void judge_head(struct copy *copy, const uint8_t *bytes, size_t length)
{
    if (!copy->judge || copy->length >= VMWIRE_INPUT_HEAD)
        return;
    size_t room = VMWIRE_INPUT_HEAD - (size_t)copy->length;
    memcpy(copy->head + copy->length, bytes, length < room ? length : room);
    size_t all = (size_t)copy->length + (length < room ? length : room);
    copy->limit = copy->judge->limit(copy->judge->context, (struct vmwire_bytes){copy->head, all});
}

/* Copies the pipe up to its end, or up to where it is judged to be none. Returns false with `error` set. */
static bool copy_pipe(struct copy *copy, const char *file, struct vmwire_error *error)
{
    while (copy->limit) {
        ssize_t got = read(copy->from, copy->bytes, sizeof(copy->bytes));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return set_file_error(error, file, "cannot read");
        if (!got)
            break;
        judge_head(copy, copy->bytes, (size_t)got);
        if (!write_all(copy->to, copy->bytes, (size_t)got)) {
            char what[PATH_MAX + 64];
            snprintf(what, sizeof(what), "cannot copy the pipe to %s (see TMPDIR)", spool_folder());
            return set_file_error(error, file, what);
        }
        copy->length += (size_t)got;
        if (copy->limit && copy->length > copy->limit) {
            vmwire_error_set(error, VMWIRE_ERROR_LIMIT, copy->limit,
                             "more than %" PRIu64 " bytes from a pipe", copy->limit);
            snprintf(error->file, sizeof(error->file), "%s", file);
            return false;
        }
    }
    return true;
}

/* Maps a pipe or a device: copies it first. */
static bool map_copy(struct vmwire_input *input, int descriptor, const char *file,
                     const struct vmwire_input_judge *judge, struct vmwire_error *error)
{
    struct copy *copy = malloc(sizeof(*copy)); /* too large for a small stack */
    int unnamed = open_unnamed();
    bool copied = false;
    if (!copy) {
        vmwire_error_set_memory(error, sizeof(*copy));
    } else if (unnamed < 0) {
        set_file_error(error, file, "cannot make a file in the folder of TMPDIR");
    } else {
        copy->from = descriptor;
        copy->to = unnamed;
        copy->length = 0;
        copy->limit = VMWIRE_INPUT_LIMIT;
        copy->judge = judge;
        copied = copy_pipe(copy, file, error) && (map_file(input, unnamed, (size_t)copy->length) ||
                                                  set_file_error(error, file, "cannot read"));
    }
    if (unnamed >= 0)
        close(unnamed);
    free(copy);
    return copied;
}

/* ---- Files --------------------------------------------------------------------------------------- */

/* Standard input can be a regular file, too, from its beginning on. */
static bool can_be_mapped(int descriptor, const struct stat *status)
{
    return S_ISREG(status->st_mode) && lseek(descriptor, 0, SEEK_CUR) == 0;
}

bool vmwire_input_open_descriptor(struct vmwire_input *input, int descriptor, const char *file,
                                  const struct vmwire_input_judge *judge,
                                  struct vmwire_error *error)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return set_file_error(error, file, "cannot read");
    if (!can_be_mapped(descriptor, &status))
        return map_copy(input, descriptor, file, judge, error);
    return map_file(input, descriptor, (size_t)status.st_size) ||
           set_file_error(error, file, "cannot read");
}

bool vmwire_input_open(struct vmwire_input *input, const char *file,
                       const struct vmwire_input_judge *judge, struct vmwire_error *error)
{
    bool standard_input = strcmp(file, "-") == 0;
    int descriptor = standard_input ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0)
        return set_file_error(error, file, "cannot open");
    bool mapped = vmwire_input_open_descriptor(input, descriptor, file, judge, error);
    if (!standard_input)
        close(descriptor);
    return mapped;
}

void vmwire_input_close(struct vmwire_input *input)
{
    if (input->bytes.length)
        munmap((void *)(uintptr_t)input->bytes.data, input->bytes.length);
    input->bytes = (struct vmwire_bytes){NULL, 0};
}
