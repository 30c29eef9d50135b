/* SPDX-License-Identifier: MIT */
/*
 * The public functions of a schema: adds sources, finishes the schema, finds devices and
 * subsections. Knows nothing of the keys in a source and of merging.
 */
#include "vmwire/schema.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "schema/declared.h"
#include "schema/description.h"
#include "schema/dump.h"
#include "schema/families.h"
#include "schema/json.h"
#include "schema/layouts.h"
#include "vmwire/declared_json.h"
#include "vmwire/parsed_schema.h"

/* A source while it is loaded, for an attempt. */
struct source {
    struct vmwire_schema *schema;
    json_t *root;
    struct vmwire_error *error;
    bool (*load)(struct vmwire_schema *schema, json_t *root, struct vmwire_error *error);
};

static bool load_source(void *context)
{
    const struct source *source = context;
    return source->load(source->schema, source->root, source->error);
}

static bool load_parsed(struct source *source)
{
    return (!is_declared(source->root) ||
            vmwire_schema_add_layouts(source->schema, source->error)) &&
           vmwire_arena_attempt(source->schema->arena, load_source, source, source->error);
}

/* Loads the source and releases its JSON. */
static bool load_and_release(struct source *source)
{
    bool loaded = load_parsed(source);
    json_decref(source->root);
    return loaded;
}

bool vmwire_schema_add_layouts(struct vmwire_schema *schema, struct vmwire_error *error)
{
    assert(schema->loading != NULL && "the schema is finished");
    if (schema->layouts)
        return true;
    struct source source = {schema, parse_layouts(error), error, load_all_layouts};
    return source.root != NULL && load_and_release(&source);
}

void vmwire_schema_share_layouts(struct vmwire_schema *schema, const struct vmwire_schema *other)
{
    assert(schema->loading != NULL && "the schema is finished");
    if (!schema->layouts)
        schema->layouts = other->layouts;
}

static bool load_json(struct vmwire_schema *schema, struct vmwire_bytes json,
                      struct vmwire_error *error,
                      bool (*load)(struct vmwire_schema *, json_t *, struct vmwire_error *))
{
    assert(schema->loading != NULL && "the schema is finished");
    struct source source = {schema, parse_json(json, error), error, load};
    return source.root != NULL && load_and_release(&source);
}

/* ---- Creating ---- */

struct creation {
    struct vmwire_arena *arena;
    struct vmwire_schema *schema;
};

static bool create_empty(void *context)
{
    struct creation *creation = context;
    struct vmwire_schema *schema = vmwire_arena_alloc(creation->arena, sizeof(*schema));
    schema->arena = creation->arena;
    struct vmwire_schema_loading *loading = vmwire_arena_alloc(creation->arena, sizeof(*loading));
    loading->structures_end = &loading->structures;
    loading->devices_end = &loading->devices;
    schema->loading = loading;
    creation->schema = schema;
    return true;
}

struct vmwire_schema *vmwire_schema_create(struct vmwire_arena *arena, struct vmwire_error *error)
{
    struct creation creation = {.arena = arena};
    if (!vmwire_arena_attempt(arena, create_empty, &creation, error))
        return NULL;
    struct source source = {creation.schema, parse_configuration(error), error, load_configuration};
    return source.root != NULL && load_and_release(&source) ? creation.schema : NULL;
}

/* ---- Adding sources ---- */

bool vmwire_schema_add_description(struct vmwire_schema *schema, struct vmwire_bytes json,
                                   struct vmwire_error *error)
{
    return load_json(schema, json, error, load_description);
}

bool vmwire_schema_add_made_description(struct vmwire_schema *schema, struct vmwire_bytes json,
                                        struct vmwire_error *error)
{
    return load_json(schema, json, error, load_made_description);
}

bool vmwire_schema_add_dump(struct vmwire_schema *schema, struct vmwire_bytes json,
                            struct vmwire_error *error)
{
    return load_json(schema, json, error, load_dump);
}

