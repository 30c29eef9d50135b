/* SPDX-License-Identifier: MIT */
/*
 * vmwire parse: prints a stream as a tree, or what reading it cost. Reads the stream twice: first to
 * see that the reader accepts all of it, then to print it. So it never prints half a tree, unless memory runs out.
 */
#include "program/parse/parse.h"

#include "program/parse/json_tree.h"
#include "program/parse/statistics.h"
#include "program/parse/text_tree.h"
#include "program/shared/exit_status.h"
#include "program/shared/load.h"
#include "program/shared/report_error.h"

static int print_tree(struct tree *tree, const struct vmwire_schema *schema,
                      struct vmwire_cost *cost)
{
    const struct arguments *arguments = tree->arguments;
    if (arguments->json)
        print_json_head(tree, cost);
    else
        print_text_head(tree, cost);
    struct vmwire_sink sink = {tree, arguments->json ? print_json_item : print_text_item, false};
    struct vmwire_reading reading = {
        .option = arguments->option, .input = tree->stream, .schema = schema, .sink = sink};
    struct vmwire_error error;
    if (!vmwire_stream_read(&reading, cost, &error))
        return report_error(arguments, tree->file, &error);
    return tree->incomplete ? report_out_of_memory(arguments, tree->file) : EXIT_CLEAN;
}

static int parse_file(const struct arguments *arguments, const char *file,
                      struct loaded_file *loaded)
{
    struct vmwire_cost cost;
    int code = validate_stream(arguments, file, loaded, &cost);
    if (code)
        return code;
    if (arguments->stats)
        return print_statistics(arguments, file, &cost) ? EXIT_CLEAN
                                                        : report_out_of_memory(arguments, file);
    struct tree tree = {arguments, file, loaded->input.bytes, false};
    return print_tree(&tree, loaded->schema, &cost);
}

int run_parse(const struct arguments *arguments)
{
    int worst = EXIT_CLEAN;
    for (size_t i = 0; i < arguments->file_count; i++) {
        struct loaded_file loaded = {.omission = OMIT_NOTHING};
        const char *file = arguments->files[i];
        int code = load_stream(&loaded, file, arguments) ? parse_file(arguments, file, &loaded)
                                                         : EXIT_BAD_INPUT;
        unload(&loaded);
        if (code > worst)
            worst = code;
    }
    return worst;
}
