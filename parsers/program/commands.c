/* SPDX-License-Identifier: MIT */
/*
 * vmwire: the list of commands. Each command has a folder.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/asn1/asn1.h"
#include "program/check/check.h"
#include "program/compare/compare.h"
#include "program/convert/convert.h"
#include "program/diff/diff.h"
#include "program/explain/explain.h"
#include "program/parse/parse.h"
#include "program/read_options.h"
#include "program/replay/replay.h"
#include "program/schema/schema.h"
#include "program/shared/exit_status.h"
#include "program/shared/parsed_schemas.h"
#include "program/shared/report_error.h"
#include "program/skew/skew.h"

static const struct command {
    const char *name;
    int (*run)(const struct arguments *arguments);
    bool needs_to;   /* --to must be given */
    bool any_option; /* reads or writes under every option */
    const char *usage;
    const char *about;
    const char *example; /* NULL: none */
    const char *exits;   /* its exit statuses; NULL: the general ones */
} commands[] = {
    {"parse", run_parse, false, false, "[--stats] [--all] [--json] FILE...",
     "prints a stream as a tree: offsets, sizes, names, types, values", NULL, NULL},
    {"convert", run_convert, true, false,
     "--to OPTION [--output FILE] [--existing DUMP] [--drop-ram] FILE",
     "reads a stream under one option and writes it under another", NULL, NULL},
    {"compare", run_compare, false, true,
     "[--costs] [--since VERSION] [--html FILE] [--trust] [--csv] [--json] FILE...",
     "the decision table: asks each option and variant the same questions about the streams", NULL,
     NULL},
    {"check", run_check, false, false,
     "[--all-states] [--ambiguity[=section]] [--strict] [--emit FOLDER] [--certificate FILE] "
     "[--json] FILE...",
     "decides for each tail whether a state can mislead the reader, and shows the bytes", NULL,
     NULL},
    {"skew", run_skew, false, false,
     "[--to OPTION] [--both] [--machine TYPE] [--baseline FILE] [--strict] "
     "[--csv|--sarif|--junit|--json] "
     "[--contrived [--all-states] [--ambiguity[=section]] [--emit FOLDER]] A B",
     "what goes wrong when B reads what A writes, certain differences first",
     "vmwire skew OLD/qemu-system-x86_64 NEW/qemu-system-x86_64\n"
     "vmwire skew --machine pc-q35-7.2 OLD/qemu-system-x86_64 NEW/qemu-system-x86_64\n"
     "vmwire skew SENT.vmstate+OLD/qemu-system-x86_64 HERE.vmstate+NEW/qemu-system-x86_64",
     "0 nothing that can be compared differs (what cannot is named), 1 a difference, certain or "
     "when the state\nneeds it, 2 bad input or wrong usage, 3 nothing but open questions; with "
     "--strict also beside differences"},
    {"explain", run_explain, false, false, "[--message TEXT] [--json] STREAM B",
     "why B refuses this very stream, or does not: section, field, both sides, what to do",
     "vmwire explain --message \"$(cat destination.log)\" \\\n"
     "        SENT.vmstate+SOURCE/qemu-system-x86_64 IDLE.vmstate+DESTINATION/qemu-system-x86_64\n"
     "\n"
     "SENT is what the source wrote, IDLE a stream of the machine that was to read it, started "
     "with "
     "the same\ncommand line (-S, migrate \"exec:cat > IDLE\"). Each part but SENT can be left "
     "out, "
     "as B's program or IDLE can: without\na program the properties and subsections of that side "
     "are not known, without IDLE B's devices, RAM blocks\nand values are not.",
     "0 nothing that can be compared makes B refuse the stream (what cannot is named), 1 B "
     "refuses it, or is\nsilently wrong, 2 bad input or wrong usage, 3 undecided"},
    {"diff", run_diff, false, false, "[--to OPTION] [--all] [--csv] [--json] A B",
     "what two streams differ in: their values side by side, by path", NULL, NULL},
    {"schema", run_schema, false, false, "[--verify] [--root FOLDER] [--json] PROGRAM [MODULE...]",
     "prints what a QEMU declares, from its executable and modules", NULL, NULL},
    {"asn1", run_asn1, false, false, "FILE",
     "prints the ASN.1 module of the records of a stream or a schema (option asn1)", NULL, NULL},
    {"replay", run_replay, false, true,
     "[--qemu PROGRAM [--root FOLDER] [--standby LIBRARY]] [--trust] [--json] FOLDER...",
     "reads the streams of a manifest, also with a real QEMU, and compares the outcomes", NULL,
     NULL},
};

static const size_t command_count = sizeof(commands) / sizeof(commands[0]);

