/*
 * vmwire convert: reads a stream under one option and writes it under another.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

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

static bool put_file(const char *file, struct bytes bytes, struct error *error)
{
    bool standard_output = !file || strcmp(file, "-") == 0;
    FILE *output = standard_output ? stdout : fopen(file, "wb");
    bool written = output && fwrite(bytes.data, 1, bytes.length, output) == bytes.length;
    if (output && (standard_output ? fflush(output) : fclose(output)) != 0)
        written = false;
    return written || error_set(error, ERROR_FILE, ERROR_NO_OFFSET, "cannot write \"%s\": %s",
                                standard_output ? "standard output" : file, strerror(errno));
}

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
    struct error read_error;
    bool converted = stream_read(&reading, &cost, &read_error) && !conversion.failed &&
                     put_file(arguments->output, writer_output(conversion.writer), &error);
    writer_destroy(conversion.writer);
    return converted ? EXIT_CLEAN : report(arguments, file, &error);
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
