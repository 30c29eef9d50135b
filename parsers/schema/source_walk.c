/* SPDX-License-Identifier: MIT */
/*
 * Walks the JSON of a source with a worklist, without recursion. Knows nothing of the keys:
 * description.c and dump.c have them.
 */
#include "schema/source_walk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schema/json.h"
#include "schema/layout.h"
#include "schema/symbols.h"

enum {
    NAME_LIMIT = 255,      /* bytes: the highest value of a length byte */
    SUBSECTION_HEADER = 6, /* bytes without the name: marker, length byte, be32 version_id */
};

/* A path in the JSON under construction. A path that is too long ends with "...". */
struct path {
    char *text;
    size_t size;
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void append_to_path(struct path *path,
                                                                 const char *format, ...)
{
    size_t left = path->size - path->length;
    va_list arguments;
    va_start(arguments, format);
    int added = vsnprintf(path->text + path->length, left, format, arguments);
    va_end(arguments);
    if (added < 0)
        return;
    if ((size_t)added < left) {
        path->length += (size_t)added;
        return;
    }
    path->length = path->size - 1;
    memcpy(path->text + path->size - sizeof("..."), "...", sizeof("..."));
}

static void append_step(struct path *path, const struct path_step *step)
{
    const char *separator = path->length > 0 ? " / " : "";
    append_to_path(path, "%s%s", separator, step->key);
    if (step->indexed)
        append_to_path(path, "[%zu]", step->index);
    if (step->name != NULL)
        append_to_path(path, " \"%s\"", step->name);
    if (step->inner != NULL)
        append_to_path(path, " / %s", step->inner);
}

bool walk_fail(struct source_walk *walk, enum vmwire_error_kind kind, const char *key,
               const char *format, ...)
{
    char message[sizeof(walk->error->message)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    vmwire_error_set(walk->error, kind, VMWIRE_ERROR_NO_OFFSET, "%s", message);

    struct path path = {.text = walk->error->path, .size = sizeof(walk->error->path)};
    for (size_t i = 0; i < walk->step_count; i++)
        append_step(&path, &walk->steps[i]);
    if (key != NULL)
        append_to_path(&path, "%s%s", path.length > 0 ? " / " : "", key);
    return false;
}

/* Returns the member, or NULL with the error set. */
static const json_t *require_member(struct source_walk *walk, const json_t *object, const char *key)
{
    const json_t *json = json_object_get(object, key);
    if (json == NULL)
        walk_fail(walk, VMWIRE_ERROR_SCHEMA, key, "missing");
    return json;
}

bool walk_name(struct source_walk *walk, const json_t *object, const char *key,
               struct symbol **symbol)
{
    const json_t *json = require_member(walk, object, key);
    if (json == NULL)
        return false;
    if (!json_is_string(json))
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, key, "%s where a string was expected",
                         json_type_name(json));
    size_t length = json_string_length(json);
    if (length > NAME_LIMIT)
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, key,
                         "a name of %zu bytes; it can have at most %d", length, NAME_LIMIT);
    *symbol = intern_name(walk->schema, json_string_value(json), length);
    return true;
}

bool walk_number(struct source_walk *walk, const json_t *object, const char *key, uint32_t *number)
{
    const json_t *json = require_member(walk, object, key);
    if (json == NULL)
        return false;
    if (!json_is_integer(json))
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, key, "%s where an integer was expected",
                         json_type_name(json));
    json_int_t value = json_integer_value(json);
    if (value < 0 || value > UINT32_MAX)
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, key,
                         "%" JSON_INTEGER_FORMAT " where 0 to %" PRIu32 " was expected", value,
                         UINT32_MAX);
    *number = (uint32_t)value;
    return true;
}

bool walk_array(struct source_walk *walk, const json_t *object, const char *key, bool optional,
                const json_t **array)
{
    *array = NULL;
    if (optional && json_object_get(object, key) == NULL)
        return true;
    const json_t *json = require_member(walk, object, key);
    if (json == NULL)
        return false;
    if (!json_is_array(json))
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, key, "%s where an array was expected",
                         json_type_name(json));
    *array = json;
    return true;
}