static bool load_any_json(struct vmwire_schema *schema, json_t *root, struct vmwire_error *error)
{
    const json_t *devices = json_object_get(root, "devices");
    bool description = devices != NULL && !json_is_object(devices);
    if (is_declared(root))
        return load_declared(schema, root, error);
    return description ? load_description(schema, root, error) : load_dump(schema, root, error);
}

json_t *vmwire_schema_parse(struct vmwire_bytes json, struct vmwire_error *error)
{
    return parse_json(json, error);
}

bool vmwire_schema_add_json(struct vmwire_schema *schema, json_t *root, struct vmwire_error *error)
{
    assert(schema->loading != NULL && "the schema is finished");
    struct source source = {schema, root, error, load_any_json};
    return load_parsed(&source);
}

bool vmwire_schema_add_made_json(struct vmwire_schema *schema, json_t *root,
                                 struct vmwire_error *error)
{
    assert(schema->loading != NULL && "the schema is finished");
    struct source source = {schema, root, error, load_made_description};
    return load_parsed(&source);
}

bool vmwire_schema_add_program(struct vmwire_schema *schema, const struct vmwire_bytes *files,
                               size_t file_count, size_t *fault, struct vmwire_error *error)
{
    assert(schema->loading != NULL && "the schema is finished");
    struct vmwire_arena *arena = vmwire_arena_create_within(schema->arena);
    const struct vmwire_declarations *found =
        arena ? vmwire_declarations_find(arena, files, file_count, fault, error) : NULL;
    struct source source = {schema, found ? vmwire_declarations_json(found, error) : NULL, error,
                            load_declared};
    bool added = source.root != NULL && load_and_release(&source);
    if (!arena)
        vmwire_error_set_memory(error, 0);
    vmwire_arena_destroy(arena);
    return added;
}

static bool begins_with(struct vmwire_bytes file, const char *magic)
{
    size_t length = strlen(magic);
    return file.length >= length && memcmp(file.data, magic, length) == 0;
}

bool vmwire_schema_add(struct vmwire_schema *schema, struct vmwire_bytes file,
                       struct vmwire_error *error)
{
    size_t fault;
    if (begins_with(file, "\x7f"
                          "ELF"))
        return vmwire_schema_add_program(schema, &file, 1, &fault, error);
    if (!begins_with(file, "QEVM"))
        return load_json(schema, file, error, load_any_json);

    struct vmwire_bytes description;
    if (!vmwire_description_locate(file, &description, error))
        return false;
    if (description.length == 0)
        return vmwire_error_set(error, VMWIRE_ERROR_NO_LAYOUT, file.length,
                                "the stream has no description at its end");
    return vmwire_schema_add_description(schema, description, error);
}

/* ---- Finishing ---- */

static int compare_devices(const struct vmwire_device *a, const struct vmwire_device *b)
{
    int order = strcmp(a->idstr, b->idstr);
    if (order != 0)
        return order;
    return (a->instance_id > b->instance_id) - (a->instance_id < b->instance_id);
}

struct numbered_device {
    struct vmwire_device device;
    size_t number; /* in the order of the sources */
};

