/*
 * vmwire: the command line. Commands and options are tables; what a command does is in its own
 * file.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

static const struct command {
    const char *name;
    const char *usage;
    const char *about;
    int (*run)(const struct arguments *arguments);
    bool needs_to;
} commands[] = {
    {"parse", "[--stats] [--all] [--json] FILE...",
     "the stream as a tree: offsets, sizes, names, types, values", run_parse, false},
    {"convert", "--to OPTION [--output FILE] [--existing DUMP] [--drop-ram] FILE",
     "re-encodes a stream under another option", run_convert, true},
    {"compare", "[--json] FILE...",
     "writes and reads back each stream under each option: the decision table", run_compare, false},
    {"check", "[--all-states | --ambiguity] [--emit FOLDER] [--json] FILE...",
     "decides every tail: what a state can make the reader do, with a witness", run_check, false},
    {"skew", "[--to OPTION] [--all-states] [--emit FOLDER] [--json] FILE READER",
     "the same between two schemas (and options): FILE is sent, READER says what is read", run_skew,
     false},
};

static const struct {
    const char *name;
    const char *about;
} option_help[] = {
    {"--option NAME", "the option that FILE is read under (heuristic: what QEMU does today)"},
    {"--to NAME", "convert: the option to write"},
    {"--schema FILE", "adds a dump, a description or another stream to the schema; repeatable"},
    {"--existing DUMP", "toplevel: what this older release declares stays inline"},
    {"--output FILE", "convert: writes there instead of standard output"},
    {"--drop-ram", "convert: leaves the pages of RAM out"},
    {"--emit FOLDER", "check: writes each witness as a whole stream into this folder"},
    {"--all-states", "check: also the states that send other subsections than the stream does"},
    {"--ambiguity", "check: two states of the same bytes, whatever the reader does"},
    {"--stats", "parse: what reading it cost, instead of the tree"},
    {"--all", "parse: does not fold large values and lists of pages"},
    {"--json", "one JSON object a line"},
    {"--help", "this page"},
    {"--version", "the version"},
};

static const size_t command_count = sizeof(commands) / sizeof(commands[0]);

static void print_help(void)
{
    puts("vmwire: QEMU's live-migration stream through one grammar, one parser per protocol "
         "option\n");
    for (size_t i = 0; i < command_count; i++)
        printf("  vmwire %-8s %s\n                  %s\n", commands[i].name, commands[i].usage,
               commands[i].about);
    puts("\nFILE is a migration stream; - is standard input. Options:\n");
    for (size_t i = 0; i < sizeof(option_help) / sizeof(option_help[0]); i++)
        printf("  %-16s %s\n", option_help[i].name, option_help[i].about);
    puts("\nProtocol options:\n");
    for (size_t i = 0; i < protocol_option_count; i++)
        printf("  %-11s %s\n", protocol_options[i].name, protocol_options[i].about);
    puts("\nExit status: 0 clean, 1 findings, 2 bad input or usage.");
}

static int usage_error(const char *format, const char *what)
{
    fprintf(stderr, "vmwire: ");
    fprintf(stderr, format, what);
    fprintf(stderr, "; see vmwire --help\n");
    return EXIT_BAD_INPUT;
}

enum {
    OPTION_OPTION = 256,
    TO,
    SCHEMA,
    EXISTING,
    OUTPUT,
    DROP_RAM,
    EMIT,
    ALL_STATES,
    AMBIGUITY,
    STATS,
    ALL,
    JSON,
    HELP,
    VERSION
};

static const struct option long_options[] = {
    {"option", required_argument, NULL, OPTION_OPTION},
    {"to", required_argument, NULL, TO},
    {"schema", required_argument, NULL, SCHEMA},
    {"existing", required_argument, NULL, EXISTING},
    {"output", required_argument, NULL, OUTPUT},
    {"drop-ram", no_argument, NULL, DROP_RAM},
    {"emit", required_argument, NULL, EMIT},
    {"all-states", no_argument, NULL, ALL_STATES},
    {"ambiguity", no_argument, NULL, AMBIGUITY},
    {"stats", no_argument, NULL, STATS},
    {"all", no_argument, NULL, ALL},
    {"json", no_argument, NULL, JSON},
    {"help", no_argument, NULL, HELP},
    {"version", no_argument, NULL, VERSION},
    {NULL, 0, NULL, 0},
};

/* Takes one option; -1: go on, otherwise exit with that code. */
static int take_option(struct arguments *arguments, int taken)
{
    switch (taken) {
    case OPTION_OPTION:
    case TO: {
        const struct protocol_option *option = protocol_option_find(optarg);
        if (!option)
            return usage_error("no protocol option \"%s\"", optarg);
        *(taken == TO ? &arguments->to : &arguments->option) = option;
        return -1;
    }
    case SCHEMA:
        arguments->schemas[arguments->schema_count++] = optarg;
        return -1;
    case EXISTING:
        arguments->existing = optarg;
        return -1;
    case OUTPUT:
        arguments->output = optarg;
        return -1;
    case EMIT:
        arguments->emit = optarg;
        return -1;
    case ALL_STATES:
        arguments->all_states = true;
        return -1;
    case AMBIGUITY:
        arguments->ambiguity = true;
        return -1;
    case DROP_RAM:
        arguments->drop_ram = true;
        return -1;
    case STATS:
        arguments->stats = true;
        return -1;
    case ALL:
        arguments->all = true;
        return -1;
    case JSON:
        arguments->json = true;
        return -1;
    case HELP:
        print_help();
        return EXIT_CLEAN;
    case VERSION:
        puts("vmwire " VMWIRE_VERSION);
        return EXIT_CLEAN;
    default:
        fprintf(stderr, "vmwire: see vmwire --help\n");
        return EXIT_BAD_INPUT;
    }
}

static int run(struct arguments *arguments, int argc, char **argv)
{
    for (int taken; (taken = getopt_long(argc, argv, "h", long_options, NULL)) != -1;) {
        int code = take_option(arguments, taken == 'h' ? HELP : taken);
        if (code >= 0)
            return code;
    }
    if (optind == argc)
        return usage_error("%s", "no command");
    const char *name = argv[optind];
    arguments->files = argv + optind + 1;
    arguments->file_count = (size_t)(argc - optind - 1);
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(commands[i].name, name) != 0)
            continue;
        if (!arguments->file_count)
            return usage_error("%s: no FILE", name);
        if (commands[i].needs_to && !arguments->to)
            return usage_error("%s: no --to OPTION", name);
        return commands[i].run(arguments);
    }
    return usage_error("no command \"%s\"", name);
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.option = protocol_option_find("heuristic")};
    arguments.schemas = calloc((size_t)argc, sizeof(*arguments.schemas));
    if (!arguments.schemas)
        return EXIT_BAD_INPUT;
    int code = run(&arguments, argc, argv);
    free(arguments.schemas);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        struct error error;
        error_set(&error, ERROR_FILE, ERROR_NO_OFFSET, "cannot write");
        return report(&arguments, "standard output", &error);
    }
    return code;
}