static int print_help(void)
{
    puts("vmwire: reads, writes and compares QEMU's live-migration stream under several protocol "
         "options\n");
    for (size_t i = 0; i < command_count; i++)
        printf("  vmwire %-8s %s\n                  %s\n", commands[i].name, commands[i].usage,
               commands[i].about);
    puts("\nFILE is a migration stream; - is standard input. check also accepts a schema: a "
         "description "
         "or a dump.\nA and B are each a stream, a program, what one declares, a description or a "
         "dump, or several of these with\n+ between: STREAM+PROGRAM. PROGRAM is a system emulator "
         "of "
         "QEMU, an ELF file. Options:\n");
    print_option_help(NULL);
    puts("\nProtocol options:\n");
    for (size_t i = 0; i < vmwire_option_count; i++)
        printf("  %-11s %s\n", vmwire_options[i].name, vmwire_options[i].about);
    puts("\nExit status: 0 clean, 1 findings or differences, 2 bad input or wrong usage; check, "
         "skew and explain: 3 none\nof them, but something is undecided; with --strict also beside "
         "them, or "
         "where check does not analyse fields.");
    return EXIT_CLEAN;
}

static int print_command_help(const struct command *command)
{
    printf("vmwire %s %s\n%s\n\n", command->name, command->usage, command->about);
    if (command->example)
        printf("%s\n\n", command->example);
    print_option_help(command->name);
    if (command->exits)
        printf("\nExit status: %s.\n", command->exits);
    puts("\nAll commands: vmwire --help; the manual page has the rest.");
    return EXIT_CLEAN;
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* Returns true if --existing has an effect under this option. */
static bool keeps_existing(const struct vmwire_option *option)
{
    return option->subsections == VMWIRE_SUBSECTION_SECTION;
}

/* `words` are those of the command line that are no options: the command's name, then its files. */
static int run_command(struct arguments *arguments, char **words, size_t word_count)
{
    if (!word_count)
        return report_usage_error(arguments, "no command");
    const struct command *command = find_command(words[0]);
    arguments->files = words + 1;
    arguments->file_count = word_count - 1;
    if (!command)
        return report_usage_error(arguments, "no command \"%s\"", words[0]);
    const char *foreign = find_foreign_option(arguments, command->name);
    if (foreign)
        return report_usage_error(arguments, "%s takes no --%s", command->name, foreign);
    if (check_option_pairs(arguments, command->name))
        return EXIT_BAD_INPUT;
    if (!arguments->file_count)
        return report_usage_error(arguments, "%s: no FILE", command->name);
    if (command->needs_to && !arguments->to)
        return report_usage_error(arguments, "%s: no --to OPTION", command->name);
    if (arguments->existing && !command->any_option && !keeps_existing(arguments->option) &&
        !(arguments->to && keeps_existing(arguments->to)))
        return report_usage_error(arguments, "--existing is for toplevel only");
    return command->run(arguments);
}

static int run(struct arguments *arguments, int argc, char **argv)
{
    const struct command *command = NULL;
    switch (read_options(arguments, argc, argv)) {
    case REQUEST_COMMAND:
        return run_command(arguments, argv + optind, (size_t)(argc - optind));
    case REQUEST_HELP:
        for (int i = 1; i < argc && !command; i++) /* getopt_long() has moved them */
            command = find_command(argv[i]);
        if (!command && argc > 1 && argv[1][0] != '-')
            return report_usage_error(arguments, "no command \"%s\"", argv[1]);
        return command ? print_command_help(command) : print_help();
    case REQUEST_VERSION:
        puts("vmwire " VMWIRE_VERSION);
        return EXIT_CLEAN;
    case REQUEST_NOTHING:
        break;
    }
    return EXIT_BAD_INPUT;
}

int main(int argc, char **argv)
{
    struct parsed_schemas parsed = {NULL};
    struct arguments arguments = {.option = vmwire_option_find("heuristic"), .parsed = &parsed};
    signal(SIGXFSZ, SIG_IGN); /* a file that becomes too large is an error of write(2) */
    arguments.schemas = calloc((size_t)argc, sizeof(*arguments.schemas));
    struct vmwire_error error;
    if (!arguments.schemas) {
        vmwire_error_set_memory(&error, (size_t)argc * sizeof(*arguments.schemas));
        return report_error(&arguments, "command line", &error);
    }
    int code = run(&arguments, argc, argv);
    free(arguments.schemas);
    forget_parsed_schemas(&parsed);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        vmwire_error_set(&error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET, "cannot write");
        return report_error(&arguments, "standard output", &error);
    }
    return code;
}
