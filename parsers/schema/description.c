/*
 * Makes a schema of a description's JSON (QEMU migration/vmstate.c, vmstate_save_state_v and
 * vmsd_desc_field_start; migration/savevm.c, vmstate_save). Knows how QEMU spells layouts, and in which ways
 * it misspells them.
 */
#include "schema/description.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "schema/commit.h"
#include "schema/field_types.h"
#include "schema/json.h"
#include "schema/symbols.h"
#include "vmwire/wire.h"

static const struct source_form configuration_form;

/* In place of a null pointer in an array of pointers QEMU writes 0x30 (vmstate_info_nullptr).
 * Before 10.0 it described such an array by its first element alone. */
static bool make_null_pointer(struct field *field)
{
    field->class = field->count > 1 ? FIELD_OPAQUE : FIELD_CONSTANT;
    field->length = field->count > 1 ? LENGTH_POINTERS : LENGTH_FIXED;
    field->null_pointer = true;
    return true;
}

static bool load_embedded(struct walk *walk, const json_t *json, struct field *field,
                          const json_t **inner)
{
    const json_t *embedded = json;
    bool empty = strcmp(field->type, "tmp") != 0 && json_object_get(json, "vmsd_name") == NULL;
    if (strcmp(field->type, "struct") == 0) {
        embedded = json_object_get(json, "struct");
        if (!json_is_object(embedded))
            return walk_fail(walk, ERROR_SCHEMA, "struct",
                             embedded == NULL ? "missing" : "not an object");
        empty = json_object_size(embedded) == 0;
        walk->steps[walk->step_count - 1].inner = "struct";
    }
    if (!empty) {
        *inner = embedded;
        return true;
    }
    /* Before QEMU 10.0 a null pointer is described as an element in which nothing is. */
    if (field->size != 1)
        return walk_fail(walk, ERROR_SCHEMA, NULL,
                         "%" PRIu32 " bytes of a structure that is not described", field->size);
    return make_null_pointer(field);
}

static bool load_plain(struct walk *walk, const struct field_type *type, struct field *field)
{
    if (field->size == type->size || type->size == 0)
        return true;
    /* Before QEMU 10.0 a null pointer has the type of the elements that are there (timers). */
    if (field->size == 1)
        return make_null_pointer(field);
    return walk_fail(walk, ERROR_SCHEMA, "size", "%s has %" PRIu32 " bytes, described are %" PRIu32,
                     type->name, type->size, field->size);
}

static bool load_class(struct walk *walk, const json_t *json, const struct field_type *type,
                       struct field *field, const json_t **inner)
{
    field->class = type->class;
    switch (type->class) {
    case FIELD_RECORD:
        return load_embedded(walk, json, field, inner);
    case FIELD_LIST:
        if (json_object_get(json, "vmsd_name") != NULL)
            *inner = json;
        else if (field->size != 1)
            return walk_fail(walk, ERROR_SCHEMA, NULL,
                             "a list of %" PRIu32 " bytes, the elements of which are not described",
                             field->size);
        return true;
    case FIELD_CONSTANT:
        field->null_pointer =
            strcmp(type->name, "nullptr") == 0 || strcmp(type->name, "ptr-marker") == 0;
        return load_plain(walk, type, field);
    default:
        return load_plain(walk, type, field);
    }
}

/* "length": only grammar/configuration.json has it, for what has no fixed size. */
static bool load_length(struct walk *walk, const json_t *json, struct field *field)
{
    const char *length = json_string_value(json_object_get(json, "length"));
    if (walk->form != &configuration_form || length == NULL)
        return walk_number(walk, json, "size", &field->size);
    field->length = strcmp(length, "str8") == 0 ? LENGTH_STR8 : LENGTH_COUNTED;
    return true;
}

static bool load_array_length(struct walk *walk, const json_t *json, struct field *field)
{
    field->count = 1;
    field->index = -1;
    if (json_object_get(json, "array_len") != NULL) {
        if (!walk_number(walk, json, "array_len", &field->count))
            return false;
        if (field->count == 0)
            return walk_fail(walk, ERROR_SCHEMA, "array_len", "an array without elements");
    }
    if (json_object_get(json, "index") != NULL) {
        uint32_t index;
        if (!walk_number(walk, json, "index", &index))
            return false;
        if (index > INT32_MAX)
            return walk_fail(walk, ERROR_SCHEMA, "index",
                             "%" PRIu32 " where at most %d was expected", index, INT32_MAX);
        field->index = (int32_t)index;
    }
    return true;
}

