/* SPDX-License-Identifier: MIT */
/*
 * vmwire skew --contrived: decides the same as check, where the reader has another schema or another option.
 */
#include "program/check/contrived.h"

#include "program/check/examine.h"
#include "program/check/witness_files.h"
#include "program/shared/exit_status.h"
#include "program/shared/load.h"
#include "program/shared/report_error.h"

static unsigned compare_sides(const struct arguments *arguments, const struct witness_folder *emit)
{
    const struct vmwire_option *reads = arguments->to ? arguments->to : arguments->option;
    struct loaded_file writer = {0}, reader = {0};
    unsigned answers = ANSWER_BAD_INPUT;
    if (load_stream_or_schema(&writer, arguments->files[0], arguments) &&
        load_reader(&reader, arguments->files[1], arguments) &&
        describe_reader(&reader, arguments->files[1], &writer, arguments)) {
        struct examination examination = {.file = arguments->files[0],
                                          .arguments = arguments,
                                          .reads = reads,
                                          .reader = reader.schema,
                                          .emit = emit,
                                          .arena = writer.arena};
        answers = examine(&examination, &writer);
    }
    unload(&writer);
    unload(&reader);
    return answers;
}

int run_contrived(const struct arguments *arguments)
{
    struct witness_folder emit;
    if (!open_witness_folder(&emit, arguments))
        return EXIT_BAD_INPUT;
    unsigned answers = compare_sides(arguments, &emit);
    close_witness_folder(&emit);
    return answers_exit_status(answers, arguments->strict);
}