void walk_begin(struct source_walk *walk, struct vmwire_schema *schema,
                const struct source_form *form, struct vmwire_error *error)
{
    walk->schema = schema;
    walk->form = form;
    walk->root = NULL;
    walk->name = NULL;
    walk->error = error;
    walk->open_count = 0;
    walk->step_count = 0;
    walk->structure_count = walk->field_count = 0;
    walk->structures = NULL;
    walk->structures_end = &walk->structures;
    walk->devices = NULL;
    walk->devices_end = &walk->devices;
    walk->device_count = 0;
    schema->loading->source_count++;
}

static bool load_version(struct source_walk *walk, const json_t *object, struct layout *layout)
{
    struct vmwire_structure *structure = &layout->structure;
    if (!walk_number(walk, object, walk->form->version, &structure->version_id))
        return false;
    structure->described_version_id = structure->version_id;
    const char *minimum = walk->form->minimum_version;
    if (minimum == NULL || json_object_get(object, minimum) == NULL) {
        structure->minimum_version_id = structure->version_id;
        structure->described_minimum_version_id = structure->version_id;
        return true;
    }
    layout->declares_version = true;
    bool loaded = walk_number(walk, object, minimum, &structure->minimum_version_id);
    structure->described_minimum_version_id = structure->minimum_version_id;
    return loaded;
}

static struct layout *add_layout(struct source_walk *walk, const json_t *origin)
{
    struct layout *layout = vmwire_arena_alloc(walk->schema->arena, sizeof(*layout));
    layout->origin = origin;
    layout->source = walk->schema->loading->source_count;
    *walk->structures_end = &layout->structure;
    walk->structures_end = &layout->structure.next;
    return layout;
}

/* Counts a structure with its fields. Returns false with the error set beyond the limits of the form. */
static bool count_structure(struct source_walk *walk, size_t fields)
{
    const struct source_form *form = walk->form;
    if (form->own_fields_limit && fields > form->own_fields_limit)
        return walk_fail(walk, VMWIRE_ERROR_LIMIT, form->fields, "%zu fields; at most %zu are read",
                         fields, form->own_fields_limit);
    walk->structure_count++;
    walk->field_count += fields;
    if (!form->structures_limit || (walk->structure_count <= form->structures_limit &&
                                    walk->field_count <= form->fields_limit))
        return true;
    return walk_fail(walk, VMWIRE_ERROR_LIMIT, NULL,
                     "with all places in which they stand, more than %zu structures or %zu fields",
                     form->structures_limit, form->fields_limit);
}

/* Begins a structure: loads its name and version, and allocates its fields and subsections. */
static bool begin_structure(struct source_walk *walk, const json_t *object, bool anonymous,
                            struct vmwire_field *embedding)
{
    if (walk->open_count == VMWIRE_SCHEMA_NESTING_LIMIT)
        return walk_fail(walk, VMWIRE_ERROR_LIMIT, NULL, "structures nested deeper than %d",
                         VMWIRE_SCHEMA_NESTING_LIMIT);
    if (!json_is_object(object))
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, NULL, "%s where an object was expected",
                         json_type_name(object));
    struct layout *layout = add_layout(walk, object);
    struct vmwire_structure *structure = &layout->structure;
    struct open_structure *open = &walk->open[walk->open_count];
    *open = (struct open_structure){.layout = layout, .embedding = embedding};
    const struct source_form *form = walk->form;

    if (anonymous) {
        structure->version_id = UINT32_MAX; /* the device's own code checks it */
        structure->described_version_id = UINT32_MAX;
    } else {
        struct symbol *symbol = NULL;
        if (!walk_name(walk, object, form->name, &symbol) || !load_version(walk, object, layout))
            return false;
        if (walk->name && walk->open_count == 0)
            symbol = intern_name(walk->schema, walk->name, strlen(walk->name));
        layout->symbol = symbol;
        structure->name = symbol->text;
    }
    if (!walk_array(walk, object, form->fields, form->fields_optional, &open->fields) ||
        !walk_array(walk, object, form->subsections, true, &open->subsections))
        return false;
    if (json_array_size(open->subsections) > SUBSECTION_LIMIT)
        return walk_fail(walk, VMWIRE_ERROR_LIMIT, form->subsections,
                         "%zu subsections; at most %d are read", json_array_size(open->subsections),
                         SUBSECTION_LIMIT);

    if (!count_structure(walk, json_array_size(open->fields)))
        return false;
    struct vmwire_arena *arena = walk->schema->arena;
    structure->fields =
        vmwire_arena_alloc(arena, json_array_size(open->fields) * sizeof(struct vmwire_field));
    structure->conditional =
        form->conditional && json_is_true(json_object_get(object, form->conditional));
    structure->unmigratable =
        form->unmigratable && json_is_true(json_object_get(object, form->unmigratable));
    structure->unsteady_end = form->made && json_is_true(json_object_get(object, "unsteady_end"));
    structure->sent_count = json_array_size(open->subsections);
    structure->subsection_count = structure->sent_count;
    structure->subsections =
        vmwire_arena_alloc(arena, structure->sent_count * sizeof(struct vmwire_subsection));
    walk->open_count++;
    return true;
}

