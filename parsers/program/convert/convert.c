/* SPDX-License-Identifier: MIT */
/*
 * vmwire convert: reads a stream under one option and writes it under another.
 */
#include "program/convert/convert.h"

#include "program/shared/convert_stream.h"
#include "program/shared/exit_status.h"
#include "program/shared/load.h"
#include "program/shared/output_file.h"
#include "program/shared/report_error.h"

static int convert_file(const struct arguments *arguments, const char *file,
                        struct loaded_file *loaded)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct output_file output;
    int code = validate_stream(arguments, file, loaded, &cost);
    if (code)
        return code;
    if (!begin_output(&output, arguments->output, &error))
        return report_error(arguments, file, &error);
    struct conversion conversion = {
        .from = arguments->option,
        .input = loaded->stream.bytes,
        .schema = loaded->schema,
        .writing = {.option = arguments->to,
                    .footers = cost.footers > 0,
                    .drop_ram = arguments->drop_ram,
                    .sink = {&output, append_output}},
    };
    /* What is written in place cannot be taken back: first sees that the stream can be written. */
    uint64_t length;
    bool converted = (output.beside[0] || measure_converted(conversion, &length, &error)) &&
                     convert_stream(&conversion, &error);
    return end_output(&output, converted, &error) ? EXIT_CLEAN
                                                  : report_error(arguments, file, &error);
}

int run_convert(const struct arguments *arguments)
{
    if (arguments->file_count != 1)
        return report_usage_error(arguments, "convert takes one FILE");
    struct vmwire_error error;
    const char *file = arguments->files[0];
    if (!output_is_no_input(arguments->output, arguments, &error))
        return report_error(arguments, file, &error);
    /* Whoever reads the output goes by its description, which has such fields whole. */
    struct loaded_file loaded = {.omission = arguments->drop_ram ? OMIT_PAGES : OMIT_NOTHING,
                                 .whole_encodings = true};
    int code = load_stream(&loaded, file, arguments) ? convert_file(arguments, file, &loaded)
                                                     : EXIT_BAD_INPUT;
    unload(&loaded);
    return code;
}
