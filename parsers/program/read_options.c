/* SPDX-License-Identifier: MIT */
/*
 * Reads the options of the command line. The options are a table, from which --help is printed too.
 */
#include "program/read_options.h"

#include <assert.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "program/shared/exit_status.h"
#include "program/shared/report_error.h"

/* Says what an option's value is, and so what the member of struct arguments holds. */
enum value_kind {
    VALUE_FLAG,            /* none: a bool becomes true */
    VALUE_STRING,          /* a const char * */
    VALUE_PROTOCOL_OPTION, /* a const struct vmwire_option * */
    VALUE_AMBIGUITY,       /* an enum vmwire_ambiguity; without a value: of whole streams */
    VALUE_SCHEMA,          /* one more entry of the list of schemas */
    VALUE_HELP,            /* none: the program prints something and ends */
    VALUE_VERSION
};

static const struct option_row {
    const char *name;
    const char *value;    /* as --help calls it; NULL: none */
    const char *commands; /* those that take it; NULL: all */
    const char *about;
    enum value_kind kind;
    size_t member; /* offset in struct arguments */
} option_rows[] = {
#define MEMBER(name) offsetof(struct arguments, name)
    {"option", "NAME", "parse, convert, compare, check, skew, explain, diff",
     "protocol option that FILE is read under (default: heuristic, today's QEMU)",
     VALUE_PROTOCOL_OPTION, MEMBER(option)},
    {"to", "NAME", "convert, skew, diff",
     "protocol option to write; skew: option of the reader; diff: option of B",
     VALUE_PROTOCOL_OPTION, MEMBER(to)},
    {"schema", "FILE", "parse, convert, compare, check, skew, explain, diff, asn1, replay",
     "adds the layouts of a QEMU program, a dump, a description or another stream; repeatable",
     VALUE_SCHEMA, MEMBER(schemas)},
    {"existing", "DUMP", "parse, convert, compare, check, skew, diff, replay",
     "toplevel: subsections that this older release declares stay inline", VALUE_STRING,
     MEMBER(existing)},
    {"output", "FILE", "convert", "writes into this file instead of standard output", VALUE_STRING,
     MEMBER(output)},
    {"drop-ram", NULL, "convert", "leaves out the RAM pages", VALUE_FLAG, MEMBER(drop_ram)},
    {"contrived", NULL, "skew",
     "decides as check does whether a state, however contrived, can mislead the reader", VALUE_FLAG,
     MEMBER(contrived)},
    {"both", NULL, "skew", "also the way back, from B to A; for two programs or dumps by itself",
     VALUE_FLAG, MEMBER(both)},
    {"machine", "TYPE", "skew",
     "decides what machine types decide for this one, for instance pc-q35-7.2", VALUE_STRING,
     MEMBER(machine)},
    {"baseline", "FILE", "skew", "accepts the differences of this file, lines of --json",
     VALUE_STRING, MEMBER(baseline)},
    {"message", "TEXT", "explain", "QEMU's own error message, as it was printed: names its cause",
     VALUE_STRING, MEMBER(message)},
    {"emit", "FOLDER", "check, skew", "writes each witness as a whole stream into this folder",
     VALUE_STRING, MEMBER(emit)},
    {"all-states", NULL, "check, skew", "also decides states that send other subsections",
     VALUE_FLAG, MEMBER(all_states)},
    {"ambiguity", "[=section]", "check, skew",
     "looks for two states with the same bytes, for any reader; or for one that decides at each "
     "section's end",
     VALUE_AMBIGUITY, MEMBER(ambiguity)},
    {"strict", NULL, "check, skew",
     "exit status 3 also where something is undecided beside findings, or not analysed", VALUE_FLAG,
     MEMBER(strict)},
    {"qemu", "PROGRAM", "replay", "also feeds each stream to this QEMU", VALUE_STRING,
     MEMBER(qemu)},
    {"verify", NULL, "schema", "compares with what the program says itself (-dump-vmstate)",
     VALUE_FLAG, MEMBER(verify)},
    {"root", "FOLDER", "replay, schema", "the QEMU is in this folder, and is run there (chroot)",
     VALUE_STRING, MEMBER(root)},
    {"standby", "LIBRARY", "replay",
     "asks copies of QEMUs that stand by with this library, and a fresh process in doubt",
     VALUE_STRING, MEMBER(standby)},
    {"trust", NULL, "compare, replay",
     "takes any QEMU option and any file that a manifest names; without it, only harmless ones",
     VALUE_FLAG, MEMBER(trust)},
    {"costs", NULL, "compare", "only writes each stream under each option and reads it back",
     VALUE_FLAG, MEMBER(costs)},
    {"csv", NULL, "compare, skew, diff", "prints the table, or the differences, as CSV", VALUE_FLAG,
     MEMBER(csv)},
    {"sarif", NULL, "skew", "prints the differences as SARIF 2.1.0", VALUE_FLAG, MEMBER(sarif)},
    {"junit", NULL, "skew", "prints the differences as JUnit XML, a test case a device", VALUE_FLAG,
     MEMBER(junit)},
    {"since", "VERSION", "compare",
     "machine types from this version on are new (default: the last)", VALUE_STRING, MEMBER(since)},
    {"html", "FILE", "compare", "writes the report, a page for a browser, into this file",
     VALUE_STRING, MEMBER(html)},
    {"certificate", "FILE", "check", "writes the reason of each decision, for vmwire-verify",
     VALUE_STRING, MEMBER(certificate)},
    {"stats", NULL, "parse", "prints what reading cost instead of the tree", VALUE_FLAG,
     MEMBER(stats)},
    {"all", NULL, "parse, diff", "prints large values and lists of pages in full", VALUE_FLAG,
     MEMBER(all)},
    {"json", NULL, NULL, "prints one JSON object a line, errors included", VALUE_FLAG,
     MEMBER(json)},
    {"help", NULL, NULL, "prints this page", VALUE_HELP, 0},
    {"version", NULL, NULL, "prints the version", VALUE_VERSION, 0},
#undef MEMBER
};

