/* SPDX-License-Identifier: MIT */
/*
 * Loads declarations into a schema (QEMU include/migration/vmstate.h and migration/vmstate.c, vmstate_save_state_v).
 * A declaration tells the bytes on the wire but for what only a state or QEMU's code knows: such a layout is marked as
 * assumed.
 */
#include "schema/declared.h"

#include <string.h>

#include "schema/commit.h"
#include "schema/field_types.h"
#include "schema/symbols.h"

enum { FORMAT = 1 /* of the JSON */ };

static bool has_flag(const json_t *json, const char *name)
{
    size_t index;
    const json_t *flag, *flags = json_object_get(json, "flags");
    json_array_foreach(flags, index, flag)
    {
        if (json_is_string(flag) && strcmp(json_string_value(flag), name) == 0)
            return true;
    }
    return false;
}

/* A member that is left out is 0. */
static bool load_number(struct source_walk *walk, const json_t *json, const char *key,
                        uint32_t *number)
{
    *number = 0;
    return json_object_get(json, key) == NULL || walk_number(walk, json, key, number);
}

static struct layout *open_layout(const struct source_walk *walk)
{
    return walk->open[walk->open_count - 1].layout;
}

/* Marks the structure: its layout on the wire depends on something. */
static void mark_as_dependent(const struct source_walk *walk)
{
    open_layout(walk)->unknown_on_wire = true;
}

/* The structure of this number. */
static bool find_structure(struct source_walk *walk, const json_t *number, const char *key,
                           const json_t **structure)
{
    const json_t *structures = json_object_get(walk->root, "structures");
    if (!json_is_integer(number))
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, key, "not an integer");
    json_int_t index = json_integer_value(number);
    if (index < 0 || (uint64_t)index >= json_array_size(structures))
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, key,
                         "structure %" JSON_INTEGER_FORMAT " of %zu", index,
                         json_array_size(structures));
    *structure = json_array_get(structures, (size_t)index);
    return true;
}

static bool load_subsection(struct source_walk *walk, const json_t **subsection)
{
    return find_structure(walk, *subsection, NULL, subsection);
}

/* A field is not on the wire where it only checks something when loading, or belongs to another version. */
static bool is_absent(struct source_walk *walk, const json_t *json, bool *absent)
{
    uint32_t version_id;
    if (!load_number(walk, json, "version_id", &version_id))
        return false;
    *absent = has_flag(json, "must_exist") || version_id > open_layout(walk)->structure.version_id;
    return true;
}

/* The number of elements. */
static bool load_count(struct source_walk *walk, const json_t *json, struct vmwire_field *field)
{
    field->count = 1;
    if (has_flag(json, "varray") || has_flag(json, "array_of_pointer"))
        mark_as_dependent(walk);
    else if (has_flag(json, "array"))
        return load_number(walk, json, "num", &field->count);
    return true;
}

/* A structure in the field: one, or a list of them. */
static bool load_embedded(struct source_walk *walk, const json_t *json, struct vmwire_field *field,
                          const json_t **inner)
{
    uint32_t version_id;
    const json_t *number = json_object_get(json, "structure");
    if (!number)
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, "structure", "missing");
    walk->steps[walk->step_count - 1].inner = "structure";
    if (!find_structure(walk, number, "structure", inner) ||
        !load_number(walk, json, "struct_version_id", &version_id))
        return false;
    if (has_flag(json, "vstruct") &&
        json_integer_value(json_object_get(*inner, "version_id")) != version_id)
        mark_as_dependent(walk);
    if (field->class == VMWIRE_FIELD_LIST)
        field->size = 1; /* empty */
    return true;
}

/* A value, the bytes of which its type tells, or the declaration where the type has any size. */
static void load_plain(struct source_walk *walk, const json_t *json, struct vmwire_field *field,
                       const struct field_type *type)
{
    bool declared = type->size == 0 && type->declared_size;
    if (type->size > 0)
        field->size = type->size;
    if (field->class == VMWIRE_FIELD_OPAQUE || (type->size == 0 && !declared) ||
        has_flag(json, "vbuffer") || field->size == 0 || field->count == 0)
        mark_as_dependent(walk);
    if (field->count == 0)
        field->count = 1;
}

/* The type's name: QEMU names a structure's field by its flag (vmfield_get_type_name). */
static bool load_type(struct source_walk *walk, const json_t *json, struct symbol **type)
{
    static const char structure[] = "struct", versioned[] = "vstruct";
    if (json_object_get(json, "type") != NULL)
        return walk_name(walk, json, "type", type);
    *type = has_flag(json, "vstruct")
                ? intern_name(walk->schema, versioned, sizeof(versioned) - 1)
                : intern_name(walk->schema, structure, sizeof(structure) - 1);
    return true;
}

