/* SPDX-License-Identifier: MIT */
/*
 * Loads the manifest.json of a folder of streams, and checks what all commands need of its entries.
 */
#include "program/shared/manifest.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "program/shared/confined_file.h"
#include "vmwire/json.h"

char *join_path(struct vmwire_arena *arena, const char *folder, const char *name)
{
    size_t size = strlen(folder) + 1 + strlen(name) + 1;
    char *path = vmwire_arena_alloc(arena, size);
    snprintf(path, size, "%s/%s", folder, name);
    return path;
}

static json_t *parse_manifest(struct vmwire_bytes text, struct vmwire_error *error)
{
    if (text.length <= VMWIRE_SCHEMA_JSON_LIMIT)
        return vmwire_json_parse(text, JSON_REJECT_DUPLICATES, error);
    vmwire_error_set(error, VMWIRE_ERROR_LIMIT, VMWIRE_ERROR_NO_OFFSET,
                     "expected a manifest of at most %zu bytes, found %zu",
                     VMWIRE_SCHEMA_JSON_LIMIT, text.length);
    return NULL;
}

json_t *load_manifest(const struct arguments *arguments, const char *folder, const char *file,
                      struct vmwire_error *error)
{
    struct vmwire_input input = {0};
    const struct place place = {arguments->trust ? NULL : folder, NULL};
    if (!open_confined_input(&input, &place, file, error))
        return NULL;
    json_t *manifest = parse_manifest(input.bytes, error);
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

/* ---- Types of members -------------------------------------------------------------------------- */

const char *describe_json(const json_t *value, char text[64])
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object",   [JSON_ARRAY] = "a list", [JSON_STRING] = "a string",
        [JSON_TRUE] = "true",          [JSON_FALSE] = "false",  [JSON_NULL] = "null",
        [JSON_INTEGER] = "an integer", [JSON_REAL] = "a number"};
    if (!value)
        return "nothing";
    if (json_is_integer(value))
        snprintf(text, 64, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        snprintf(text, 64, "%.15g", json_real_value(value));
    else
        return names[json_typeof(value)];
    return text;
}

/* Each of these returns the value, or the part of it, that has the wrong type; NULL: all is right. */

static const json_t *find_no_string(const json_t *value)
{
    return json_is_string(value) ? NULL : value;
}

static const json_t *find_no_size(const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) >= 0 ? NULL : value;
}

static const json_t *find_wrong_in_list(const json_t *list,
                                        const json_t *(*find_wrong)(const json_t *value))
{
    const json_t *wrong = NULL;
    if (!json_is_array(list))
        return list;
    for (size_t i = 0; i < json_array_size(list) && !wrong; i++)
        wrong = find_wrong(json_array_get(list, i));
    return wrong;
}

static const json_t *find_no_string_in_list(const json_t *list)
{
    return find_wrong_in_list(list, find_no_string);
}

static const json_t *find_no_string_in_object(const json_t *object)
{
    const char *key;
    json_t *each;
    if (!json_is_object(object))
        return object;
    json_object_foreach((json_t *)object, key, each)
    {
        if (!json_is_string(each))
            return each;
    }
    return NULL;
}

static const json_t *find_no_sighting(const json_t *list)
{
    return find_wrong_in_list(list, find_no_string_in_object);
}

static const struct member {
    const char *name;
    const json_t *(*find_wrong)(const json_t *value);
    const char *expected;
} members[] = {
    {"file", find_no_string, "a string"},
    {"name", find_no_string, "a string"},
    {"original", find_no_string, "a string"},
    {"before", find_no_string, "a string"},
    {"option", find_no_string, "a string"},
    {"qemu", find_no_string, "a string"},
    {"sha256", find_no_string, "a string"},
    {"size", find_no_size, "an integer of at least 0"},
    {"schemas", find_no_string_in_list, "a list of strings"},
    {"command", find_no_string_in_list, "a list of strings"},
    {"capabilities", find_no_string_in_list, "a list of strings"},
    {"expected", find_no_string_in_object, "an object of strings"},
    {"seen", find_no_sighting, "a list of objects of strings"},
};