/* An option that has no effect without another one, or beside another one. */
static const struct option_pair {
    const char *option, *other;
    const char *command; /* of which this is true; NULL: each */
} needs[] = {{"root", "qemu", "replay"},         {"standby", "qemu", NULL},
             {"standby", "trust", NULL},         {"all-states", "contrived", "skew"},
             {"ambiguity", "contrived", "skew"}, {"emit", "contrived", "skew"},
             {"existing", "contrived", "skew"}},
  excludes[] = {{"since", "costs", NULL},
                {"html", "costs", NULL},
                {"csv", "costs", NULL},
                {"sarif", "csv", NULL},
                {"junit", "csv", NULL},
                {"junit", "sarif", NULL},
                {"both", "contrived", NULL},
                {"baseline", "contrived", NULL},
                {"machine", "contrived", NULL},
                {"csv", "contrived", NULL},
                {"sarif", "contrived", NULL},
                {"junit", "contrived", NULL},
                {"all", "stats", NULL},
                {"certificate", "all-states", NULL},
                {"certificate", "ambiguity", NULL},
                {"csv", "json", NULL},
                {"sarif", "json", NULL},
                {"junit", "json", NULL}};

enum { OPTION_COUNT = sizeof(option_rows) / sizeof(option_rows[0]) };

static_assert(OPTION_COUNT <= 64, "`given` has a bit an option");

/* getopt_long() returns FIRST_OPTION + the row's index: a number that is no character. */
enum { FIRST_OPTION = 256 };

/* Whether the word is one of a list with commas. */
static bool is_listed(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *each = list; each; each = strchr(each, ' ')) {
        each += *each == ' ';
        if (strncmp(each, word, length) == 0 && (!each[length] || each[length] == ','))
            return true;
    }
    return false;
}

void print_option_help(const char *command)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = &option_rows[i];
        char text[64];
        if (command && row->commands && !is_listed(row->commands, command))
            continue;
        snprintf(text, sizeof(text), "--%s%s%s", row->name, row->value ? " " : "",
                 row->value ? row->value : "");
        const bool shared = row->commands && !command;
        printf("  %-19s %s%s%s\n", text, shared ? row->commands : "", shared ? ": " : "",
               row->about);
    }
}

const char *find_foreign_option(const struct arguments *arguments, const char *command)
{
    for (int i = 0; i < OPTION_COUNT; i++)
        if (arguments->given >> i & 1 && option_rows[i].commands &&
            !is_listed(option_rows[i].commands, command))
            return option_rows[i].name;
    return NULL;
}

static bool is_given(const struct arguments *arguments, const char *name)
{
    for (int i = 0; i < OPTION_COUNT; i++)
        if (strcmp(option_rows[i].name, name) == 0)
            return arguments->given >> i & 1;
    return false;
}

static bool is_for(const struct option_pair *pair, const char *command)
{
    return !pair->command || strcmp(pair->command, command) == 0;
}

