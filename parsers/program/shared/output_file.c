/* SPDX-License-Identifier: MIT */
/*
 * Writes bytes into a file or to standard output. Knows nothing of what they mean.
 */
#include "program/shared/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool set_error(struct vmwire_error *error, const char *file, const char *message)
{
    vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET, "%s", message);
    snprintf(error->file, sizeof(error->file), "%.*s", (int)sizeof(error->file) - 1, file);
    return false;
}

bool set_write_error(struct vmwire_error *error, const char *file)
{
    char reason[128];
    snprintf(reason, sizeof(reason), "cannot write: %s", strerror(errno));
    return set_error(error, file, reason);
}

/* ---- Which file it is -------------------------------------------------------------------------- */

static bool find_status(const char *file, int standard, struct stat *status)
{
    bool is_standard = !file || strcmp(file, "-") == 0;
    return (is_standard ? fstat(standard, status) : stat(file, status)) == 0;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool reads_file(const struct stat *output, const char *input)
{
    struct stat status;
    return find_status(input, STDIN_FILENO, &status) && is_same_file(output, &status);
}

/* Returns the input that is this file, or NULL. */
static const char *find_input(const struct stat *output, const struct arguments *arguments)
{
    for (size_t i = 0; i < arguments->file_count; i++)
        if (reads_file(output, arguments->files[i]))
            return arguments->files[i];
    for (size_t i = 0; i < arguments->schema_count; i++)
        if (reads_file(output, arguments->schemas[i]))
            return arguments->schemas[i];
    bool existing = arguments->existing && reads_file(output, arguments->existing);
    return existing ? arguments->existing : NULL;
}

bool output_is_no_input(const char *output, const struct arguments *arguments,
                        struct vmwire_error *error)
{
    struct stat status;
    if (!find_status(output, STDOUT_FILENO, &status) || !S_ISREG(status.st_mode))
        return true; /* a new file; or a terminal or a socket, which may be input and output */
    const char *input = find_input(&status, arguments);
    if (!input)
        return true;
    bool is_standard = !output || strcmp(output, "-") == 0;
    vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                     "expected another file to write: it is the input \"%s\"", input);
    snprintf(error->file, sizeof(error->file), "%.*s", (int)sizeof(error->file) - 1,
             is_standard ? "standard output" : output);
    return false;
}

/* ---- Writing ----------------------------------------------------------------------------------- */

/* Writes all bytes and closes the file. On failure errno holds the first problem. */
static bool write_and_close(FILE *output, struct vmwire_bytes bytes)
{
    bool written = fwrite(bytes.data, 1, bytes.length, output) == bytes.length;
    int problem = errno;
    bool closed = fclose(output) == 0;
    if (!written)
        errno = problem;
    return written && closed;
}

static bool is_standard_output(const char *file)
{
    struct stat status, standard;
    return !file || strcmp(file, "-") == 0 || /* /dev/stdout, and a file behind it */
           (stat(file, &status) == 0 && fstat(STDOUT_FILENO, &standard) == 0 &&
            is_same_file(&status, &standard));
}

/* Opens a file without a name in the target's folder, so that nothing is left of it when the program is ended. Where the
 * file system has no such files: the one beside the target. */
static int open_new(struct output_file *output)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(output->target, '/');
    size_t length = slash ? (size_t)(slash - output->target) + 1 : 0;
    snprintf(folder, sizeof(folder), "%.*s.", (int)length, output->target);
    int file = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    return file >= 0 ? file : open(output->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

/* Opens a new file, which replaces the target at the end. `old` is the status of the file that is there now; NULL: none
 * is. */
static bool open_beside(struct output_file *output, const struct stat *old,
                        struct vmwire_error *error)
{
    struct stat status;
    int length =
        snprintf(output->beside, sizeof(output->beside), "%.*s.tmp", PATH_MAX - 1, output->target);
    if (length < 0 || (size_t)length >= sizeof(output->beside)) {
        errno = ENAMETOOLONG;
        return set_write_error(error, output->name);
    }
    errno = EEXIST;
    int file = lstat(output->beside, &status) == 0 ? -1 : open_new(output);
    output->stream = file >= 0 ? fdopen(file, "wb") : NULL;
    if (!output->stream) {
        set_write_error(error, output->beside);
        if (file >= 0)
            close(file);
        return false;
    }
    output->seeks = true;
    if (!old || fchmod(file, old->st_mode & 07777) == 0)
        return true;
    set_write_error(error, output->beside);
    return end_output(output, false, error);
}

/* Gives a file without a name the one beside the target. */
static bool name_new(struct output_file *output)
{
    char link[64];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fileno(output->stream));
    if (!output->named)
        output->named = linkat(AT_FDCWD, link, AT_FDCWD, output->beside, AT_SYMLINK_FOLLOW) == 0;
    return output->named;
}

