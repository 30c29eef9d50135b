/*
 * Loading sources: walks a structure's JSON with a worklist, whatever its source, and merges what
 * the sources know of the structures of one name. Which keys mean what is description.c's and
 * dump.c's.
 */
#include "schema_loading.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    NAME_LIMIT = 255, /* bytes: what a length byte can say */
    FIRST_BUCKETS = 1024,
    VERSIONS_LIMIT = 8,     /* of one family; QEMU 11.1 reaches 2, more are left out */
    FAMILIES_LIMIT = 8,     /* of one name; QEMU 11.1 reaches 3, more are taken for the last one */
    RESEMBLING_FIELDS = 64, /* how many fields of a structure are compared */
    SUBSECTION_HEADER = 6,  /* bytes besides the name: marker, length byte, version id */
};

/* ---- Names ---- */

/* Seeded with an address, lest a description be made of names that all meet in one bucket. */
static uint64_t hash_of(const struct schema *schema, const char *text, size_t length)
{
    uint64_t hash = (uint64_t)(uintptr_t)schema * UINT64_C(0x9e3779b97f4a7c15);
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
        hash ^= hash >> 29;
    }
    return hash ^ hash >> 32;
}

struct bucket {
    struct symbol *first;
};

static void bucket_add(struct bucket *bucket, struct symbol *symbol)
{
    symbol->next = bucket->first;
    bucket->first = symbol;
}

static void double_buckets(struct schema *schema)
{
    struct schema_loading *loading = schema->loading;
    size_t count = loading->bucket_count == 0 ? FIRST_BUCKETS : 2 * loading->bucket_count;
    struct bucket *buckets = arena_alloc(schema->arena, count * sizeof(*buckets));
    for (size_t i = 0; i < loading->bucket_count; i++) {
        struct symbol *symbol = loading->buckets[i].first;
        while (symbol != NULL) {
            struct symbol *next = symbol->next;
            bucket_add(&buckets[symbol->hash & (count - 1)], symbol);
            symbol = next;
        }
    }
    loading->buckets = buckets;
    loading->bucket_count = count;
}

static struct symbol *intern(struct schema *schema, const char *text, size_t length)
{
    struct schema_loading *loading = schema->loading;
    if (loading->symbol_count >= loading->bucket_count)
        double_buckets(schema);
    uint64_t hash = hash_of(schema, text, length);
    struct bucket *bucket = &loading->buckets[hash & (loading->bucket_count - 1)];
    for (struct symbol *symbol = bucket->first; symbol != NULL; symbol = symbol->next)
        if (symbol->hash == hash && strcmp(symbol->text, text) == 0)
            return symbol;

    struct symbol *symbol = arena_alloc(schema->arena, sizeof(*symbol) + length + 1);
    symbol->hash = hash;
    memcpy(symbol->text, text, length);
    bucket_add(bucket, symbol);
    loading->symbol_count++;
    return symbol;
}

/* ---- JSON ---- */

/* No string of the JSON has a NUL in it: without JSON_ALLOW_NUL jansson refuses them. */
json_t *parse_json(struct bytes text, struct error *error)
{
    if (text.length > SCHEMA_JSON_LIMIT) {
        error_set(error, ERROR_LIMIT, ERROR_NO_OFFSET,
                  "%zu bytes of JSON; a schema has at most %zu", text.length, SCHEMA_JSON_LIMIT);
        return NULL;
    }
    json_error_t json_error;
    json_t *root = json_loadb((const char *)text.data, text.length, 0, &json_error);
    if (root == NULL) {
        uint64_t offset = json_error.position < 0 ? ERROR_NO_OFFSET : (uint64_t)json_error.position;
        error_set(error, ERROR_SCHEMA, offset, "not JSON: %s", json_error.text);
        return NULL;
    }
    return root;
}

static const char *json_type_name(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a real number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    case JSON_NULL:
        return "null";
    }
    return "something else";
}

