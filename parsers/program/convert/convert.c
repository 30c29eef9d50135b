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

static int convert_file(const struct arguments *arguments, const char *file,
                        struct loaded_file *loaded)
{
    struct vmwire_cost cost;
    int code = validate_stream(arguments, file, loaded, &cost);
    if (code)
        return code;
    struct vmwire_error error = {0};
    struct vmwire_writing writing = {
        .option = arguments->to, .footers = cost.footers > 0, .drop_ram = arguments->drop_ram};
    struct conversion conversion = {vmwire_writer_create(&writing, &error), &error, false};
    if (!conversion.writer)
        return report_error(arguments, file, &error);
    struct vmwire_reading reading = {.option = arguments->option,
                                     .input = loaded->input.bytes,
                                     .schema = loaded->schema,
                                     .sink = {&conversion, convert_item, false},
                                     .join_pages = true};
    struct vmwire_error read_error = {0};
    bool read = vmwire_stream_read(&reading, &cost, &read_error);
    bool converted =
        read && !conversion.failed &&
        write_output_file(arguments->output, vmwire_writer_output(conversion.writer), &error);
    vmwire_writer_destroy(conversion.writer);
    return converted ? EXIT_CLEAN : report_error(arguments, file, read ? &error : &read_error);
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