bool begin_output(struct output_file *output, const char *file, struct vmwire_error *error)
{
    struct stat status;
    *output = (struct output_file){.name = file, .stream = stdout};
    if (is_standard_output(file)) {
        output->name = "standard output";
        return true;
    }
    if (stat(file, &status) != 0) {
        if (lstat(file, &status) == 0)
            return set_error(error, file, "cannot write: a symbolic link that leads nowhere");
        if (snprintf(output->target, sizeof(output->target), "%s", file) >= PATH_MAX) {
            errno = ENAMETOOLONG;
            return set_write_error(error, file);
        }
        return open_beside(output, NULL, error);
    }
    if (!S_ISREG(status.st_mode)) {
        output->stream = fopen(file, "wb");
        return output->stream || set_write_error(error, file);
    }
    /* Replaces what a link points to, not the link. */
    if (access(file, W_OK) != 0 || !realpath(file, output->target))
        return set_write_error(error, file);
    return open_beside(output, &status, error);
}

static bool append_zeros(struct output_file *output, size_t length)
{
    static const uint8_t zeros[1 << 16];
    if (output->seeks)
        return fseeko(output->stream, (off_t)length, SEEK_CUR) == 0;
    for (size_t part; length; length -= part) {
        part = length < sizeof(zeros) ? length : sizeof(zeros);
        if (fwrite(zeros, 1, part, output->stream) != part)
            return false;
    }
    return true;
}

bool append_output(void *context, struct vmwire_bytes bytes, struct vmwire_error *error)
{
    struct output_file *output = context;
    bool appended = bytes.data ? fwrite(bytes.data, 1, bytes.length, output->stream) == bytes.length
                               : append_zeros(output, bytes.length);
    return appended || set_write_error(error, output->name);
}

/* Zeros at the end of a file are only there when it has the length. */
static bool set_length(struct output_file *output)
{
    off_t length = output->seeks ? ftello(output->stream) : 0;
    return fflush(output->stream) == 0 && length >= 0 &&
           (!output->seeks || ftruncate(fileno(output->stream), length) == 0);
}

/* Closes the file. `complete`: and names it. On failure errno holds the first problem. */
static bool close_output(struct output_file *output, bool complete)
{
    bool written = set_length(output);
    if (output->stream == stdout) {
        if (!written || !complete)
            clearerr(stdout); /* main() would report it again */
        return written;
    }
    if (written && complete && output->beside[0])
        written = name_new(output);
    int problem = errno;
    bool closed = fclose(output->stream) == 0;
    if (!written)
        errno = problem;
    return written && closed;
}

bool end_output(struct output_file *output, bool complete, struct vmwire_error *error)
{
    bool written = close_output(output, complete);
    if (complete && written && output->named)
        written = rename(output->beside, output->target) == 0;
    if (complete && !written)
        set_write_error(error, output->name);
    if (output->named && !(complete && written))
        unlink(output->beside);
    return complete && written;
}

bool write_output_file(const char *file, struct vmwire_bytes bytes, struct vmwire_error *error)
{
    struct output_file output;
    if (!begin_output(&output, file, error))
        return false;
    bool appended = append_output(&output, bytes, error);
    return end_output(&output, appended, error);
}

bool write_new_file(int folder, const char *name, struct vmwire_bytes bytes)
{
    int descriptor =
        openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return false;
    FILE *output = fdopen(descriptor, "wb");
    if (output && write_and_close(output, bytes))
        return true;
    int problem = errno;
    if (!output)
        close(descriptor);
    unlinkat(folder, name, 0);
    errno = problem;
    return false;
}
