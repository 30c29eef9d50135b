/*
 * The output of `-dump-vmstate`: which structures and subsections a program knows, in which
 * versions (QEMU migration/savevm.c, dump_vmstate_json_to_file). The sizes in it are those in
 * memory: a layout made of them is an assumption, and marked so; where more than plain scalars are
 * in it, it is not even that.
 */
#include "schema/dump.h"

#include <string.h>

#include "schema/commit.h"

/*
 * Whether a dump tells what the field is on the wire: a scalar, of which there is one or are `num`,
 * in any version that is accepted. It does not tell
 *   - whether a field that has a condition is there;
 *   - what is behind a Description: one structure, as many as another field says, or a list;
 *   - what has another size: a buffer, or a private encoding of a structure in memory; 0 is a
 *     buffer the size of which another field has.
 * QEMU 7.2 does not tell `num` either (10.0 does), and none tells an array that is as long as another
 * field says: what is taken for one scalar may be an array. Of the fields of corpus/streams that
 * Debian 12's dumps have as scalars one in thirty is, of those that Debian 13's have none.
 */
static bool load_certainty(struct walk *walk, const json_t *json, const struct field *field,
                           bool *certain)
{
    const json_t *exists = json_object_get(json, "field_exists");
    if (exists != NULL && !json_is_boolean(exists))
        return walk_fail(walk, ERROR_SCHEMA, "field_exists", "not a boolean");
    uint32_t version_id = 0;
    if (json_object_get(json, "version_id") != NULL &&
        !walk_number(walk, json, "version_id", &version_id))
        return false;
    const struct structure *structure = &walk->open[walk->open_count - 1].layout->structure;
    bool scalar = field->size == 1 || field->size == 2 || field->size == 4 || field->size == 8;
    *certain = scalar && field->count > 0 && json_object_get(json, "Description") == NULL &&
               !json_is_true(exists) && version_id <= structure->minimum_version_id;
    return true;
}

static bool load_field(struct walk *walk, const json_t *json, struct field *field,
                       const json_t **inner)
{
    struct symbol *name;
    if (!walk_name(walk, json, "field", &name))
        return false;
    walk->steps[walk->step_count - 1] = (struct step){.key = name->text};
    field->name = name->text;
    field->index = -1;
    field->count = 1;
    if (!walk_number(walk, json, "size", &field->size))
        return false;
    /* Newer QEMUs' dumps have the number of elements of an array that always has as many. */
    if (json_object_get(json, "num") != NULL && !walk_number(walk, json, "num", &field->count))
        return false;
    bool certain = false;
    if (!load_certainty(walk, json, field, &certain))
        return false;
    if (!certain)
        walk->open[walk->open_count - 1].layout->undecided = true;
    *inner = json_object_get(json, "Description");
    if (*inner == NULL) {
        field->class = FIELD_FREE;
        field->type = "";
        if (field->size == 0 || field->count == 0)
            field->count = 1;
        return true;
    }
    field->class = FIELD_RECORD;
    field->type = "struct";
    walk->steps[walk->step_count - 1].inner = "Description";
    return true;
}

static bool embed(struct walk *walk, struct field *field, const struct layout *layout)
{
    (void)walk;
    field->size = (uint32_t)layout->size;
    if (layout->minimum_size == 0 || field->count == 0)
        field->count = 1;
    return true;
}

static void assume_layout(struct structure *structure)
{
    structure->assumed = true;
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
    .settle_fields = assume_layout,
    .embed = embed,
};

/* One device type, or the machine type, which has no description. */
static bool load_device_type(struct walk *walk, const char *name, const json_t *json, bool *found)
{
    walk->steps[walk->step_count++] = (struct step){.key = name};
    if (!json_is_object(json))
        return walk_fail(walk, ERROR_SCHEMA, NULL, "not an object");
    const json_t *description = json_object_get(json, "Description");
    *found = description != NULL || strcmp(name, "vmschkmachine") == 0;
    walk->steps[walk->step_count - 1].inner = "Description";
    if (description != NULL) {
        const struct layout *layout = walk_structure(walk, description, false);
        if (layout == NULL)
            return false;
        char *kept = arena_string(walk->schema->arena, name, strlen(name));
        walk_add_device(walk, (struct device){.idstr = kept, .structure = &layout->structure},
                        true);
    }
    walk->step_count--;
    return true;
}

bool load_dump(struct schema *schema, json_t *root, struct error *error)
{
    struct walk walk;
    walk_begin(&walk, schema, &dump_form, error);
    if (!json_is_object(root))
        return walk_fail(&walk, ERROR_SCHEMA, NULL,
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
        return error_set(error, ERROR_SCHEMA, ERROR_NO_OFFSET,
                         "neither a description (no \"devices\") nor a dump (no \"Description\")");
    return walk_commit(&walk);
}