static int compare_numbered_devices(const void *a_pointer, const void *b_pointer)
{
    const struct numbered_device *a = a_pointer, *b = b_pointer;
    int order = compare_devices(&a->device, &b->device);
    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

/* Sorts what programs declare by name; of one name first those that none refers to. */
static void sort_declared(struct vmwire_schema *schema, struct vmwire_device *declared)
{
    size_t count = schema->declared_count;
    struct vmwire_arena_mark mark = vmwire_arena_mark(schema->arena);
    struct numbered_device *sorted = vmwire_arena_alloc(schema->arena, count * sizeof(*sorted));
    for (size_t i = 0; i < count; i++) /* the number orders those of one name */
        sorted[i] = (struct numbered_device){declared[i],
                                             i + (declared[i].structure->referred ? count : 0)};
    qsort(sorted, count, sizeof(*sorted), compare_numbered_devices);
    for (size_t i = 0; i < count; i++)
        declared[i] = sorted[i].device;
    vmwire_arena_reset(schema->arena, mark);
}

/* Sorts the devices and drops all but the first of one idstr and instance. Device types keep their
 * order. */
static void sort_devices(struct vmwire_schema *schema)
{
    size_t count = schema->loading->device_count;
    struct vmwire_device *devices = vmwire_arena_alloc(schema->arena, count * sizeof(*devices));
    struct vmwire_device *types = vmwire_arena_alloc(schema->arena, count * sizeof(*types));
    struct vmwire_device *described = vmwire_arena_alloc(schema->arena, count * sizeof(*described));
    struct vmwire_device *declared = vmwire_arena_alloc(schema->arena, count * sizeof(*declared));
    struct vmwire_arena_mark mark = vmwire_arena_mark(schema->arena);
    struct numbered_device *sorted = vmwire_arena_alloc(schema->arena, count * sizeof(*sorted));
    size_t number = 0;
    for (struct loaded_device *loaded = schema->loading->devices; loaded; loaded = loaded->next) {
        if (loaded->declared)
            declared[schema->declared_count++] = loaded->device;
        if (loaded->type) {
            types[schema->type_count++] = loaded->device;
        } else if (!loaded->declared) {
            described[number] = loaded->device;
            sorted[number] = (struct numbered_device){loaded->device, number};
            number++;
        }
    }
    qsort(sorted, number, sizeof(*sorted), compare_numbered_devices);

    size_t kept = 0;
    for (size_t i = 0; i < number; i++)
        if (kept == 0 || compare_devices(&devices[kept - 1], &sorted[i].device) != 0)
            devices[kept++] = sorted[i].device;
    vmwire_arena_reset(schema->arena, mark);
    schema->devices = devices;
    schema->device_count = kept;
    schema->described = described;
    schema->described_count = number;
    schema->types = types;
    schema->declared = declared;
    sort_declared(schema, declared);
}

/* The first declared structure whose name is not before this one; with `behind`, the first whose name is behind it. */
static size_t find_first_declared(const struct vmwire_schema *schema, const char *name, bool behind)
{
    size_t begin = 0, end = schema->declared_count;
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        int order = strcmp(schema->declared[middle].idstr, name);
        if (order < 0 || (behind && order == 0))
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

/* Whether a declared structure can depend on a field of this name in one around it. */
static bool is_referred_from_inside(const struct vmwire_schema *schema, const char *name)
{
    if (!layout_referred_name(schema->layouts, name, strlen(name)))
        return false;
    for (size_t i = 0; i < schema->declared_count; i++) {
        const struct vmwire_structure *inner = schema->declared[i].structure;
        const struct layout_facts *facts =
            inner->name ? layout_facts_of(schema->layouts, inner->name) : NULL;
        if (facts && layout_facts_refer_outside(schema->layouts, facts, inner, name))
            return true;
    }
    return false;
}

/* Whether what follows this declared field depends on its value. */
static bool determines(const struct vmwire_schema *schema, const struct vmwire_structure *structure,
                       const struct vmwire_field *field)
{
    const struct layout_facts *facts = layout_facts_of(schema->layouts, structure->name);
    return (field->dependence && field->dependence->sets) ||
           (facts && layout_facts_refer_to(schema->layouts, facts, field->name)) ||
           is_referred_from_inside(schema, field->name);
}

static void mark_determining_fields(struct vmwire_schema *schema,
                                    const struct vmwire_structure *described,
                                    const struct vmwire_structure *declared)
{
    for (size_t k = 0; k < declared->field_count; k++) {
        bool marks = determines(schema, declared, &declared->fields[k]);
        for (size_t m = 0; marks && m < described->field_count; m++)
            if (described->fields[m].name == declared->fields[k].name)
                mark_as_determining(&described->fields[m]);
    }
}

/* Whether in another state a field in a range of them can be there, or go on. */
static bool any_is_unsteady(const struct vmwire_structure *structure, size_t from, size_t to)
{
    bool any = false;
    for (size_t i = from; !any && i < to; i++)
        any = structure->fields[i].unsteady || structure->fields[i].unsteady_end;
    return any;
}

/* The declared field that a described one is, or is part of, from the one before it on; `field_count`: it is none. */
static size_t find_declared_field(const struct vmwire_structure *declared, size_t from,
                                  const char *name)
{
    size_t i = from;
    while (i < declared->field_count) {
        const char *own = declared->fields[i].name;
        size_t length = strlen(own);
        if (own == name ||
            (strncmp(own, name, length) == 0 && (name[length] == '.' || name[length] == '[')))
            break;
        i++;
    }
    return i;
}

/* Marks where in another state other bytes could stand. */
static void mark_unsteady_fields(struct vmwire_structure *described,
                                 const struct vmwire_structure *declared)
{
    const struct vmwire_field *fields = declared->fields;
    size_t next = 0;      /* the declared field behind the one that was found last */
    bool goes_on = false; /* behind that one others can stand */
    for (size_t i = 0; i < described->field_count; i++) {
        struct vmwire_field *field = &described->fields[i];
        size_t found = find_declared_field(declared, next ? next - 1 : 0, field->name);
        if (found == declared->field_count)
            continue;
        bool same = found + 1 == next;
        field->unsteady |=
            same ? goes_on && field->class == VMWIRE_FIELD_RECORD
                 : goes_on || fields[found].unsteady || any_is_unsteady(declared, next, found);
        goes_on = fields[found].unsteady_end;
        next = found + 1;
    }
    described->unsteady_end |= goes_on || any_is_unsteady(declared, next, declared->field_count);
}

/* A subsection is declared by itself and loaded with each owner. Only with an owner is it known that a number of it is a field
 * of that, and what depends on the owner's state. */
static void mark_as_with_owner(struct vmwire_schema *schema, const struct vmwire_structure *owned)
{
    const size_t end = find_first_declared(schema, owned->name, true);
    for (size_t i = find_first_declared(schema, owned->name, false); i < end; i++) {
        const struct vmwire_structure *alone = schema->declared[i].structure;
        if (((const struct layout *)alone)->origin != ((const struct layout *)owned)->origin)
            continue;
        assert(alone->field_count == owned->field_count);
        for (size_t k = 0; k < owned->field_count; k++) {
            alone->fields[k].unsteady |= owned->fields[k].unsteady;
            alone->fields[k].unsteady_end |= owned->fields[k].unsteady_end;
        }
    }
}

/* Marks what a program's declarations of the same name tell of the fields that a description has. */
static void mark_described_fields(struct vmwire_schema *schema, struct vmwire_structure *described)
{
    size_t end = find_first_declared(schema, described->name, true);
    for (size_t i = find_first_declared(schema, described->name, false); i < end; i++) {
        mark_determining_fields(schema, described, schema->declared[i].structure);
        mark_unsteady_fields(described, schema->declared[i].structure);
        described->either |= schema->declared[i].structure->either;
    }
}

static bool finish(void *context)
{
    struct vmwire_schema *schema = context;
    merge_structures(schema);
    sort_devices(schema);
    for (const struct vmwire_structure *each = schema->structures; each; each = each->next)
        if (each->declared && each->inherited)
            mark_as_with_owner(schema, each);
    for (struct vmwire_structure *each = (struct vmwire_structure *)schema->structures; each;
         each = each->next) /* it is still being loaded */
        if (schema->declared_count && each->name && !each->declared && !each->assumed)
            mark_described_fields(schema, each);
    schema->loading = NULL;
    return true;
}

bool vmwire_schema_finish(struct vmwire_schema *schema, struct vmwire_error *error)
{
    assert(schema->loading != NULL && "the schema is finished");
    return vmwire_arena_attempt(schema->arena, finish, schema, error);
}

/* ---- Existing subsections ---- */

/* A family of a finished schema. */
struct named_family {
    const char *name;
    const struct family *family;
};

static int compare_families(const void *a_pointer, const void *b_pointer)
{
    const struct named_family *a = a_pointer, *b = b_pointer;
    int order = strcmp(a->name, b->name);
    uintptr_t a_family = (uintptr_t)a->family, b_family = (uintptr_t)b->family;
    return order != 0 ? order : (a_family > b_family) - (a_family < b_family);
}

static size_t count_named(const struct vmwire_structure *structures)
{
    size_t count = 0;
    for (; structures != NULL; structures = structures->next)
        count += structures->name != NULL;
    return count;
}

/* Writes each family of a schema to `sorted` once, sorted by name. Returns their number. */
static size_t list_families(const struct vmwire_schema *schema, struct named_family *sorted)
{
    size_t count = 0, kept = 0;
    for (const struct vmwire_structure *each = schema->structures; each != NULL; each = each->next)
        if (each->name != NULL)
            sorted[count++] = (struct named_family){
                .name = each->name,
                .family = ((const struct layout *)each)->family,
            };
    qsort(sorted, count, sizeof(*sorted), compare_families);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || compare_families(&sorted[kept - 1], &sorted[i]) != 0)
            sorted[kept++] = sorted[i];
    return kept;
}

/* Returns the first family of that name; if there is none, the place where it would be. */
static const struct named_family *find_first_family(const struct named_family *sorted, size_t count,
                                                    const char *name)
{
    size_t begin = 0, end = count;
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        if (strcmp(sorted[middle].name, name) < 0)
            begin = middle + 1;
        else
            end = middle;
    }
    return sorted + begin;
}

