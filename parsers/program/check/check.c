/* SPDX-License-Identifier: MIT */
/*
 * vmwire check: decides each tail of each device of a stream, or of a schema alone. The reader has the
 * writer's schema and option.
 */
#include "program/check/check.h"

#include "program/check/examine.h"
#include "program/check/witness_files.h"
#include "program/shared/load.h"
#include "program/shared/output_file.h"
#include "program/shared/report_error.h"

static unsigned check_file(const struct arguments *arguments, const struct witness_folder *emit,
                           const char *file)
{
    struct loaded_file loaded = {0};
    unsigned answers = ANSWER_BAD_INPUT;
    if (load_stream_or_schema(&loaded, file, arguments)) {
        struct examination examination = {.file = file,
                                          .arguments = arguments,
                                          .reads = arguments->option,
                                          .emit = emit,
                                          .arena = loaded.arena};
        answers = examine(&examination, &loaded);
    }
    unload(&loaded);
    return answers;
}

static unsigned check_files(const struct arguments *arguments)
{
    struct witness_folder emit;
    if (!open_witness_folder(&emit, arguments))
        return ANSWER_BAD_INPUT;
    unsigned answers = ANSWER_CLEAN;
    for (size_t i = 0; i < arguments->file_count; i++)
        answers |= check_file(arguments, &emit, arguments->files[i]);
    close_witness_folder(&emit);
    return answers;
}

int run_check(const struct arguments *arguments)
{
    if (arguments->certificate && arguments->file_count != 1)
        return report_usage_error(arguments, "check --certificate takes one FILE");
    struct vmwire_error error;
    if (arguments->certificate && !output_is_no_input(arguments->certificate, arguments, &error))
        return report_error(arguments, arguments->certificate, &error);
    return answers_exit_status(check_files(arguments), arguments->strict);
}
