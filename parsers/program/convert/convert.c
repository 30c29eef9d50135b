/* SPDX-License-Identifier: MIT */
/*
 * vmwire convert: reads a stream under one option and writes it under another.
 */
#include "program/convert/convert.h"

#include "program/read_options.h"
#include "program/shared/exit_status.h"
#include "program/shared/load.h"
#include "program/shared/output_file.h"
#include "program/shared/report_error.h"

struct conversion {
    struct vmwire_writer *writer;
    struct vmwire_error *error;
    bool failed;
};

static void convert_item(void *context, const struct vmwire_item *item)
{
    struct conversion *conversion = context;
    if (!conversion->failed && !vmwire_writer_item(conversion->writer, item, conversion->error))
        conversion->failed = true;
}

static bool discard(void *context, struct vmwire_bytes bytes, struct vmwire_error *error)
{
    (void)context, (void)bytes, (void)error;
    return true;
}

/* The stream to convert. Pages that are not to be written need not be read again. */
static struct vmwire_bytes input_of(const struct arguments *arguments,
                                    const struct loaded_file *loaded)
{
    bool without = arguments->drop_ram && !loaded->stream.empties_lists;
    return without ? loaded->stream.bytes : loaded->input.bytes;
}

/* Writes the converted stream while it is read. */
static bool convert_stream(const struct arguments *arguments, const struct loaded_file *loaded,
                           bool footers, struct vmwire_byte_sink sink, struct vmwire_error *error)
{
    struct vmwire_writing writing = {
        .option = arguments->to, .footers = footers, .drop_ram = arguments->drop_ram, .sink = sink};
    struct vmwire_error write_error = {0};
    struct conversion conversion = {vmwire_writer_create(&writing, error), &write_error, false};
    if (!conversion.writer)
        return false;
    struct vmwire_reading reading = {.option = arguments->option,
                                     .input = input_of(arguments, loaded),
                                     .schema = loaded->schema,
                                     .sink = {&conversion, convert_item, false},
                                     .join_pages = true};
    struct vmwire_cost cost;
    bool read = vmwire_stream_read(&reading, &cost, error);
    vmwire_writer_destroy(conversion.writer);
    if (read && conversion.failed)
        *error = write_error;
    return read && !conversion.failed;
}

static int convert_file(const struct arguments *arguments, const char *file,
                        struct loaded_file *loaded)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct output_file output;
    int code = validate_stream(arguments, file, loaded, &cost);
    if (code)
        return code;
    bool footers = cost.footers > 0;
    if (!begin_output(&output, arguments->output, &error))
        return report_error(arguments, file, &error);
    /* What is written in place cannot be taken back: first sees that the stream can be written. */
    bool converted =
        (output.beside[0] || convert_stream(arguments, loaded, footers,
                                            (struct vmwire_byte_sink){NULL, discard}, &error)) &&
        convert_stream(arguments, loaded, footers,
                       (struct vmwire_byte_sink){&output, append_output}, &error);
    return end_output(&output, converted, &error) ? EXIT_CLEAN
                                                  : report_error(arguments, file, &error);
}

int run_convert(const struct arguments *arguments)
{
    if (arguments->file_count != 1)
        return report_usage_error("convert takes one FILE");
    struct vmwire_error error;
    const char *file = arguments->files[0];
    if (!output_is_no_input(arguments->output, arguments, &error))
        return report_error(arguments, file, &error);
    struct loaded_file loaded = {0};
    int code = load_stream(&loaded, file, arguments) ? convert_file(arguments, file, &loaded)
                                                     : EXIT_BAD_INPUT;
    unload(&loaded);
    return code;
}