static bool load_field(struct walk *walk, const json_t *json, struct field *field,
                       const json_t **inner)
{
    struct symbol *name, *type;
    if (!walk_name(walk, json, "name", &name))
        return false;
    field->name = name->text;
    struct step *step = &walk->steps[walk->step_count - 1];
    *step = (struct step){.key = field->name};
    if (!load_array_length(walk, json, field))
        return false;
    if (field->index >= 0) {
        step->indexed = true;
        step->index = (size_t)field->index;
    }
    if (!walk_name(walk, json, "type", &type) || !load_length(walk, json, field))
        return false;
    field->type = type->text;
    return load_class(walk, json, field_type(type), field, inner);
}

static bool embed(struct walk *walk, struct field *field, const struct layout *layout)
{
    /* Elements of a list differ in what they sent, and of several the last one is described. */
    if (field->class == FIELD_LIST) {
        if (field->size < 1 + layout->minimum_size + 1)
            return walk_fail(walk, ERROR_SCHEMA, NULL,
                             "described are %" PRIu32 " bytes, one element alone makes %" PRIu64,
                             field->size, 1 + layout->minimum_size + 1);
        return true;
    }
    if (field->size != layout->size)
        return walk_fail(walk, ERROR_SCHEMA, NULL,
                         "described are %" PRIu32 " bytes, what is in it makes %" PRIu64,
                         field->size, layout->size);
    return true;
}

static bool is_marker(const struct field *field)
{
    return field->null_pointer;
}

/* Whether the entries of an array are its elements one by one. A compressed array of pointers is
 * runs of elements that are null and of elements that are not, in turn. */
static bool listed_one_by_one(const struct field *entries, size_t entry_count)
{
    bool any_run = false;
    for (size_t i = 0; i < entry_count; i++) {
        if (i > 0 && is_marker(&entries[i]) == is_marker(&entries[i - 1]))
            return true;
        if (entries[i].count > 1)
            any_run = true;
    }
    return !any_run;
}

/*
 * From QEMU 11.1 on there are arrays of pointers in which a marker stands before every element
 * (VMS_ARRAY_OF_POINTER_AUTO_ALLOC): 0x31 when the element follows, 0x30 when it is null. The entry
 * is the same for both. An array that only may be of this kind has its markers taken for constants
 * that are not known.
 */
static bool marked_one_by_one(const struct field *entries, size_t entry_count)
{
    for (size_t i = 0; i < entry_count; i++) {
        if (is_marker(&entries[i]) && strcmp(entries[i].type, "ptr-marker") != 0)
            return false;
        if (!is_marker(&entries[i]) && (i == 0 || !is_marker(&entries[i - 1])))
            return false;
    }
    return true;
}

static void number_elements(struct field *entries, size_t entry_count, bool marked)
{
    uint32_t element = 0;
    for (size_t i = 0; i < entry_count; i++) {
        struct field *entry = &entries[i];
        if (entry->index >= 0)
            element = (uint32_t)entry->index;
        entry->index = element <= INT32_MAX ? (int32_t)element : -1;
        if (marked && is_marker(entry) && i + 1 < entry_count && !is_marker(&entries[i + 1]))
            continue;
        element += entry->count;
    }
}

/* An array with several entries, which from QEMU 10.0 on need not say which elements they are. */
static void settle_array(struct field *entries, size_t entry_count)
{
    bool marked = false;
    if (listed_one_by_one(entries, entry_count)) {
        /* QEMU 10.0 gives null pointers that it lists one by one an array_len all the same. */
        for (size_t i = 0; i < entry_count; i++)
            entries[i].count = 1;
        marked = marked_one_by_one(entries, entry_count);
    } else if (!is_marker(&entries[0])) {
        /* QEMU looks for the end of a run only where nullness changes, and takes it for not null
         * before the first element: a first run that is not null has the whole array's length. */
        uint64_t others = 0;
        for (size_t i = 1; i < entry_count; i++)
            others += entries[i].count;
        if (entries[0].count > others)
            entries[0].count -= (uint32_t)others;
    }
    number_elements(entries, entry_count, marked);
    for (size_t i = 0; marked && i + 1 < entry_count; i++)
        if (!is_marker(&entries[i + 1]))
            entries[i].null_pointer = false;
}

/* Neighbours of one name are entries of one array: other fields of one name QEMU tells apart by
 * [0], [1] and so on behind the name (vmsd_desc_field_start). */
static void settle_fields(struct structure *structure)
{
    struct field *fields = structure->fields;
    size_t begin = 0;
    while (begin < structure->field_count) {
        size_t end = begin + 1;
        while (end < structure->field_count && fields[end].name == fields[begin].name)
            end++;
        if (end - begin > 1)
            settle_array(fields + begin, end - begin);
        begin = end;
    }
}

