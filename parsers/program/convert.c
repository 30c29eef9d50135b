/*
 * vmwire convert: reads a stream under one option and writes it under another.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program.h"

struct conversion {
    struct writer *writer;
    struct error *error;
    bool failed;
};

static void convert_item(void *context, const struct item *item)
{
    struct conversion *conversion = context;
    if (!conversion->failed && !writer_item(conversion->writer, item, conversion->error))
        conversion->failed = true;
}

/* ---- The output --------------------------------------------------------------------------------
 */

static bool cannot_write(struct error *error, const char *file)
{
    error_set(error, ERROR_FILE, ERROR_NO_OFFSET, "cannot write: %s", strerror(errno));
    snprintf(error->file, sizeof(error->file), "%.*s", (int)sizeof(error->file) - 1, file);
    return false;
}

/* Writes all of it and closes the file; errno says what went wrong. */
static bool put_and_close(FILE *output, struct bytes bytes)
{
    bool written = fwrite(bytes.data, 1, bytes.length, output) == bytes.length;
    int problem = errno;
    bool closed = fclose(output) == 0;
    if (!written)
        errno = problem;
    return written && closed;
}

static bool put_standard_output(struct bytes bytes, struct error *error)
{
    if (fwrite(bytes.data, 1, bytes.length, stdout) == bytes.length && fflush(stdout) == 0)
        return true;
    clearerr(stdout); /* reported here */
    return cannot_write(error, "standard output");
}

/* Into a file beside it, which takes its place when it is complete. `old` is what is there now. */
static bool replace_file(const char *file, const struct stat *old, struct bytes bytes,
                         struct error *error)
{
    char beside[PATH_MAX];
    int length = snprintf(beside, sizeof(beside), "%s.tmp", file);
    if (length < 0 || (size_t)length >= sizeof(beside)) {
        errno = ENAMETOOLONG;
        return cannot_write(error, file);
    }
    FILE *output = fopen(beside, "wbx"); /* never over a file that happens to have that name */
    if (!output)
        return cannot_write(error, beside);
    bool written = (!old || fchmod(fileno(output), old->st_mode & 07777) == 0);
    written = put_and_close(output, bytes) && written && rename(beside, file) == 0;
    if (!written) {
        cannot_write(error, file);
        unlink(beside);
    }
    return written;
}

static bool put_file(const char *file, struct bytes bytes, struct error *error)
{
    struct stat status;
    if (!file || strcmp(file, "-") == 0)
        return put_standard_output(bytes, error);
    if (stat(file, &status) != 0)
        return replace_file(file, NULL, bytes, error);
    if (!S_ISREG(status.st_mode)) {
        FILE *output = fopen(file, "wb");
        return (output && put_and_close(output, bytes)) || cannot_write(error, file);
    }
    char target[PATH_MAX]; /* where links lead: they stay */
    if (access(file, W_OK) != 0 || !realpath(file, target))
        return cannot_write(error, file);
    return replace_file(target, &status, bytes, error);
}

/* ---- The command -------------------------------------------------------------------------------
 */

static int convert(const struct arguments *arguments, const char *file, struct loaded *loaded)
{
    struct cost cost;
    int code = validate(arguments, file, loaded, &cost);
    if (code)
        return code;
    struct error error = {0};
    struct writing writing = {
        .option = arguments->to, .footers = cost.footers > 0, .drop_ram = arguments->drop_ram};
    struct conversion conversion = {writer_create(&writing), &error, false};
    struct reading reading = {.option = arguments->option,
                              .input = loaded->input.bytes,
                              .schema = loaded->schema,
                              .sink = {&conversion, convert_item, false}};
    struct error read_error = {0};
    bool read = stream_read(&reading, &cost, &read_error);
    bool converted = read && !conversion.failed &&
                     put_file(arguments->output, writer_output(conversion.writer), &error);
    writer_destroy(conversion.writer);
    return converted ? EXIT_CLEAN : report(arguments, file, read ? &error : &read_error);
}

int run_convert(const struct arguments *arguments)
{
    if (arguments->file_count != 1) {
        fprintf(stderr, "vmwire: convert takes one FILE\n");
        return EXIT_BAD_INPUT;
    }
    struct loaded loaded = {0};
    const char *file = arguments->files[0];
    int code = load(&loaded, file, arguments) ? convert(arguments, file, &loaded) : EXIT_BAD_INPUT;
    unload(&loaded);
    return code;
}
