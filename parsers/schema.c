/*
 * Schemas: adds sources of any kind, ends the adding, and looks things up. What a source says and
 * how sources are merged is the loading's business.
 */
#include "schema.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "schema_loading.h"

struct schema *schema_create(struct arena *arena)
{
    struct schema *schema = arena_alloc(arena, sizeof(*schema));
    schema->arena = arena;
    struct schema_loading *loading = arena_alloc(arena, sizeof(*loading));
    loading->structures_end = &loading->structures;
    loading->devices_end = &loading->devices;
    schema->loading = loading;
    schema->configuration = load_configuration(schema);
    return schema;
}

static bool add_json(struct schema *schema, struct bytes json, struct error *error,
                     bool (*load)(struct schema *, json_t *, struct error *))
{
    assert(schema->loading != NULL && "the schema is finished");
    json_t *root = parse_json(json, error);
    if (root == NULL)
        return false;
    bool loaded = load(schema, root, error);
    json_decref(root);
    return loaded;
}

bool schema_add_description(struct schema *schema, struct bytes json, struct error *error)
{
    return add_json(schema, json, error, load_description);
}

bool schema_add_dump(struct schema *schema, struct bytes json, struct error *error)
{
    return add_json(schema, json, error, load_dump);
}

static bool load_either(struct schema *schema, json_t *root, struct error *error)
{
    const json_t *devices = json_object_get(root, "devices");
    bool description = devices != NULL && !json_is_object(devices);
    return description ? load_description(schema, root, error) : load_dump(schema, root, error);
}

bool schema_add(struct schema *schema, struct bytes file, struct error *error)
{
    static const char magic[] = {'Q', 'E', 'V', 'M'};
    if (file.length < sizeof(magic) || memcmp(file.data, magic, sizeof(magic)) != 0)
        return add_json(schema, file, error, load_either);

    struct bytes description = description_find(file);
    if (description.length == 0)
        return error_set(error, ERROR_NO_LAYOUT, file.length,
                         "the stream has no description at its end");
    return schema_add_description(schema, description, error);
}

/* ---- The end of the adding ---- */

static int compare_devices(const struct device *a, const struct device *b)
{
    int order = strcmp(a->idstr, b->idstr);
    if (order != 0)
        return order;
    return (a->instance_id > b->instance_id) - (a->instance_id < b->instance_id);
}

struct numbered_device {
    struct device device;
    size_t number; /* in the order of the sources */
};

static int compare_numbered_devices(const void *a_pointer, const void *b_pointer)
{
    const struct numbered_device *a = a_pointer, *b = b_pointer;
    int order = compare_devices(&a->device, &b->device);
    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

/* Sorts the devices; of those of one idstr and instance the first that was loaded stays. */
static void sort_devices(struct schema *schema)
{
    size_t count = schema->loading->device_count;
    struct device *devices = arena_alloc(schema->arena, count * sizeof(*devices));
    struct arena_mark mark = arena_mark(schema->arena);
    struct numbered_device *sorted = arena_alloc(schema->arena, count * sizeof(*sorted));
    size_t number = 0;
    for (struct loaded_device *loaded = schema->loading->devices; loaded != NULL;
         loaded = loaded->next, number++)
        sorted[number] = (struct numbered_device){.device = loaded->device, .number = number};
    qsort(sorted, count, sizeof(*sorted), compare_numbered_devices);

    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || compare_devices(&devices[kept - 1], &sorted[i].device) != 0)
            devices[kept++] = sorted[i].device;
    arena_reset(schema->arena, mark);
    schema->devices = devices;
    schema->device_count = kept;
}

void schema_finish(struct schema *schema)
{
    assert(schema->loading != NULL && "the schema is finished");
    merge_structures(schema);
    sort_devices(schema);
    schema->loading = NULL;
}

/* ---- Existing subsections ---- */

struct named_structure {
    const char *name;
    const struct structure *structure;
};

static int compare_names(const void *a_pointer, const void *b_pointer)
{
    const struct named_structure *a = a_pointer, *b = b_pointer;
    return strcmp(a->name, b->name);
}

static size_t count_named(const struct structure *structures)
{
    size_t count = 0;
    for (; structures != NULL; structures = structures->next)
        count += structures->name != NULL;
    return count;
}

void schema_set_existing(struct schema *schema, const struct schema *older)
{
    assert(schema->loading == NULL && older->loading == NULL && "a schema is not finished");
    struct arena_mark mark = arena_mark(schema->arena);
    size_t count = count_named(older->structures);
    struct named_structure *sorted = arena_alloc(schema->arena, count * sizeof(*sorted));
    size_t filled = 0;
    for (const struct structure *each = older->structures; each != NULL; each = each->next)
        if (each->name != NULL)
            sorted[filled++] = (struct named_structure){.name = each->name, .structure = each};
    qsort(sorted, count, sizeof(*sorted), compare_names);

    for (const struct structure *each = schema->structures; each != NULL; each = each->next) {
        if (each->subsection_count == 0)
            continue;
        /* Any structure of the name will do: in a finished schema they all know the same. */
        struct named_structure key = {.name = each->name};
        const struct named_structure *found =
            bsearch(&key, sorted, count, sizeof(*sorted), compare_names);
        for (size_t i = 0; found != NULL && i < each->subsection_count; i++)
            if (structure_subsection(found->structure, each->subsections[i].name) != NULL)
                each->subsections[i].existing = true;
    }
    arena_reset(schema->arena, mark);
}

/* ---- Looking up ---- */

static int compare_with_device(const void *key, const void *element)
{
    return compare_devices(key, element);
}

const struct device *schema_device(const struct schema *schema, const char *idstr,
                                   uint32_t instance_id)
{
    struct device key = {.idstr = idstr, .instance_id = instance_id};
    if (schema->device_count == 0)
        return NULL;
    return bsearch(&key, schema->devices, schema->device_count, sizeof(key), compare_with_device);
}

const struct subsection *structure_subsection(const struct structure *structure, const char *name)
{
    for (size_t i = 0; i < structure->subsection_count; i++)
        if (strcmp(structure->subsections[i].name, name) == 0)
            return &structure->subsections[i];
    return NULL;
}

const char *field_class_name(enum field_class class)
{
    static const char *const names[] = {
        [FIELD_FREE] = "free",         [FIELD_ZEROS] = "zeros",   [FIELD_BOOL] = "bool",
        [FIELD_CONSTANT] = "constant", [FIELD_OPAQUE] = "opaque", [FIELD_RECORD] = "record",
        [FIELD_LIST] = "list",
    };
    size_t number = class;
    return number < sizeof(names) / sizeof(names[0]) ? names[number] : "unknown";
}