static const struct source_form description_form = {
    .name = "vmsd_name",
    .version = "version",
    .fields = "fields",
    .subsections = "subsections",
    .load_field = load_field,
    .settle_fields = settle_fields,
    .embed = embed,
};

/* grammar/configuration.json, which tells what a reader accepts besides. */
static const struct source_form configuration_form = {
    .name = "vmsd_name",
    .version = "version",
    .minimum_version = "minimum_version",
    .fields = "fields",
    .subsections = "subsections",
    .declares = true,
    .load_field = load_field,
    .settle_fields = settle_fields,
    .embed = embed,
};

/* An old-style section (vmstate_save_old_style): one field with what the device's code wrote. */
static bool check_old_style(struct walk *walk, const json_t *json, struct layout *layout)
{
    uint32_t size;
    if (!walk_number(walk, json, "size", &size))
        return false;
    if (size != layout->size)
        return walk_fail(walk, ERROR_SCHEMA, NULL,
                         "described are %" PRIu32 " bytes, its fields make %" PRIu64, size,
                         layout->size);
    for (size_t i = 0; i < layout->structure.field_count; i++)
        if (layout->structure.fields[i].class == FIELD_FREE)
            layout->structure.fields[i].class = FIELD_OPAQUE;
    return true;
}

static bool load_device(struct walk *walk, const json_t *json)
{
    if (!json_is_object(json))
        return walk_fail(walk, ERROR_SCHEMA, NULL, "not an object");
    struct symbol *idstr;
    if (!walk_name(walk, json, "name", &idstr))
        return false;
    walk->steps[walk->step_count - 1].name = idstr->text;
    struct device device = {.idstr = idstr->text};
    if (!walk_number(walk, json, "instance_id", &device.instance_id))
        return false;
    bool old_style = json_object_get(json, "vmsd_name") == NULL;
    struct layout *layout = walk_structure(walk, json, old_style);
    if (layout == NULL || (old_style && !check_old_style(walk, json, layout)))
        return false;
    device.structure = &layout->structure;
    walk_add_device(walk, device, false);
    return true;
}

static bool load_devices(struct walk *walk, const json_t *root)
{
    const json_t *devices;
    if (!walk_array(walk, root, "devices", false, &devices))
        return false;
    for (size_t i = 0; i < json_array_size(devices); i++) {
        walk->steps[walk->step_count++] =
            (struct step){.key = "devices", .indexed = true, .index = i};
        if (!load_device(walk, json_array_get(devices, i)))
            return false;
        walk->step_count--;
    }
    return true;
}

static bool load_page_size(struct walk *walk, const json_t *root, uint32_t *page_size)
{
    if (json_object_get(root, "page_size") == NULL)
        return true;
    if (!walk_number(walk, root, "page_size", page_size))
        return false;
    if (*page_size == 0 || (*page_size & (*page_size - 1)) != 0)
        return walk_fail(walk, ERROR_SCHEMA, "page_size", "%" PRIu32 " is not a power of two",
                         *page_size);
    return true;
}

/* Newer QEMUs describe the configuration record too. It is no device. */
static bool load_sent_configuration(struct walk *walk, const json_t *root)
{
    const json_t *configuration = json_object_get(root, "configuration");
    if (configuration == NULL)
        return true;
    walk->steps[walk->step_count++] = (struct step){.key = "configuration"};
    if (walk_structure(walk, configuration, false) == NULL)
        return false;
    walk->step_count--;
    return true;
}

bool load_description(struct schema *schema, json_t *root, struct error *error)
{
    struct walk walk;
    walk_begin(&walk, schema, &description_form, error);
    uint32_t page_size = 0;
    if (!json_is_object(root))
        return walk_fail(&walk, ERROR_SCHEMA, NULL, "not a description: not an object");
    if (!load_sent_configuration(&walk, root) || !load_page_size(&walk, root, &page_size) ||
        !load_devices(&walk, root) || !walk_commit(&walk))
        return false;
    if (schema->page_size == 0)
        schema->page_size = page_size;
    return true;
}

struct structure *load_configuration(struct schema *schema)
{
    static const char text[] =
#include "configuration.inc"
        ;
    struct error error;
    json_t *root = parse_json(
        (struct bytes){.data = (const uint8_t *)text, .length = sizeof(text) - 1}, &error);
    struct walk walk;
    walk_begin(&walk, schema, &configuration_form, &error);
    struct layout *layout = root == NULL ? NULL : walk_structure(&walk, root, false);
    bool loaded = layout != NULL && walk_commit(&walk);
    assert(loaded && "grammar/configuration.json is not a description");
    (void)loaded;
    json_decref(root);
    return &layout->structure;
}