static bool load_field(struct source_walk *walk, const json_t *json, struct vmwire_field *field,
                       const json_t **inner)
{
    struct symbol *name, *type;
    if (!walk_name(walk, json, "name", &name))
        return false;
    walk->steps[walk->step_count - 1] = (struct path_step){.key = name->text};
    if (!load_type(walk, json, &type) || !load_number(walk, json, "size", &field->size) ||
        !load_count(walk, json, field))
        return false;
    const struct field_type *known = field_type(type);
    field->name = name->text;
    field->type = type->text;
    field->index = -1;
    field->class = known->class;
    if (json_is_true(json_object_get(json, "conditional")))
        mark_as_dependent(walk);
    if (known->class == VMWIRE_FIELD_RECORD || known->class == VMWIRE_FIELD_LIST)
        return load_embedded(walk, json, field, inner);
    load_plain(walk, json, field, known);
    return true;
}

static bool take_embedded(struct source_walk *walk, struct vmwire_field *field,
                          const struct layout *layout)
{
    if (field->class == VMWIRE_FIELD_RECORD) {
        field->size = (uint32_t)layout->size;
        if (layout->minimum_size == 0 || field->count == 0)
            field->count = 1;
    }
    if (layout->unknown_on_wire)
        mark_as_dependent(walk);
    return true;
}

static void mark_as_assumed(struct vmwire_structure *structure)
{
    structure->assumed = ((const struct layout *)structure)->unknown_on_wire;
}

static const struct source_form declared_form = {
    .name = "name",
    .version = "version_id",
    .minimum_version = "minimum_version_id",
    .fields = "fields",
    .subsections = "subsections",
    .fields_optional = true,
    .declares = true,
    .is_absent = is_absent,
    .load_field = load_field,
    .load_subsection = load_subsection,
    .complete_fields = mark_as_assumed,
    .fit_embedded_size = take_embedded,
};

/* ---- The whole ---- */

static void mark_referred(bool *referred, size_t count, const json_t *number)
{
    json_int_t index = json_is_integer(number) ? json_integer_value(number) : -1;
    if (index >= 0 && (uint64_t)index < count)
        referred[index] = true;
}

/* Finds the structures that others refer to. */
static void find_referred(const json_t *structures, bool *referred)
{
    size_t count = json_array_size(structures), i, k;
    const json_t *structure, *inner;
    json_array_foreach(structures, i, structure)
    {
        json_array_foreach(json_object_get(structure, "fields"), k, inner)
        {
            mark_referred(referred, count, json_object_get(inner, "structure"));
        }
        json_array_foreach(json_object_get(structure, "subsections"), k, inner)
        {
            mark_referred(referred, count, inner);
        }
    }
}

static bool load_device_type(struct source_walk *walk, const json_t *json, size_t index)
{
    walk->steps[walk->step_count++] = (struct path_step){
        .key = "structures",
        .indexed = true,
        .index = index,
        .name = json_string_value(json_object_get(json, "name")),
    };
    const struct layout *layout = walk_structure(walk, json, false);
    if (layout == NULL)
        return false;
    walk_add_device(walk,
                    (struct vmwire_device){.idstr = layout->structure.name,
                                           .structure = &layout->structure},
                    true);
    walk->step_count--;
    return true;
}

bool load_declared(struct vmwire_schema *schema, json_t *root, struct vmwire_error *error)
{
    struct source_walk walk;
    const json_t *structures;
    uint32_t format;
    walk_begin(&walk, schema, &declared_form, error);
    walk.root = root;
    if (!walk_number(&walk, root, "declarations", &format) ||
        !walk_array(&walk, root, "structures", false, &structures))
        return false;
    if (format != FORMAT)
        return walk_fail(&walk, VMWIRE_ERROR_SCHEMA, "declarations", "%u where %d was expected",
                         format, FORMAT);
    size_t count = json_array_size(structures);
    bool *referred = vmwire_arena_alloc(schema->arena, count);
    find_referred(structures, referred);
    for (size_t i = 0; i < count; i++)
        if (!referred[i] && !load_device_type(&walk, json_array_get(structures, i), i))
            return false;
    return walk_commit(&walk);
}

bool is_declared(const json_t *root)
{
    return json_object_get(root, "declarations") != NULL &&
           json_object_get(root, "structures") != NULL;
}