static bool check_member(const json_t *entry, const struct member *member,
                         struct vmwire_error *error)
{
    const json_t *value = json_object_get(entry, member->name);
    const json_t *wrong = value ? member->find_wrong(value) : NULL;
    char text[64];
    return !wrong ||
           vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, VMWIRE_ERROR_NO_OFFSET,
                            "\"%s\": expected %s, found %s%s", member->name, member->expected,
                            describe_json(wrong, text), wrong == value ? "" : " in it");
}

static bool check_members(const json_t *entry, struct vmwire_error *error)
{
    char text[64];
    if (!json_is_object(entry))
        return vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, VMWIRE_ERROR_NO_OFFSET,
                                "expected an object, found %s", describe_json(entry, text));
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (!check_member(entry, &members[i], error))
            return false;
    return json_object_get(entry, "file") ||
           vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, VMWIRE_ERROR_NO_OFFSET,
                            "\"file\": expected a string, found nothing");
}

/* ---- Files ------------------------------------------------------------------------------------- */

/* Copies the arguments and puts the entry's schemas before those of --schema. */
static void add_files(struct arguments *with, const struct arguments *arguments, const char *folder,
                      const json_t *entry, struct vmwire_arena *arena)
{
    const json_t *schemas = json_object_get(entry, "schemas");
    size_t i;
    json_t *schema;
    *with = *arguments;
    with->folder = arguments->trust ? NULL : folder;
    with->folder_schema_count = json_array_size(schemas);
    with->schema_count = 0;
    with->schemas = vmwire_arena_alloc(
        arena, (with->folder_schema_count + arguments->schema_count) * sizeof(*with->schemas));
    json_array_foreach(schemas, i, schema)
    {
        with->schemas[with->schema_count++] = join_path(arena, folder, json_string_value(schema));
    }
    for (size_t j = 0; j < arguments->schema_count; j++)
        with->schemas[with->schema_count++] = arguments->schemas[j];
}

/* Checks that a file can be opened in the place. */
static bool check_file(const struct place *place, const char *what, const json_t *name,
                       struct vmwire_arena *arena, struct vmwire_error *error)
{
    struct vmwire_error problem = {0};
    const char *text = json_string_value(name);
    int descriptor = open_confined(place, join_path(arena, place->folder, text), &problem);
    if (descriptor < 0)
        return vmwire_error_set(error, problem.kind, VMWIRE_ERROR_NO_OFFSET, "%s \"%.200s\" %s",
                                what, text, problem.message);
    close(descriptor);
    return true;
}

/* Not "before", which one table alone reads. */
static bool check_files(const char *folder, const json_t *entry, struct vmwire_arena *arena,
                        struct vmwire_error *error)
{
    const struct place place = {folder, NULL}, beside = {folder, SCHEMAS_FOLDER};
    const json_t *original = json_object_get(entry, "original");
    size_t i;
    json_t *schema;
    json_array_foreach(json_object_get(entry, "schemas"), i, schema)
    {
        if (!check_file(&beside, "schema", schema, arena, error))
            return false;
    }
    return check_file(&place, "file", json_object_get(entry, "file"), arena, error) &&
           (!original || check_file(&place, "original", original, arena, error));
}

bool check_manifest_entry(struct arguments *with, const struct arguments *arguments,
                          const char *folder, const json_t *entry, size_t number,
                          struct vmwire_arena *arena, struct vmwire_error *error)
{
    struct vmwire_error fault = {0};
    if (check_members(entry, &fault) &&
        (arguments->trust || check_files(folder, entry, arena, &fault))) {
        add_files(with, arguments, folder, entry, arena);
        return true;
    }
    return vmwire_error_set(error, fault.kind, VMWIRE_ERROR_NO_OFFSET, "entry %zu: %s", number,
                            fault.message);
}
