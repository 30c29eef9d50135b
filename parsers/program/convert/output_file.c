/* SPDX-License-Identifier: MIT */
/*
 * Writes bytes into a file or to standard output.
 */
#include "program/convert/output_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Always returns false. */
static bool set_write_error(struct vmwire_error *error, const char *file)
{
    vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET, "cannot write: %s",
                     strerror(errno));
    snprintf(error->file, sizeof(error->file), "%.*s", (int)sizeof(error->file) - 1, file);
    return false;
}

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
    struct stat status;
    if (!file || strcmp(file, "-") == 0)
        return write_standard_output(bytes, error);
    if (stat(file, &status) != 0)
        return replace_file(file, NULL, bytes, error);
    if (!S_ISREG(status.st_mode)) {
        FILE *output = fopen(file, "wb");
        return (output && write_and_close(output, bytes)) || set_write_error(error, file);
    }
    char target[PATH_MAX]; /* replace what a link points to, not the link */
    if (access(file, W_OK) != 0 || !realpath(file, target))
        return set_write_error(error, file);
    return replace_file(target, &status, bytes, error);
}