static void mark_existing(const struct vmwire_structure *structure, const struct family *older)
{
    for (size_t i = 0; i < structure->subsection_count; i++)
        if (family_has_subsection(older, structure->subsections[i].name))
            structure->subsections[i].existing = true;
}

/* Two schemas, for an attempt. */
struct schema_pair {
    struct vmwire_schema *schema;
    const struct vmwire_schema *older;
};

static bool mark_all_existing(void *context)
{
    struct vmwire_schema *schema = ((struct schema_pair *)context)->schema;
    const struct vmwire_schema *older = ((struct schema_pair *)context)->older;
    struct vmwire_arena_mark mark = vmwire_arena_mark(schema->arena);
    struct named_family *sorted =
        vmwire_arena_alloc(schema->arena, count_named(older->structures) * sizeof(*sorted));
    size_t count = list_families(older, sorted);
    for (const struct vmwire_structure *each = schema->structures; each != NULL;
         each = each->next) {
        if (each->subsection_count == 0)
            continue;
        const struct named_family *found = find_first_family(sorted, count, each->name);
        for (; found < sorted + count && strcmp(found->name, each->name) == 0; found++)
            mark_existing(each, found->family);
    }
    vmwire_arena_reset(schema->arena, mark);
    return true;
}

bool vmwire_schema_set_existing(struct vmwire_schema *schema, const struct vmwire_schema *older,
                                struct vmwire_error *error)
{
    assert(schema->loading == NULL && older->loading == NULL && "a schema is not finished");
    struct schema_pair pair = {schema, older};
    return vmwire_arena_attempt(schema->arena, mark_all_existing, &pair, error);
}