int check_option_pairs(const struct arguments *arguments, const char *command)
{
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
        if (is_for(&needs[i], command) && is_given(arguments, needs[i].option) &&
            !is_given(arguments, needs[i].other))
            return report_usage_error(arguments, "--%s needs --%s", needs[i].option,
                                      needs[i].other);
    for (size_t i = 0; i < sizeof(excludes) / sizeof(excludes[0]); i++)
        if (is_for(&excludes[i], command) && is_given(arguments, excludes[i].option) &&
            is_given(arguments, excludes[i].other))
            return report_usage_error(arguments, "--%s is not for use with --%s",
                                      excludes[i].option, excludes[i].other);
    return EXIT_CLEAN;
}

/* A flag may be repeated, and --schema. */
static bool may_be_repeated(const struct option_row *row)
{
    return row->kind == VALUE_FLAG || row->kind == VALUE_SCHEMA;
}

/* Stores the value of one option. */
static enum option_request store_option(struct arguments *arguments, const struct option_row *row,
                                        const char *value)
{
    void *member = (char *)arguments + row->member;
    switch (row->kind) {
    case VALUE_FLAG:
        *(bool *)member = true;
        break;
    case VALUE_STRING:
        *(const char **)member = value;
        break;
    case VALUE_PROTOCOL_OPTION: {
        const struct vmwire_option *option = vmwire_option_find(value);
        if (!option) {
            report_usage_error(arguments, "no protocol option \"%s\"", value);
            return REQUEST_NOTHING;
        }
        *(const struct vmwire_option **)member = option;
        break;
    }
    case VALUE_AMBIGUITY:
        if (value && strcmp(value, "section") != 0) {
            report_usage_error(arguments, "no ambiguity \"%s\": only \"section\"", value);
            return REQUEST_NOTHING;
        }
        *(enum vmwire_ambiguity *)member =
            value ? VMWIRE_AMBIGUITY_SECTION : VMWIRE_AMBIGUITY_STREAM;
        break;
    case VALUE_SCHEMA:
        arguments->schemas[arguments->schema_count++] = value;
        break;
    case VALUE_HELP:
        return REQUEST_HELP;
    case VALUE_VERSION:
        return REQUEST_VERSION;
    }
    return REQUEST_COMMAND;
}

/* An error in front of --json is an object, too. */
static bool is_json_asked(int argc, char **argv, const struct option *long_options)
{
    bool asked = false;
    /* From the first word, and "-", which moves none: the next scan would find a word behind an option whose value is missing. */
    optind = 0;
    for (int found; (found = getopt_long(argc, argv, "-h", long_options, NULL)) != -1;)
        asked |= found >= FIRST_OPTION &&
                 option_rows[found - FIRST_OPTION].member == offsetof(struct arguments, json);
    optind = 0;
    return asked;
}

/* Stores the option that getopt_long() has found. */
static enum option_request take_option(struct arguments *arguments, int found, char **argv)
{
    if (found == 'h')
        return REQUEST_HELP;
    if (found < FIRST_OPTION && optopt && optopt < FIRST_OPTION) { /* of one letter */
        report_usage_error(arguments, "no option \"-%c\"; a file of such a name follows --",
                           optopt);
        return REQUEST_NOTHING;
    }
    if (found < FIRST_OPTION) {
        report_usage_error(arguments, "no option \"%s\", or its value is missing or one too many",
                           argv[optind - 1]);
        return REQUEST_NOTHING;
    }
    const struct option_row *row = &option_rows[found - FIRST_OPTION];
    if (is_given(arguments, row->name) && !may_be_repeated(row)) {
        report_usage_error(arguments, "--%s is given twice", row->name);
        return REQUEST_NOTHING;
    }
    arguments->given |= UINT64_C(1) << (found - FIRST_OPTION);
    return store_option(arguments, row, optarg);
}

enum option_request read_options(struct arguments *arguments, int argc, char **argv)
{
    struct option long_options[OPTION_COUNT + 1] = {{NULL, 0, NULL, 0}};
    for (int i = 0; i < OPTION_COUNT; i++)
        long_options[i] = (struct option){option_rows[i].name,
                                          !option_rows[i].value            ? no_argument
                                          : option_rows[i].value[0] == '[' ? optional_argument
                                                                           : required_argument,
                                          NULL, FIRST_OPTION + i};
    opterr = 0; /* an error is one line, and ours */
    arguments->json = is_json_asked(argc, argv, long_options);
    for (int found; (found = getopt_long(argc, argv, "h", long_options, NULL)) != -1;) {
        enum option_request request = take_option(arguments, found, argv);
        if (request != REQUEST_COMMAND)
            return request;
    }
    return REQUEST_COMMAND;
}
