/* SPDX-License-Identifier: MIT */
/*
 * Compares declarations with a dump. A dump has no offsets, no types and no flags; it leaves out fields that are only
 * checked (QEMU migration/savevm.c, dump_vmstate_vmsd).
 */
#include "program/schema/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "program/schema/run_dump.h"
#include "program/shared/exit_status.h"
#include "program/shared/json_line.h"
#include "program/shared/report_error.h"

/* A structure of the dump beside one of the program. */
struct structure_pair {
    const json_t *dumped;
    const struct vmwire_declared_structure *declared; /* NULL: there is none */
};

struct comparison {
    const struct arguments *arguments;
    const struct program_files *files;
    const struct vmwire_declarations *declarations;
    json_t *dump;
    struct vmwire_arena *arena;
    struct vmwire_error *error;
    size_t devices, differing;
    struct structure_pair *pairs; /* to be compared, from `next` on */
    size_t pair_count, pair_room, next;
    size_t compared, fields; /* of the dump: structures, also those that come again, and fields */
    char difference[256];    /* of the current device; empty: none yet */
};

/* ---- One structure ---- */

static uint64_t number_of(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

static const char *name_of(const json_t *object, const char *key)
{
    const char *name = json_string_value(json_object_get(object, key));
    return name ? name : "";
}

/* The name of a structure in the dump: printf(3) prints "(null)" for a stub that has none. */
static const char *name_of_structure(const json_t *dumped)
{
    const char *name = name_of(dumped, "name");
    return strcmp(name, "(null)") == 0 ? "" : name;
}

/* Notes the first difference. Returns false. */
__attribute__((format(printf, 2, 3))) static bool differ(struct comparison *comparison,
                                                         const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (!comparison->difference[0])
        vsnprintf(comparison->difference, sizeof(comparison->difference), format, arguments);
    va_end(arguments);
    return false;
}

static void add_pair(struct comparison *comparison, const json_t *dumped,
                     const struct vmwire_declared_structure *declared)
{
    comparison->pairs =
        vmwire_arena_grow(comparison->arena, comparison->pairs, comparison->pair_count,
                          &comparison->pair_room, sizeof(*comparison->pairs));
    comparison->pairs[comparison->pair_count++] = (struct structure_pair){dumped, declared};
}

static bool compare_field(struct comparison *comparison, const char *structure,
                          const json_t *dumped, const struct vmwire_declared_field *field)
{
    const json_t *embedded = json_object_get(dumped, "Description");
    const char *name = name_of(dumped, "field");
    comparison->fields++;
    if (strcmp(name, field->name) != 0)
        return differ(comparison, "%s: field \"%s\" in the dump, \"%s\" in the program", structure,
                      name, field->name);
    if (number_of(dumped, "size") != field->size)
        return differ(comparison, "%s.%s: size %" PRIu64 " in the dump, %" PRIu64 " in the program",
                      structure, name, number_of(dumped, "size"), field->size);
    if (number_of(dumped, "version_id") != field->version_id)
        return differ(comparison,
                      "%s.%s: from version %" PRIu64 " in the dump, %" PRIu32 " in the program",
                      structure, name, number_of(dumped, "version_id"), field->version_id);
    if (json_is_true(json_object_get(dumped, "field_exists")) != (field->condition != 0))
        return differ(comparison, "%s.%s: only one of the two has a condition", structure, name);
    if (json_object_get(dumped, "num") && number_of(dumped, "num") != field->num)
        return differ(comparison,
                      "%s.%s: %" PRIu64 " elements in the dump, %" PRIu32 " in the program",
                      structure, name, number_of(dumped, "num"), field->num);
    if (!embedded != !field->structure)
        return differ(comparison, "%s.%s: only one of the two is a structure", structure, name);
    if (embedded)
        add_pair(comparison, embedded, field->structure);
    return true;
}

static bool compare_fields(struct comparison *comparison, const json_t *dumped,
                           const struct vmwire_declared_structure *declared)
{
    const json_t *fields = json_object_get(dumped, "Fields");
    size_t next = 0;
    for (size_t i = 0; i < declared->field_count; i++) {
        const struct vmwire_declared_field *field = &declared->fields[i];
        if (field->flags & VMWIRE_DECLARED_MUST_EXIST)
            continue;
        if (next == json_array_size(fields))
            return differ(comparison, "%s: field \"%s\" is not in the dump", declared->name,
                          field->name);
        if (!compare_field(comparison, declared->name, json_array_get(fields, next++), field))
            return false;
    }
    return next == json_array_size(fields) ||
           differ(comparison, "%s: field \"%s\" is not in the program", declared->name,
                  name_of(json_array_get(fields, next), "field"));
}

static bool compare_structure(struct comparison *comparison, const json_t *dumped,
                              const struct vmwire_declared_structure *declared)
{
    const json_t *subsections = json_object_get(dumped, "Subsections");
    comparison->compared++;
    if (strcmp(name_of_structure(dumped), declared->name) != 0)
        return differ(comparison, "structure \"%s\" in the dump, \"%s\" in the program",
                      name_of_structure(dumped), declared->name);
    if (number_of(dumped, "version_id") != declared->version_id ||
        number_of(dumped, "minimum_version_id") != declared->minimum_version_id)
        return differ(comparison,
                      "%s: versions %" PRIu64 " to %" PRIu64 " in the dump, %" PRIu32 " to %" PRIu32
                      " in the program",
                      declared->name, number_of(dumped, "minimum_version_id"),
                      number_of(dumped, "version_id"), declared->minimum_version_id,
                      declared->version_id);
    if (!compare_fields(comparison, dumped, declared))
        return false;
    if (json_array_size(subsections) != declared->subsection_count)
        return differ(comparison, "%s: %zu subsections in the dump, %zu in the program",
                      declared->name, json_array_size(subsections), declared->subsection_count);
    for (size_t i = 0; i < declared->subsection_count; i++)
        add_pair(comparison, json_array_get(subsections, i), declared->subsections[i]);
    return true;
}

/* ---- All of them ---- */

/* Whether the structure and all in it are equal. */
static bool compare_from(struct comparison *comparison, const json_t *dumped,
                         const struct vmwire_declared_structure *declared)
{
    comparison->next = comparison->pair_count = 0;
    add_pair(comparison, dumped, declared);
    while (comparison->next < comparison->pair_count) {
        struct structure_pair pair = comparison->pairs[comparison->next++];
        if (!compare_structure(comparison, pair.dumped, pair.declared))
            return false;
    }
    return true;
}

/* Whether some structure of the program is the one that the dump has for a device. */
static bool find_equal(struct comparison *comparison, const json_t *dumped)
{
    const struct vmwire_declarations *declarations = comparison->declarations;
    size_t compared = comparison->compared, fields = comparison->fields;
    comparison->difference[0] = '\0';
    for (size_t i = 0; i < declarations->structure_count; i++) {
        if (strcmp(declarations->structures[i].name, name_of(dumped, "name")) != 0)
            continue;
        comparison->compared = compared;
        comparison->fields = fields;
        if (compare_from(comparison, dumped, &declarations->structures[i]))
            return true;
    }
    return differ(comparison, "%s: not found in the program", name_of(dumped, "name"));
}

static bool print_result(const struct arguments *arguments, const char *device, const char *text)
{
    if (!arguments->json) {
        printf("%s: %s\n", device, text);
        return true;
    }
    json_t *line = json_object();
    put_json_string(&line, "device", device);
    put_json_string(&line, "difference", text);
    return print_json_line(stdout, line);
}

static bool print_summary(const struct comparison *comparison)
{
    const struct vmwire_declarations *declarations = comparison->declarations;
    size_t file_count = comparison->files->count;
    if (!comparison->arguments->json) {
        printf("%zu of %zu devices equal, with %zu structures and %zu fields in the dump; %zu "
               "structures in %zu file%s of shape %s\n",
               comparison->devices - comparison->differing, comparison->devices,
               comparison->compared, comparison->fields, declarations->structure_count, file_count,
               file_count == 1 ? "" : "s", declarations->shape);
        return true;
    }
    json_t *line = json_object();
    put_json_unsigned(&line, "devices", comparison->devices);
    put_json_unsigned(&line, "differing", comparison->differing);
    put_json_unsigned(&line, "structures", comparison->compared);
    put_json_unsigned(&line, "fields", comparison->fields);
    put_json_unsigned(&line, "declared", declarations->structure_count);
    put_json_unsigned(&line, "files", file_count);
    put_json_string(&line, "shape", declarations->shape);
    return print_json_line(stdout, line);
}

/* Compares all devices and prints. Returns false with the error set when memory runs out. */
static bool compare_devices(void *context)
{
    struct comparison *comparison = context;
    bool printed = true;
    const char *device;
    json_t *json;
    json_object_foreach(comparison->dump, device, json)
    {
        const json_t *description = json_object_get(json, "Description");
        if (!description)
            continue; /* the machine type */
        comparison->devices++;
        if (find_equal(comparison, description))
            continue;
        comparison->differing++;
        printed = printed && print_result(comparison->arguments, device, comparison->difference);
    }
    if (!printed || !print_summary(comparison))
        return vmwire_error_set_memory(comparison->error, 0);
    return true;
}

int verify_declarations(const struct vmwire_declarations *declarations,
                        const struct program_files *files, const struct arguments *arguments)
{
    struct vmwire_error error = {0};
    const char *program = arguments->files[0];
    struct comparison comparison = {.arguments = arguments,
                                    .files = files,
                                    .declarations = declarations,
                                    .dump = run_dump(files->program, arguments->root, &error),
                                    .error = &error};
    if (!comparison.dump)
        return report_error(arguments, program, &error);
    comparison.arena = vmwire_arena_create();
    bool compared = comparison.arena ? vmwire_arena_attempt(comparison.arena, compare_devices,
                                                            &comparison, &error)
                                     : vmwire_error_set_memory(&error, 0);
    vmwire_arena_destroy(comparison.arena);
    json_decref(comparison.dump);
    if (!compared)
        return report_error(arguments, program, &error);
    return comparison.differing ? EXIT_FINDINGS : EXIT_CLEAN;
}