/* The path of a place in the JSON; what is too long for it is cut off and marked so. */
struct path {
    char *text;
    size_t size;
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void path_add(struct path *path, const char *format,
                                                           ...)
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

static void path_add_step(struct path *path, const struct step *step)
{
    const char *separator = path->length > 0 ? " / " : "";
    path_add(path, "%s%s", separator, step->key);
    if (step->indexed)
        path_add(path, "[%zu]", step->index);
    if (step->name != NULL)
        path_add(path, " \"%s\"", step->name);
    if (step->inner != NULL)
        path_add(path, " / %s", step->inner);
}

bool walk_fail(struct walk *walk, enum error_kind kind, const char *key, const char *format, ...)
{
    char message[sizeof(walk->error->message)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    error_set(walk->error, kind, ERROR_NO_OFFSET, "%s", message);

    struct path path = {.text = walk->error->path, .size = sizeof(walk->error->path)};
    for (size_t i = 0; i < walk->step_count; i++)
        path_add_step(&path, &walk->steps[i]);
    if (key != NULL)
        path_add(&path, "%s%s", path.length > 0 ? " / " : "", key);
    return false;
}

/* The member, or NULL with the error set. */
static const json_t *member(struct walk *walk, const json_t *object, const char *key)
{
    const json_t *json = json_object_get(object, key);
    if (json == NULL)
        walk_fail(walk, ERROR_SCHEMA, key, "missing");
    return json;
}

bool walk_name(struct walk *walk, const json_t *object, const char *key, struct symbol **symbol)
{
    const json_t *json = member(walk, object, key);
    if (json == NULL)
        return false;
    if (!json_is_string(json))
        return walk_fail(walk, ERROR_SCHEMA, key, "%s where a string was expected",
                         json_type_name(json));
    size_t length = json_string_length(json);
    if (length > NAME_LIMIT)
        return walk_fail(walk, ERROR_SCHEMA, key, "a name of %zu bytes; it can have at most %d",
                         length, NAME_LIMIT);
    *symbol = intern(walk->schema, json_string_value(json), length);
    return true;
}

bool walk_number(struct walk *walk, const json_t *object, const char *key, uint32_t *number)
{
    const json_t *json = member(walk, object, key);
    if (json == NULL)
        return false;
    if (!json_is_integer(json))
        return walk_fail(walk, ERROR_SCHEMA, key, "%s where an integer was expected",
                         json_type_name(json));
    json_int_t value = json_integer_value(json);
    if (value < 0 || value > UINT32_MAX)
        return walk_fail(walk, ERROR_SCHEMA, key,
                         "%" JSON_INTEGER_FORMAT " where 0 to %" PRIu32 " was expected", value,
                         UINT32_MAX);
    *number = (uint32_t)value;
    return true;
}

bool walk_array(struct walk *walk, const json_t *object, const char *key, bool optional,
                const json_t **array)
{
    *array = NULL;
    if (optional && json_object_get(object, key) == NULL)
        return true;
    const json_t *json = member(walk, object, key);
    if (json == NULL)
        return false;
    if (!json_is_array(json))
        return walk_fail(walk, ERROR_SCHEMA, key, "%s where an array was expected",
                         json_type_name(json));
    *array = json;
    return true;
}

/* ---- The walk over one structure and all in it ---- */

void walk_begin(struct walk *walk, struct schema *schema, const struct source_form *form,
                struct error *error)
{
    walk->schema = schema;
    walk->form = form;
    walk->error = error;
    walk->open_count = 0;
    walk->step_count = 0;
    walk->structures = NULL;
    walk->structures_end = &walk->structures;
    walk->devices = NULL;
    walk->devices_end = &walk->devices;
    walk->device_count = 0;
}

static bool load_version(struct walk *walk, const json_t *object, struct layout *layout)
{
    struct structure *structure = &layout->structure;
    if (!walk_number(walk, object, walk->form->version, &structure->version_id))
        return false;
    structure->described_version_id = structure->version_id;
    const char *minimum = walk->form->minimum_version;
    if (minimum == NULL || json_object_get(object, minimum) == NULL) {
        structure->minimum_version_id = structure->version_id;
        return true;
    }
    layout->declares_version = true;
    return walk_number(walk, object, minimum, &structure->minimum_version_id);
}

static struct layout *new_layout(struct walk *walk)
{
    struct layout *layout = arena_alloc(walk->schema->arena, sizeof(*layout));
    *walk->structures_end = &layout->structure;
    walk->structures_end = &layout->structure.next;
    return layout;
}

/* Begins with a structure: reads what it says of itself, and makes room for what is in it. */
static bool open_structure(struct walk *walk, const json_t *object, bool anonymous,
                           struct field *embedding)
{
    if (walk->open_count == SCHEMA_NESTING_LIMIT)
        return walk_fail(walk, ERROR_LIMIT, NULL, "structures nested deeper than %d",
                         SCHEMA_NESTING_LIMIT);
    if (!json_is_object(object))
        return walk_fail(walk, ERROR_SCHEMA, NULL, "%s where an object was expected",
                         json_type_name(object));
    struct layout *layout = new_layout(walk);
    struct structure *structure = &layout->structure;
    struct open_structure *open = &walk->open[walk->open_count];
    *open = (struct open_structure){.layout = layout, .embedding = embedding};
    const struct source_form *form = walk->form;

    if (anonymous) {
        structure->version_id = UINT32_MAX; /* its own code judges it */
        structure->described_version_id = UINT32_MAX;
    } else {
        struct symbol *symbol = NULL;
        if (!walk_name(walk, object, form->name, &symbol) || !load_version(walk, object, layout))
            return false;
        layout->symbol = symbol;
        structure->name = symbol->text;
    }
    if (!walk_array(walk, object, form->fields, form->fields_optional, &open->fields) ||
        !walk_array(walk, object, form->subsections, true, &open->subsections))
        return false;
    if (json_array_size(open->subsections) > SUBSECTION_LIMIT)
        return walk_fail(walk, ERROR_LIMIT, form->subsections,
                         "%zu subsections; at most %d are read", json_array_size(open->subsections),
                         SUBSECTION_LIMIT);

    struct arena *arena = walk->schema->arena;
    structure->field_count = json_array_size(open->fields);
    structure->fields = arena_alloc(arena, structure->field_count * sizeof(struct field));
    structure->sent_count = json_array_size(open->subsections);
    structure->subsection_count = structure->sent_count;
    structure->subsections = arena_alloc(arena, structure->sent_count * sizeof(struct subsection));
    walk->open_count++;
    return true;
}

static bool load_next_field(struct walk *walk, struct open_structure *open)
{
    size_t index = open->next_field++;
    const json_t *json = json_array_get(open->fields, index);
    struct field *field = &open->layout->structure.fields[index];
    walk->steps[walk->step_count++] =
        (struct step){.key = walk->form->fields, .indexed = true, .index = index};
    if (!json_is_object(json))
        return walk_fail(walk, ERROR_SCHEMA, NULL, "%s where an object was expected",
                         json_type_name(json));
    const json_t *inner = NULL;
    if (!walk->form->load_field(walk, json, field, &inner))
        return false;
    if (inner != NULL)
        return open_structure(walk, inner, false, field);
    walk->step_count--;
    return true;
}

static bool open_next_subsection(struct walk *walk, struct open_structure *open)
{
    size_t index = open->next_subsection++;
    const json_t *json = json_array_get(open->subsections, index);
    walk->steps[walk->step_count++] = (struct step){
        .key = walk->form->subsections,
        .indexed = true,
        .index = index,
        .name = json_string_value(json_object_get(json, walk->form->name)),
    };
    return open_structure(walk, json, false, NULL);
}

/* Adds bytes to a structure's size, which like any size in a description has 32 bits. */
static bool add_size(struct walk *walk, struct layout *layout, uint64_t count, uint64_t size)
{
    uint64_t added = count * size; /* of two numbers of 32 bits: the sum does not overflow either */
    if (layout->size + added > UINT32_MAX)
        return walk_fail(walk, ERROR_SCHEMA, NULL, "\"%s\" has more than %" PRIu32 " bytes",
                         layout->structure.name == NULL ? "" : layout->structure.name, UINT32_MAX);
    layout->size += added;
    return true;
}

/* The bytes that one element has in any stream. */
static uint64_t minimum_size(const struct field *field)
{
    if (field->class == FIELD_RECORD)
        return ((const struct layout *)field->structure)->minimum_size;
    if (field->class == FIELD_LIST)
        return 1; /* the byte that ends it */
    return field->size;
}

/* How many fields and records of no bytes a reader may have to go through for a field. */
static uint64_t empty_fields(const struct field *field)
{
    uint64_t inner = 0;
    if (field->class == FIELD_RECORD)
        inner = ((const struct layout *)field->structure)->empty_fields;
    return field->count * inner + (minimum_size(field) == 0);
}

/* All fields are loaded: adds up what they are on the wire. */
static bool measure_fields(struct walk *walk, struct layout *layout)
{
    struct structure *structure = &layout->structure;
    walk->open[walk->open_count - 1].measured = true;
    if (walk->form->settle_fields != NULL)
        walk->form->settle_fields(structure);
    for (size_t i = 0; i < structure->field_count; i++) {
        struct field *field = &structure->fields[i];
        walk->steps[walk->step_count++] = (struct step){.key = field->name};
        uint64_t minimum = minimum_size(field);
        /* Such an array would let a few bytes of JSON keep a reader busy for ever. */
        if (field->count > 1 && minimum == 0)
            return walk_fail(walk, ERROR_SCHEMA, NULL, "%" PRIu32 " elements of no bytes",
                             field->count);
        if (!add_size(walk, layout, field->count, field->size))
            return false;
        layout->minimum_size += field->count * minimum;
        layout->empty_fields += empty_fields(field);
        walk->step_count--;
    }
    if (!structure->assumed && layout->empty_fields > EMPTY_FIELDS_LIMIT + layout->minimum_size)
        return walk_fail(walk, ERROR_LIMIT, NULL,
                         "%" PRIu64 " fields of no bytes; with %" PRIu64
                         " bytes besides, at most %" PRIu64 " are read",
                         layout->empty_fields, layout->minimum_size,
                         EMPTY_FIELDS_LIMIT + layout->minimum_size);
    return true;
}

/* A structure is complete: hands it to the one around it. */
static bool close_structure(struct walk *walk)
{
    struct open_structure *open = &walk->open[--walk->open_count];
    if (walk->open_count == 0)
        return true;
    struct layout *layout = open->layout;
    struct open_structure *around = &walk->open[walk->open_count - 1];
    if (open->embedding != NULL) {
        open->embedding->structure = &layout->structure;
        if (!walk->form->embed(walk, open->embedding, layout))
            return false;
    } else {
        struct subsection *subsection =
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

struct layout *walk_structure(struct walk *walk, const json_t *object, bool anonymous)
{
    if (!open_structure(walk, object, anonymous, NULL))
        return NULL;
    struct layout *root = walk->open[0].layout;
    while (walk->open_count > 0) {
        struct open_structure *open = &walk->open[walk->open_count - 1];
        bool ok;
        if (open->next_field < open->layout->structure.field_count)
            ok = load_next_field(walk, open);
        else if (!open->measured)
            ok = measure_fields(walk, open->layout);
        else if (open->next_subsection < open->layout->structure.sent_count)
            ok = open_next_subsection(walk, open);
        else
            ok = close_structure(walk);
        if (!ok)
            return NULL;
    }
    return root;
}

/* ---- What is known of the structures of one name ---- */

/* A subsection that some structure of the family has. */
struct member_subsection {
    const struct symbol *symbol;
    const struct layout *sent;     /* as the first source that sent it has it; NULL: none did */
    const struct layout *declared; /* as the first source that declares it has it */
    const struct layout *told;     /* as the first that declares it and tells its layout has it */
    struct member_subsection *next;
};

struct family {
    struct family *next;               /* other structures of the same name */
    const struct structure *structure; /* the first one of the family that has fields */
    struct version_range {
        uint32_t version_id, minimum_version_id;
    } versions[VERSIONS_LIMIT]; /* that dumps declare */
    size_t version_count;
    struct member_subsection *subsections, **subsections_end;
    size_t subsection_count;
    uint64_t sender_count;     /* structures that sent any subsection */
    struct subsection *shared; /* for the structures that sent none */
};

/* The length of a field's name without the "[n]" that a description adds where names repeat. */
static size_t plain_length(const char *name)
{
    size_t length = strlen(name);
    size_t digits = length;
    if (length == 0 || name[length - 1] != ']')
        return length;
    digits--;
    while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9')
        digits--;
    return digits > 1 && name[digits - 1] == '[' ? digits - 1 : length;
}

/* What every VMSTATE_UNUSED is called; a description tells several of them apart by "[n]". */
static bool is_unused(const char *name)
{
    static const char unused[] = "unused";
    return plain_length(name) == sizeof(unused) - 1 &&
           memcmp(name, unused, sizeof(unused) - 1) == 0;
}

static bool has_field_named(const struct structure *structure, const char *name)
{
    size_t length = plain_length(name);
    for (size_t i = 0; i < structure->field_count && i < RESEMBLING_FIELDS; i++)
        if (plain_length(structure->fields[i].name) == length &&
            memcmp(structure->fields[i].name, name, length) == 0)
            return true;
    return false;
}

/*
 * QEMU has structures that share a name and nothing else: the core's "timer" and a board's, the PCI
 * device "ne2000" and the "ne2000" embedded in it. Releases of one structure share fields; that
 * each has a VMSTATE_UNUSED, which is always called so, says nothing.
 */
static bool resembles(const struct structure *a, const struct structure *b)
{
    if (a->field_count == 0 || b->field_count == 0)
        return true;
    for (size_t i = 0; i < a->field_count && i < RESEMBLING_FIELDS; i++)
        if (!is_unused(a->fields[i].name) && has_field_named(b, a->fields[i].name))
            return true;
    return false;
}

/* The family that the structure belongs to; a new one where it resembles none of its name. */
static struct family *family_of(struct schema *schema, struct layout *layout)
{
    struct family **end = &layout->symbol->family;
    size_t count = 0;
    for (; *end != NULL; end = &(*end)->next) {
        struct family *family = *end;
        if (!resembles(family->structure, &layout->structure) && ++count < FAMILIES_LIMIT)
            continue;
        if (family->structure->field_count == 0) /* it tells nothing: anything would resemble it */
            family->structure = &layout->structure;
        return family;
    }
    struct family *family = arena_alloc(schema->arena, sizeof(*family));
    family->structure = &layout->structure;
    family->subsections_end = &family->subsections;
    *end = family;
    return family;
}

static struct member_subsection *family_find(const struct family *family,
                                             const struct symbol *symbol)
{
    struct member_subsection *subsection = family->subsections;
    while (subsection != NULL && subsection->symbol != symbol)
        subsection = subsection->next;
    return subsection;
}

/* Counts subsections that schema_finish() will have to write down. */
static bool reserve_merged(struct walk *walk, uint64_t count)
{
    struct schema_loading *loading = walk->schema->loading;
    if (count > MERGED_SUBSECTIONS_LIMIT - loading->merged_subsections)
        return error_set(walk->error, ERROR_LIMIT, ERROR_NO_OFFSET,
                         "more than %" PRIu64 " subsections in all structures together",
                         MERGED_SUBSECTIONS_LIMIT);
    loading->merged_subsections += count;
    return true;
}

static bool family_add(struct walk *walk, struct family *family, const struct layout *owner,
                       const struct layout *layout)
{
    struct member_subsection *subsection = family_find(family, layout->symbol);
    if (subsection == NULL) {
        if (family->subsection_count == SUBSECTION_LIMIT)
            return error_set(walk->error, ERROR_LIMIT, ERROR_NO_OFFSET,
                             "more than %d different subsections of \"%s\"", SUBSECTION_LIMIT,
                             owner->symbol->text);
        if (!reserve_merged(walk, family->sender_count + 1))
            return false;
        subsection = arena_alloc(walk->schema->arena, sizeof(*subsection));
        subsection->symbol = layout->symbol;
        *family->subsections_end = subsection;
        family->subsections_end = &subsection->next;
        family->subsection_count++;
    }
    const struct layout **known = walk->form->declares ? &subsection->declared : &subsection->sent;
    if (*known == NULL)
        *known = layout;
    if (walk->form->declares && subsection->told == NULL && !layout->undecided)
        subsection->told = layout;
    return true;
}

static void family_add_version(struct family *family, const struct structure *structure)
{
    for (size_t i = 0; i < family->version_count; i++)
        if (family->versions[i].version_id == structure->version_id &&
            family->versions[i].minimum_version_id == structure->minimum_version_id)
            return;
    if (family->version_count == VERSIONS_LIMIT)
        return;
    family->versions[family->version_count++] = (struct version_range){
        .version_id = structure->version_id,
        .minimum_version_id = structure->minimum_version_id,
    };
}

/* Tells the family of a structure's name what the structure knows. */
static bool commit_layout(struct walk *walk, struct layout *layout)
{
    struct structure *structure = &layout->structure;
    if (layout->symbol == NULL)
        return true;
    struct family *family = family_of(walk->schema, layout);
    layout->family = family;
    if (layout->declares_version)
        family_add_version(family, structure);
    for (size_t i = 0; i < structure->sent_count; i++) {
        const struct structure *subsection = structure->subsections[i].structure;
        if (!family_add(walk, family, layout, (const struct layout *)subsection))
            return false;
    }
    if (walk->form->declares) {
        structure->sent_count = 0;
    } else if (structure->sent_count > 0) {
        if (!reserve_merged(walk, family->subsection_count))
            return false;
        family->sender_count++;
    }
    return true;
}

void walk_add_device(struct walk *walk, struct device device, bool type)
{
    struct loaded_device *loaded = arena_alloc(walk->schema->arena, sizeof(*loaded));
    loaded->device = device;
    loaded->type = type;
    *walk->devices_end = loaded;
    walk->devices_end = &loaded->next;
    walk->device_count++;
}

bool walk_commit(struct walk *walk)
{
    struct schema_loading *loading = walk->schema->loading;
    for (struct structure *structure = walk->structures; structure != NULL;
         structure = structure->next)
        if (!commit_layout(walk, (struct layout *)structure))
            return false;
    if (walk->structures != NULL) {
        *loading->structures_end = walk->structures;
        loading->structures_end = walk->structures_end;
    }
    if (walk->devices != NULL) {
        *loading->devices_end = walk->devices;
        loading->devices_end = walk->devices_end;
        loading->device_count += walk->device_count;
    }
    return true;
}

/* ---- Merging ---- */

static struct subsection merged_subsection(const struct member_subsection *known)
{
    const struct layout *versions = known->declared, *layout = known->told;
    if (versions == NULL || (versions->structure.assumed && known->sent != NULL))
        versions = layout = known->sent;
    struct subsection merged = {
        .name = known->symbol->text,
        .version_id = versions->structure.version_id,
        .minimum_version_id = versions->structure.minimum_version_id,
        .source = LAYOUT_UNKNOWN,
    };
    if (layout != NULL) {
        merged.structure = &layout->structure;
        merged.source = layout->structure.assumed ? LAYOUT_ASSUMED : LAYOUT_OTHER;
    }
    return merged;
}

/* Of the versions that dumps declare, the one of this very structure is most likely the one that
 * fits: resembling structures may still be different ones. */
static void merge_version(struct layout *layout)
{
    struct structure *structure = &layout->structure;
    const struct family *family = layout->family;
    if (family->version_count == 0 || layout->declares_version)
        return;
    const struct version_range *best = &family->versions[0];
    bool best_includes = false;
    for (size_t i = 0; i < family->version_count; i++) {
        const struct version_range *range = &family->versions[i];
        bool includes = range->minimum_version_id <= structure->version_id &&
                        structure->version_id <= range->version_id;
        if (includes && range->version_id == structure->version_id) {
            best = range;
            break;
        }
        if (includes && !best_includes) {
            best = range;
            best_includes = true;
        }
    }
    structure->version_id = best->version_id;
    structure->minimum_version_id = best->minimum_version_id;
}

static bool sent_here(const struct structure *structure, const char *name)
{
    for (size_t i = 0; i < structure->sent_count; i++)
        if (structure->subsections[i].name == name)
            return true;
    return false;
}

/* The subsections of a structure, those that it sent first. */
static void merge_subsections(struct schema *schema, struct layout *layout)
{
    struct structure *structure = &layout->structure;
    struct family *family = layout->family;
    bool shares = structure->sent_count == 0;
    structure->subsection_count = family->subsection_count;
    if (shares && family->shared != NULL) {
        structure->subsections = family->shared;
        return;
    }
    size_t room = structure->sent_count + family->subsection_count;
    struct subsection *merged = arena_alloc(schema->arena, room * sizeof(*merged));
    size_t count = structure->sent_count;
    for (size_t i = 0; i < count; i++) {
        const struct structure *sent = structure->subsections[i].structure;
        merged[i] = (struct subsection){
            .name = sent->name,
            .version_id = sent->version_id,
            .minimum_version_id = sent->minimum_version_id,
            .structure = sent,
            .source = LAYOUT_SENT,
        };
    }
    for (const struct member_subsection *known = family->subsections; known != NULL;
         known = known->next)
        if (!sent_here(structure, known->symbol->text))
            merged[count++] = merged_subsection(known);
    structure->subsections = merged;
    structure->subsection_count = count;
    if (shares)
        family->shared = merged;
}

void merge_structures(struct schema *schema)
{
    struct structure *first = schema->loading->structures;
    for (struct structure *structure = first; structure != NULL; structure = structure->next)
        if (structure->name != NULL)
            merge_version((struct layout *)structure);
    for (struct structure *structure = first; structure != NULL; structure = structure->next)
        if (structure->name != NULL)
            merge_subsections(schema, (struct layout *)structure);
    schema->structures = first;
}
