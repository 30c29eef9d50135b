/* SPDX-License-Identifier: MIT */
/*
 * vmwire explain: opens the stream and the reader, has them explained, and prints it.
 */
#include "program/explain/explain.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "program/explain/explain_json.h"
#include "program/explain/explain_stream.h"
#include "program/explain/explain_text.h"
#include "program/shared/exit_status.h"
#include "program/shared/report_error.h"

/* One run. */
struct run {
    const struct arguments *arguments;
    struct side_files sides[2]; /* the writer, the reader */
    struct explanation explanation;
    bool explained;
};

static bool refuse(const struct arguments *arguments, const char *file, const char *message)
{
    struct vmwire_error error;
    vmwire_error_set(&error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET, "%s", message);
    report_error(arguments, file, &error);
    return false;
}

/* The first bytes are those of a stream. */
static bool is_stream(const struct side_files *side)
{
    static const char magic[] = "QEVM";
    const struct vmwire_bytes bytes = side->whole;
    size_t length = bytes.length < sizeof(magic) - 1 ? bytes.length : sizeof(magic) - 1;
    return length > 0 && memcmp(bytes.data, magic, length) == 0;
}

static bool open_writer(struct run *run)
{
    const struct arguments *arguments = run->arguments;
    const struct vmwire_option *const options[] = {vmwire_option_find("heuristic"),
                                                   arguments->option};
    struct side_files *writer = &run->sides[0];
    if (!open_side(writer, arguments->files[0], options, sizeof(options) / sizeof(options[0]),
                   arguments))
        return false;
    if (!writer->stream_name)
        return refuse(arguments, arguments->files[0],
                      "explain explains a stream: expected STREAM, or STREAM+PROGRAM");
    if (is_stream(writer))
        return true;
    if (writer->refused.kind == VMWIRE_ERROR_NONE)
        return refuse(arguments, writer->stream_name, "no stream");
    report_refused_side(arguments, writer);
    return false;
}

/* The stream of B tells its machine: it has to be whole. */
static bool open_reader(struct run *run)
{
    const struct arguments *arguments = run->arguments;
    const struct vmwire_option *const options[] = {vmwire_option_find("heuristic"),
                                                   arguments->option};
    struct side_files *reader = &run->sides[1];
    if (!open_side(reader, arguments->files[1], options, sizeof(options) / sizeof(options[0]),
                   arguments))
        return false;
    if (reader->refused.kind == VMWIRE_ERROR_NONE)
        return true;
    report_refused_side(arguments, reader);
    return false;
}

static bool explain_within_attempt(void *context)
{
    struct run *run = context;
    run->explanation = (struct explanation){.arguments = run->arguments,
                                            .writer = &run->sides[0],
                                            .reader = &run->sides[1],
                                            .arena = run->sides[0].arena};
    run->explained = explain_stream(&run->explanation);
    return true;
}

static int exit_status(enum explained_outcome outcome)
{
    return outcome == EXPLAINED_ACCEPT      ? EXIT_CLEAN
           : outcome == EXPLAINED_UNDECIDED ? EXIT_UNDECIDED
                                            : EXIT_FINDINGS;
}

static int explain_and_print(struct run *run)
{
    const struct arguments *arguments = run->arguments;
    struct vmwire_error error = {0};
    if (!vmwire_arena_attempt(run->sides[0].arena, explain_within_attempt, run, &error))
        return report_error(arguments, arguments->files[0], &error);
    if (!run->explained) /* reported */
        return EXIT_BAD_INPUT;
    if (!arguments->json)
        print_explain_text(&run->explanation);
    else if (!print_explain_json(&run->explanation))
        return report_out_of_memory(arguments, arguments->files[0]);
    return exit_status(run->explanation.outcome);
}

/* A message has blanks. */
static bool is_file(const char *message)
{
    struct stat status;
    return !strchr(message, ' ') && stat(message, &status) == 0;
}

int run_explain(const struct arguments *arguments)
{
    struct run run = {.arguments = arguments};
    if (arguments->file_count != 2) {
        refuse(arguments, arguments->files[0], "explain takes a stream and a reader");
        return EXIT_BAD_INPUT;
    }
    if (arguments->message && !*arguments->message) {
        refuse(arguments, arguments->files[0],
               "--message: expected QEMU's error message, found no text");
        return EXIT_BAD_INPUT;
    }
    if (arguments->message && is_file(arguments->message)) {
        refuse(arguments, arguments->message,
               "--message: expected QEMU's error message, found the name of a file: "
               "--message \"$(cat FILE)\"");
        return EXIT_BAD_INPUT;
    }
    if (names_standard_input(arguments->files[0]) && names_standard_input(arguments->files[1])) {
        refuse(arguments, "-", "standard input can be one file only");
        return EXIT_BAD_INPUT;
    }
    bool opened = open_reader(&run) && open_writer(&run);
    int status = opened ? explain_and_print(&run) : EXIT_BAD_INPUT;
    close_side(&run.sides[0]);
    close_side(&run.sides[1]);
    return status;
}
