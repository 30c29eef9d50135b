/*
 * vmwire parse: a stream as a tree, or what reading it cost. Reads it twice: once to know that all
 * of it is accepted, once to print, so that nothing is printed half.
 */
#include <inttypes.h>
#include <stdio.h>

#include "json_writer.h"
#include "text.h"
#include "tree.h"

static void print_stats(const struct arguments *arguments, const char *file,
                        const struct cost *cost)
{
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"bytes_read", cost_bytes_read(cost)},
        {"bytes_examined", cost->bytes_examined},
        {"longest_lookahead", cost->longest_lookahead},
        {"tokens", cost->tokens},
        {"reductions", cost->reductions},
        {"sections", cost->sections},
        {"footers", cost->footers},
        {"records", cost->records},
        {"subsections", cost->subsections},
        {"pages", cost->pages},
        {"bytes_allocated", cost->bytes_allocated},
        {"peak_memory", cost->peak_memory},
    };
    size_t count = sizeof(rows) / sizeof(rows[0]);
    if (arguments->json) {
        struct json_writer json = {.output = stdout};
        json_writer_open_object(&json, NULL);
        json_writer_string(&json, "file", file);
        json_writer_string(&json, "option", arguments->option->name);
        for (size_t i = 0; i < count; i++)
            json_writer_unsigned(&json, rows[i].name, rows[i].value);
        json_writer_end_line(&json);
        return;
    }
    print_text(stdout, bytes_of_string(file));
    printf(": accepted by %s\n", arguments->option->name);
    for (size_t i = 0; i < count; i++)
        printf("  %-18s %14" PRIu64 "\n", rows[i].name, rows[i].value);
    print_accounts(cost);
}

static int print_tree(const struct tree *tree, const struct schema *schema, struct cost *cost)
{
    const struct arguments *arguments = tree->arguments;
    (arguments->json ? json_tree_begin : text_tree_begin)(tree, cost);
    struct sink sink = {(void *)(uintptr_t)tree, arguments->json ? json_tree_item : text_tree_item,
                        false};
    struct reading reading = {
        .option = arguments->option, .input = tree->stream, .schema = schema, .sink = sink};
    struct error error;
    return stream_read(&reading, cost, &error) ? EXIT_CLEAN : report(arguments, tree->file, &error);
}

static int parse(const struct arguments *arguments, const char *file, const struct loaded *loaded)
{
    struct cost cost;
    int code = validate(arguments, file, loaded, &cost);
    if (code)
        return code;
    if (arguments->stats) {
        print_stats(arguments, file, &cost);
        return EXIT_CLEAN;
    }
    struct tree tree = {arguments, file, loaded->input.bytes};
    return print_tree(&tree, loaded->schema, &cost);
}

int run_parse(const struct arguments *arguments)
{
    int worst = EXIT_CLEAN;
    for (size_t i = 0; i < arguments->file_count; i++) {
        struct loaded loaded = {0};
        const char *file = arguments->files[i];
        int code =
            load(&loaded, file, arguments) ? parse(arguments, file, &loaded) : EXIT_BAD_INPUT;
        unload(&loaded);
        if (code > worst)
            worst = code;
    }
    return worst;
}