/* ---- Looking up ---- */

static int compare_with_device(const void *key, const void *element)
{
    return compare_devices(key, element);
}

const struct vmwire_device *vmwire_schema_device(const struct vmwire_schema *schema,
                                                 const char *idstr, uint32_t instance_id)
{
    struct vmwire_device key = {.idstr = idstr, .instance_id = instance_id};
    if (schema->device_count == 0)
        return NULL;
    return bsearch(&key, schema->devices, schema->device_count, sizeof(key), compare_with_device);
}

const struct vmwire_structure *vmwire_schema_declared(const struct vmwire_schema *schema,
                                                      const char *idstr, size_t number)
{
    for (const char *name = idstr; name; name = strchr(name, '/'), name = name ? name + 1 : NULL) {
        size_t end = find_first_declared(schema, name, true);
        for (size_t i = find_first_declared(schema, name, false); i < end; i++)
            if (!schema->declared[i].structure->is_subsection && number-- == 0)
                return schema->declared[i].structure;
    }
    return NULL;
}

const struct vmwire_subsection *
vmwire_structure_subsection(const struct vmwire_structure *structure, const char *name)
{
    for (size_t i = 0; i < structure->subsection_count; i++)
        if (strcmp(structure->subsections[i].name, name) == 0)
            return &structure->subsections[i];
    return NULL;
}