static bool load_next_field(struct source_walk *walk, struct open_structure *open)
{
    size_t index = open->next_field++;
    const json_t *json = json_array_get(open->fields, index);
    walk->steps[walk->step_count++] =
        (struct path_step){.key = walk->form->fields, .indexed = true, .index = index};
    if (!json_is_object(json))
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, NULL, "%s where an object was expected",
                         json_type_name(json));
    const json_t *inner = NULL;
    bool absent = false;
    if (walk->form->is_absent && !walk->form->is_absent(walk, json, &absent))
        return false;
    if (absent) {
        walk->step_count--;
        return true;
    }
    struct vmwire_structure *structure = &open->layout->structure;
    struct vmwire_field *field = &structure->fields[structure->field_count++];
    if (!walk->form->load_field(walk, json, field, &inner))
        return false;
    if (inner != NULL)
        return begin_structure(walk, inner, false, field);
    walk->step_count--;
    return true;
}

static bool open_next_subsection(struct source_walk *walk, struct open_structure *open)
{
    size_t index = open->next_subsection++;
    const json_t *json = json_array_get(open->subsections, index);
    walk->steps[walk->step_count++] = (struct path_step){
        .key = walk->form->subsections,
        .indexed = true,
        .index = index,
        .name = json_string_value(json_object_get(json, walk->form->name)),
    };
    if (walk->form->load_subsection && !walk->form->load_subsection(walk, &json))
        return false;
    return begin_structure(walk, json, false, NULL);
}

/* Adds bytes to a structure's size. Every size in a description has 32 bits. */
static bool add_size(struct source_walk *walk, struct layout *layout, uint64_t count, uint64_t size)
{
    uint64_t added = count * size; /* 32 bits each: neither product nor sum overflows */
    if (layout->size + added > UINT32_MAX)
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, NULL, "\"%s\" has more than %" PRIu32 " bytes",
                         layout->structure.name == NULL ? "" : layout->structure.name, UINT32_MAX);
    layout->size += added;
    return true;
}

/* The bytes that one element of a field has in every stream. */
static uint64_t minimum_element_size(const struct vmwire_field *field)
{
    if (field->class == VMWIRE_FIELD_RECORD)
        return ((const struct layout *)field->structure)->minimum_size;
    if (field->class == VMWIRE_FIELD_LIST)
        return 1; /* the byte that ends it */
    return field->size;
}

/* The bytes that all elements of a field have in every stream. */
static uint64_t minimum_field_size(const struct vmwire_field *field)
{
    const struct vmwire_dependence *dependence = field->dependence;
    if (dependence &&
        (dependence->condition || dependence->count || dependence->size || dependence->since ||
         dependence->before || !field->count || layout_rule_is_open(field->rule)))
        return 0;
    if (dependence && (dependence->pointers || dependence->markers))
        return field->count;
    return field->count * minimum_element_size(field);
}

/* The number of fields and records without bytes that a reader may have to read for a field. */
static uint64_t count_empty_fields(const struct vmwire_field *field)
{
    uint64_t inner = 0, empty = minimum_element_size(field) == 0;
    if (field->class == VMWIRE_FIELD_RECORD)
        inner = ((const struct layout *)field->structure)->empty_fields;
    return field->count * (inner + empty);
}

