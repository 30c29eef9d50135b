/* SPDX-License-Identifier: MIT */
/*
 * Prints declarations, and which files they are of.
 */
#include "program/schema/print_declarations.h"

#include <string.h>
#include <unistd.h>

#include "program/shared/json_line.h"
#include "vmwire/declared_json.h"

static json_t *make_file_names(const struct program_files *files)
{
    json_t *names = json_array();
    for (size_t i = 0; i < files->count; i++) {
        const char *slash = strrchr(files->names[i], '/');
        append_json(&names, json_string(slash ? slash + 1 : files->names[i]));
    }
    return names;
}

bool print_declarations(FILE *output, const struct vmwire_declarations *declarations,
                        const struct program_files *files)
{
    struct vmwire_error error;
    json_t *root = vmwire_declarations_json(declarations, &error);
    put_json(&root, "files", make_file_names(files));
    bool printed = print_json(output, root, isatty(fileno(output)) ? JSON_INDENT(2) : JSON_COMPACT);
    if (printed)
        fputc('\n', output);
    return printed;
}
