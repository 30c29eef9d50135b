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

bool set_write_error(struct vmwire_error *error, const char *file)
{
    vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET, "cannot write: %s",
                     strerror(errno));
    snprintf(error->file, sizeof(error->file), "%.*s", (int)sizeof(error->file) - 1, file);
    return false;
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

static bool write_standard_output(struct vmwire_bytes bytes, struct vmwire_error *error)
{
    if (fwrite(bytes.data, 1, bytes.length, stdout) == bytes.length && fflush(stdout) == 0)
        return true;
    clearerr(stdout); /* main() would report it again */
    return set_write_error(error, "standard output");
}

/* Writes into a new file beside the old one, then renames it. `old` is the status of the file that is
 * there now; NULL: none is. */
static bool replace_file(const char *file, const struct stat *old, struct vmwire_bytes bytes,
                         struct vmwire_error *error)
{
    char beside[PATH_MAX];
    int length = snprintf(beside, sizeof(beside), "%s.tmp", file);
    if (length < 0 || (size_t)length >= sizeof(beside)) {
        errno = ENAMETOOLONG;
        return set_write_error(error, file);
    }
    FILE *output = fopen(beside, "wbx"); /* x: fails if there is a file of that name */
    if (!output)
        return set_write_error(error, beside);
    bool written = (!old || fchmod(fileno(output), old->st_mode & 07777) == 0);
    written = write_and_close(output, bytes) && written && rename(beside, file) == 0;
    if (!written) {
        set_write_error(error, file);
        unlink(beside);
    }
    return written;
}

bool write_output_file(const char *file, struct vmwire_bytes bytes, struct vmwire_error *error)
{
    struct stat status, standard;
    if (!file || strcmp(file, "-") == 0)
        return write_standard_output(bytes, error);
    if (stat(file, &status) != 0)
        return replace_file(file, NULL, bytes, error);
    if (fstat(STDOUT_FILENO, &standard) == 0 && is_same_file(&status, &standard))
        return write_standard_output(bytes, error); /* /dev/stdout, and a file behind it */
    if (!S_ISREG(status.st_mode)) {
        FILE *output = fopen(file, "wb");
        return (output && write_and_close(output, bytes)) || set_write_error(error, file);
    }
    char target[PATH_MAX]; /* replace what a link points to, not the link */
    if (access(file, W_OK) != 0 || !realpath(file, target))
        return set_write_error(error, file);
    return replace_file(target, &status, bytes, error);
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
