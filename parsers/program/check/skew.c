/* SPDX-License-Identifier: MIT */
/*
 * vmwire skew: decides the same as check, where the reader has another schema or another option.
 */
#include "program/check/skew.h"

#include <stdio.h>

#include "program/check/examine.h"
#include "program/shared/exit_status.h"
#include "program/shared/json_writer.h"
#include "program/shared/load.h"
#include "program/shared/report_error.h"
#include "program/shared/terminal_text.h"

/* Reports that the two options have different stream versions: the reader rejects every state at its
 * header, so there is nothing to decide. */
static int report_versions(const struct arguments *arguments, const struct vmwire_option *reads)
{
    if (arguments->json) {
        struct json_writer json = {.output = stdout};
        open_json_object(&json, NULL);
        write_json_string(&json, "file", arguments->files[0]);
        write_json_string(&json, "option", arguments->option->name);
        write_json_string(&json, "reader", reads->name);
        write_json_string(&json, "outcome", vmwire_outcome_name(VMWIRE_OUTCOME_REJECT));
        write_json_unsigned(&json, "offset", 4);
        end_json_line(&json);
    } else {
        print_text(stdout, vmwire_bytes_of_string(arguments->files[0]));
        printf(" under %s, read under %s: every state is rejected at 4: stream version %u, and the "
               "reader wants %u\n",
               arguments->option->name, reads->name, arguments->option->stream_version,
               reads->stream_version);
    }
    return EXIT_FINDINGS;
}

int run_skew(const struct arguments *arguments)
{
    const struct vmwire_option *reads = arguments->to ? arguments->to : arguments->option;
    struct vmwire_error error;
    if (arguments->file_count != 2) {
        vmwire_error_set(&error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                         "skew takes two files, found %zu", arguments->file_count);
        return report_error(arguments, arguments->files[0], &error);
    }
    if (reads->stream_version != arguments->option->stream_version)
        return report_versions(arguments, reads);
    struct loaded_file writer = {0}, reader = {0};
    int code = EXIT_BAD_INPUT;
    if (load_stream_or_schema(&writer, arguments->files[0], arguments) &&
        load_stream_or_schema(&reader, arguments->files[1], arguments)) {
        struct examination examination = {.file = arguments->files[0],
                                          .arguments = arguments,
                                          .reads = reads,
                                          .reader = reader.schema,
                                          .arena = writer.arena};
        code = examine(&examination, &writer);
    }
    unload(&writer);
    unload(&reader);
    return code;
}