/* Notes which bytes there are in every stream: in the whole structure, and behind each field. */
static void note_least_sizes(struct vmwire_structure *structure)
{
    uint64_t least = 0;
    for (size_t i = structure->field_count; i > 0; i--) {
        struct vmwire_field *field = &structure->fields[i - 1];
        field->least_behind = least > UINT32_MAX ? UINT32_MAX : (uint32_t)least;
        least += minimum_field_size(field);
    }
    structure->least_size = least > UINT32_MAX ? UINT32_MAX : (uint32_t)least;
}

/* Adds up the sizes of all fields. Called after the fields are loaded. */
static bool measure_fields(struct source_walk *walk, struct layout *layout)
{
    struct vmwire_structure *structure = &layout->structure;
    walk->open[walk->open_count - 1].measured = true;
    if (walk->form->complete_fields != NULL && !walk->form->complete_fields(walk, structure))
        return false;
    for (size_t i = 0; i < structure->field_count; i++) {
        struct vmwire_field *field = &structure->fields[i];
        walk->steps[walk->step_count++] = (struct path_step){.key = field->name};
        /* With such an array a few bytes of JSON could keep a reader busy for hours. */
        if (field->count > EMPTY_FIELDS_LIMIT && minimum_element_size(field) == 0)
            return walk_fail(walk, VMWIRE_ERROR_SCHEMA, NULL, "%" PRIu32 " elements of no bytes",
                             field->count);
        if (!add_size(walk, layout, field->count, field->size))
            return false;
        layout->minimum_size += minimum_field_size(field);
        layout->empty_fields += count_empty_fields(field);
        walk->step_count--;
    }
    note_least_sizes(structure);
    if (!structure->assumed && layout->empty_fields > EMPTY_FIELDS_LIMIT + layout->minimum_size)
        return walk_fail(walk, VMWIRE_ERROR_LIMIT, NULL,
                         "%" PRIu64 " fields of no bytes; with %" PRIu64
                         " bytes besides, at most %" PRIu64 " are read",
                         layout->empty_fields, layout->minimum_size,
                         EMPTY_FIELDS_LIMIT + layout->minimum_size);
    return true;
}

/* Ends a structure: gives it to the structure around it. */
static bool end_structure(struct source_walk *walk)
{
    struct open_structure *open = &walk->open[--walk->open_count];
    if (walk->open_count == 0)
        return true;
    struct layout *layout = open->layout;
    struct open_structure *around = &walk->open[walk->open_count - 1];
    if (open->embedding != NULL) {
        open->embedding->structure = &layout->structure;
        if (!walk->form->fit_embedded_size(walk, open->embedding, layout))
            return false;
    } else {
        struct vmwire_subsection *subsection =
            &around->layout->structure.subsections[around->next_subsection - 1];
        subsection->name = layout->structure.name;
        subsection->structure = &layout->structure;
        uint64_t size = SUBSECTION_HEADER + strlen(subsection->name) + layout->size;
        if (!add_size(walk, around->layout, 1, size))
            return false;
    }
    walk->step_count--;
    return true;
}

struct layout *walk_structure(struct source_walk *walk, const json_t *object, bool anonymous)
{
    if (!begin_structure(walk, object, anonymous, NULL))
        return NULL;
    struct layout *root = walk->open[0].layout;
    while (walk->open_count > 0) {
        struct open_structure *open = &walk->open[walk->open_count - 1];
        bool ok;
        if (open->next_field < json_array_size(open->fields))
            ok = load_next_field(walk, open);
        else if (!open->measured)
            ok = measure_fields(walk, open->layout);
        else if (open->next_subsection < open->layout->structure.sent_count)
            ok = open_next_subsection(walk, open);
        else
            ok = end_structure(walk);
        if (!ok)
            return NULL;
    }
    return root;
}

struct loaded_device *walk_add_device(struct source_walk *walk, struct vmwire_device device,
                                      bool type)
{
    struct loaded_device *loaded = vmwire_arena_alloc(walk->schema->arena, sizeof(*loaded));
    loaded->device = device;
    loaded->type = type;
    *walk->devices_end = loaded;
    walk->devices_end = &loaded->next;
    walk->device_count++;
    return loaded;
}
