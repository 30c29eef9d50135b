/* SPDX-License-Identifier: MIT */
/*
 * Loads a dump into a schema: the structures, subsections and versions that a program knows (QEMU
 * migration/savevm.c, dump_vmstate_json_to_file). The sizes in a dump are sizes in memory. So a
 * layout from a dump is marked as assumed. When a structure has more than plain scalars, its layout
 * on the wire is not known at all. Knows nothing of descriptions and streams.
 */
#include "schema/dump.h"

#include <string.h>

#include "schema/commit.h"

/*
 * Sets `known` when the dump determines the field on the wire: it is one scalar, or `num` of them,
 * in every accepted version. A dump does not determine
 *
 *   - whether a field with a condition is sent;
 *   - the number of structures of a field with a Description: one, a number in another field, or a
 *     list;
 *   - a field of another size: it is a buffer, or a private encoding of a structure in memory; size
 *     0 is a buffer whose size is in another field.
 *
 * A field that looks like one scalar can still be an array: QEMU 7.2 does not dump `num` (10.0
 * does), and no release dumps an array whose length is in another field. Of the fields of
 * corpus/streams that are scalars in Debian 12's dumps, one in thirty is an array; in Debian 13's
 * dumps, none.
 */
static bool check_wire_layout_known(struct source_walk *walk, const json_t *json,
                                    const struct vmwire_field *field, bool *known)
{
    const json_t *exists = json_object_get(json, "field_exists");
    if (exists != NULL && !json_is_boolean(exists))
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, "field_exists", "not a boolean");
    uint32_t version_id = 0;
    if (json_object_get(json, "version_id") != NULL &&
        !walk_number(walk, json, "version_id", &version_id))
        return false;
    const struct vmwire_structure *structure = &walk->open[walk->open_count - 1].layout->structure;
    bool scalar = field->size == 1 || field->size == 2 || field->size == 4 || field->size == 8;
    *known = scalar && field->count > 0 && json_object_get(json, "Description") == NULL &&
             !json_is_true(exists) && version_id <= structure->minimum_version_id;
    return true;
}

/* Keeps from which version on the field is there, and that a function decides it: which one, a dump does not tell. */
static bool keep_dependence(struct source_walk *walk, const json_t *json,
                            struct vmwire_field *field)
{
    enum { SOME_FUNCTION = 1 };
    struct vmwire_dependence dependence = {0};
    if (json_object_get(json, "version_id") &&
        !walk_number(walk, json, "version_id", &dependence.since))
        return false;
    if (json_is_true(json_object_get(json, "field_exists")))
        dependence.condition = SOME_FUNCTION;
    if (!dependence.since && !dependence.condition)
        return true;
    struct vmwire_dependence *kept = vmwire_arena_alloc(walk->schema->arena, sizeof(*kept));
    *kept = dependence;
    field->dependence = kept;
    return true;
}

static bool load_field(struct source_walk *walk, const json_t *json, struct vmwire_field *field,
                       const json_t **inner)
{
    struct symbol *name;
    if (!walk_name(walk, json, "field", &name))
        return false;
    walk->steps[walk->step_count - 1] = (struct path_step){.key = name->text};
    field->name = name->text;
    field->index = -1;
    field->count = 1;
    if (!walk_number(walk, json, "size", &field->size))
        return false;
    /* `num` is the number of elements of an array of fixed length. Older dumps lack it. */
    if (json_object_get(json, "num") != NULL) {
        if (!walk_number(walk, json, "num", &field->count))
            return false;
        walk->schema->dumps_counts = true;
    }
    bool known = false;
    if (!check_wire_layout_known(walk, json, field, &known))
        return false;
    if (!known)
        walk->open[walk->open_count - 1].layout->unknown_on_wire = true;
    if (!keep_dependence(walk, json, field))
        return false;
    *inner = json_object_get(json, "Description");
    if (*inner == NULL) {
        field->class = VMWIRE_FIELD_FREE;
        field->type = "";
        if (field->size == 0 || field->count == 0)
            field->count = 1;
        return true;
    }
    field->class = VMWIRE_FIELD_RECORD;
    field->type = "struct";
    walk->steps[walk->step_count - 1].inner = "Description";
    return true;
}

static bool take_embedded_size(struct source_walk *walk, struct vmwire_field *field,
                               const struct layout *layout)
{
    (void)walk;
    field->size = (uint32_t)layout->size;
    if (layout->minimum_size == 0 || field->count == 0)
        field->count = 1;
    return true;
}

static bool mark_as_assumed(struct source_walk *walk, struct vmwire_structure *structure)
{
    (void)walk;
    structure->assumed = true;
    return true;
}

static const struct source_form dump_form = {
    .name = "name",
    .version = "version_id",
    .minimum_version = "minimum_version_id",
    .fields = "Fields",
    .subsections = "Subsections",
    .fields_optional = true,
    .declares = true,
    .load_field = load_field,
    .complete_fields = mark_as_assumed,
    .fit_embedded_size = take_embedded_size,
};

static bool load_optional(struct source_walk *walk, const json_t *json, const char *key,
                          uint32_t *number)
{
    return json_object_get(json, key) == NULL || walk_number(walk, json, key, number);
}

/* Loads one device type. Sets `found` when the member is a device type, or is the machine type,
 * which has no Description. */
static bool load_device_type(struct source_walk *walk, const char *name, const json_t *json,
                             bool *found)
{
    walk->steps[walk->step_count++] = (struct path_step){.key = name};
    if (!json_is_object(json))
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, NULL, "not an object");
    const json_t *description = json_object_get(json, "Description");
    const char *machine = json_string_value(json_object_get(json, "Name"));
    if (strcmp(name, "vmschkmachine") == 0 && machine)
        walk->schema->dumped_machine =
            vmwire_arena_string(walk->schema->arena, machine, strlen(machine));
    *found = description != NULL || strcmp(name, "vmschkmachine") == 0;
    walk->steps[walk->step_count - 1].inner = "Description";
    if (description != NULL) {
        const struct layout *layout = walk_structure(walk, description, false);
        if (layout == NULL)
            return false;
        struct vmwire_device type = {
            .idstr = vmwire_arena_string(walk->schema->arena, name, strlen(name)),
            .structure = &layout->structure};
        if (!load_optional(walk, json, "version_id", &type.version_id) ||
            !load_optional(walk, json, "minimum_version_id", &type.minimum_version_id))
            return false;
        walk_add_device(walk, type, true);
    }
    walk->step_count--;
    return true;
}

bool load_dump(struct vmwire_schema *schema, json_t *root, struct vmwire_error *error)
{
    struct source_walk walk;
    walk_begin(&walk, schema, &dump_form, error);
    if (!json_is_object(root))
        return walk_fail(&walk, VMWIRE_ERROR_SCHEMA, NULL,
                         "neither a description nor a dump: not an object");
    bool found_any = false;
    for (void *member = json_object_iter(root); member != NULL;
         member = json_object_iter_next(root, member)) {
        bool found = false;
        if (!load_device_type(&walk, json_object_iter_key(member), json_object_iter_value(member),
                              &found))
            return false;
        found_any = found_any || found;
    }
    if (!found_any)
        return vmwire_error_set(
            error, VMWIRE_ERROR_SCHEMA, VMWIRE_ERROR_NO_OFFSET,
            "neither a description (no \"devices\") nor a dump (no \"Description\")");
    return walk_commit(&walk);
}
