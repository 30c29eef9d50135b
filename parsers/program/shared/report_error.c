/* SPDX-License-Identifier: MIT */
/*
 * Prints an error for a person or for a machine.
 */
#include "program/shared/report_error.h"

#include <stdarg.h>
#include <stdio.h>

#include "program/shared/exit_status.h"
#include "program/shared/json_line.h"
#include "program/shared/terminal_text.h"

static bool print_json_error(const struct vmwire_error *error)
{
    json_t *line = json_object();
    put_json_string(&line, "error", vmwire_error_kind_name(error->kind));
    put_json_string(&line, "file", error->file);
    put_json_string(&line, "section", error->section);
    put_json_string(&line, "path", error->path);
    put_json_text(&line, "message", vmwire_bytes_of_string(error->message));
    if (error->offset != VMWIRE_ERROR_NO_OFFSET)
        put_json_unsigned(&line, "offset", error->offset);
    return print_json_line(stderr, line);
}

static int print_error_text(const char *text, const char *hint)
{
    fprintf(stderr, "vmwire: ");
    print_text(stderr, vmwire_bytes_of_string(text));
    fprintf(stderr, "%s\n", hint);
    return EXIT_BAD_INPUT;
}

int report_error(const struct arguments *arguments, const char *file, struct vmwire_error *error)
{
    if (!error->file[0])
        snprintf(error->file, sizeof(error->file), "%.*s", (int)sizeof(error->file) - 1, file);
    /* Where memory ran out for the object, a person's line has to do. */
    if (arguments->json && print_json_error(error))
        return EXIT_BAD_INPUT;
    char text[2048];
    return print_error_text(vmwire_error_text(error, text, sizeof(text)), "");
}

int report_out_of_memory(const struct arguments *arguments, const char *file)
{
    struct vmwire_error error;
    vmwire_error_set_memory(&error, 0);
    return report_error(arguments, file, &error);
}

static bool print_json_usage_error(const char *text)
{
    json_t *line = json_object();
    put_json_string(&line, "error", "usage");
    put_json_text(&line, "message", vmwire_bytes_of_string(text));
    return print_json_line(stderr, line);
}

int report_usage_error(const struct arguments *arguments, const char *format, ...)
{
    char text[1024];
    va_list words;
    va_start(words, format);
    vsnprintf(text, sizeof(text), format, words);
    va_end(words);
    if (arguments->json && print_json_usage_error(text))
        return EXIT_BAD_INPUT;
    return print_error_text(text, "; see vmwire --help");
}
