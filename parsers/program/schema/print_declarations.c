/* SPDX-License-Identifier: MIT */
/*
 * Makes the JSON of declarations. A member that is 0, false or empty is left out.
 */
#include "program/schema/print_declarations.h"

#include <string.h>
#include <unistd.h>

#include "program/shared/json_line.h"

static void put_number(json_t **object, const char *key, uint64_t number)
{
    if (number)
        put_json_unsigned(object, key, number);
}

static void put_truth(json_t **object, const char *key, bool truth)
{
    if (truth)
        put_json_boolean(object, key, true);
}

static void put_array(json_t **object, const char *key, json_t *array)
{
    if (array && json_array_size(array) == 0)
        json_decref(array);
    else
        put_json(object, key, array);
}

static json_t *make_flags(uint32_t flags)
{
    json_t *names = json_array();
    for (unsigned bit = 0; bit < 32; bit++)
        if (flags >> bit & 1)
            append_json(&names, json_string(vmwire_declared_flag_name(UINT32_C(1) << bit)));
    return names;
}

static json_t *make_field(const struct vmwire_declarations *declarations,
                          const struct vmwire_declared_field *field)
{
    json_t *object = json_object();
    put_json_string(&object, "name", field->name);
    if (field->type)
        put_json_string(&object, "type", field->type);
    if (field->structure)
        put_json_unsigned(&object, "structure",
                          (uint64_t)(field->structure - declarations->structures));
    put_json_unsigned(&object, "offset", field->offset);
    put_number(&object, "size", field->size);
    put_number(&object, "start", field->start);
    put_number(&object, "num", field->num);
    if (field->num_bytes) {
        put_json_unsigned(&object, "num_offset", field->num_offset);
        put_json_unsigned(&object, "num_bytes", field->num_bytes);
    }
    if (field->size_bytes) {
        put_json_unsigned(&object, "size_offset", field->size_offset);
        put_json_unsigned(&object, "size_bytes", field->size_bytes);
    }
    put_array(&object, "flags", make_flags(field->flags));
    put_number(&object, "version_id", field->version_id);
    put_number(&object, "struct_version_id", field->struct_version_id);
    put_truth(&object, "conditional", field->conditional);
    return object;
}

static json_t *make_structure(const struct vmwire_declarations *declarations,
                              const struct vmwire_declared_structure *structure)
{
    json_t *object = json_object(), *fields = json_array(), *subsections = json_array();
    put_json_string(&object, "name", structure->name);
    put_json_unsigned(&object, "version_id", structure->version_id);
    put_json_unsigned(&object, "minimum_version_id", structure->minimum_version_id);
    put_number(&object, "priority", (uint64_t)structure->priority);
    put_truth(&object, "unmigratable", structure->unmigratable);
    put_truth(&object, "early_setup", structure->early_setup);
    put_truth(&object, "conditional", structure->conditional);
    for (size_t i = 0; i < structure->field_count; i++)
        append_json(&fields, make_field(declarations, &structure->fields[i]));
    if (structure->has_fields)
        put_json(&object, "fields", fields);
    else
        json_decref(fields);
    for (size_t i = 0; i < structure->subsection_count; i++)
        append_json(&subsections,
                    json_integer(structure->subsections[i] - declarations->structures));
    put_array(&object, "subsections", subsections);
    return object;
}

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
    json_t *root = json_object(), *structures = json_array();
    put_json_unsigned(&root, "declarations", 1);
    put_json(&root, "files", make_file_names(files));
    put_json_string(&root, "shape", declarations->shape);
    for (size_t i = 0; i < declarations->structure_count; i++)
        append_json(&structures, make_structure(declarations, &declarations->structures[i]));
    put_json(&root, "structures", structures);
    bool printed = print_json(output, root, isatty(fileno(output)) ? JSON_INDENT(2) : JSON_COMPACT);
    if (printed)
        fputc('\n', output);
    return printed;
}
