/* SPDX-License-Identifier: MIT */
/*
 * Prints an error for a person or for a machine.
 */
#include "program/shared/report_error.h"

#include <stdio.h>

#include "program/shared/exit_status.h"
#include "program/shared/json_writer.h"
#include "program/shared/terminal_text.h"

static void write_json_error(const struct vmwire_error *error)
{
    struct json_writer json = {.output = stderr};
    open_json_object(&json, NULL);
    write_json_string(&json, "error", vmwire_error_kind_name(error->kind));
    write_json_string(&json, "file", error->file);
    write_json_string(&json, "section", error->section);
    write_json_string(&json, "path", error->path);
    write_json_text(&json, "message", vmwire_bytes_of_string(error->message));
    if (error->offset != VMWIRE_ERROR_NO_OFFSET)
        write_json_unsigned(&json, "offset", error->offset);
    end_json_line(&json);
}

int report_error(const struct arguments *arguments, const char *file, struct vmwire_error *error)
{
    if (!error->file[0])
        snprintf(error->file, sizeof(error->file), "%.*s", (int)sizeof(error->file) - 1, file);
    if (arguments->json) {
        write_json_error(error);
        return EXIT_BAD_INPUT;
    }
    char text[2048];
    fprintf(stderr, "vmwire: ");
    print_text(stderr, vmwire_bytes_of_string(vmwire_error_text(error, text, sizeof(text))));
    fputc('\n', stderr);
    return EXIT_BAD_INPUT;
}
