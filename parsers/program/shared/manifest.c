/* SPDX-License-Identifier: MIT */
/*
 * Loads the manifest.json of a folder of streams.
 */
#include "program/shared/manifest.h"

#include <stdio.h>
#include <string.h>

#include "vmwire/json.h"

char *join_path(struct vmwire_arena *arena, const char *folder, const char *name)
{
    size_t size = strlen(folder) + 1 + strlen(name) + 1;
    char *path = vmwire_arena_alloc(arena, size);
    snprintf(path, size, "%s/%s", folder, name);
    return path;
}

json_t *load_manifest(const char *file, struct vmwire_error *error)
{
    struct vmwire_input input = {0};
    if (!vmwire_input_open(&input, file, NULL, error))
        return NULL;
    json_t *manifest = vmwire_json_parse(input.bytes, JSON_REJECT_DUPLICATES, error);
    vmwire_input_close(&input);
    if (json_array_size(manifest))
        return manifest;
    struct vmwire_error problem = *error;
    if (manifest)
        vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, VMWIRE_ERROR_NO_OFFSET,
                         "expected a manifest: a list of streams, %s",
                         json_is_array(manifest) ? "found an empty one" : "found something else");
    else if (error->kind == VMWIRE_ERROR_SCHEMA)
        vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, problem.offset, "expected a manifest: %.400s",
                         problem.message);
    json_decref(manifest);
    return NULL;
}

bool add_entry_schemas(struct arguments *with, const struct arguments *arguments,
                       const char *folder, const json_t *entry, struct vmwire_arena *arena)
{
    const json_t *schemas = json_object_get(entry, "schemas");
    if (schemas && !json_is_array(schemas))
        return false;
    *with = *arguments;
    with->schema_count = 0;
    with->schemas = vmwire_arena_alloc(arena, (json_array_size(schemas) + arguments->schema_count) *
                                                  sizeof(*with->schemas));
    size_t i;
    json_t *schema;
    json_array_foreach(schemas, i, schema)
    {
        if (!json_is_string(schema))
            return false;
        with->schemas[with->schema_count++] = join_path(arena, folder, json_string_value(schema));
    }
    for (size_t j = 0; j < arguments->schema_count; j++)
        with->schemas[with->schema_count++] = arguments->schemas[j];
    return true;
}
