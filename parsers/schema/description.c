/* SPDX-License-Identifier: MIT */
/*
 * Loads a description into a schema (QEMU migration/vmstate.c, vmstate_save_state_v and
 * vmsd_desc_field_start; migration/savevm.c, vmstate_save). Knows the JSON that QEMU writes, and
 * where this JSON does not match the bytes on the wire. Knows nothing of dumps and streams.
 */
#include "schema/description.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "schema/commit.h"
#include "schema/field_types.h"
#include "schema/json.h"
#include "schema/layout.h"
#include "schema/symbols.h"
#include "vmwire/wire.h"

static const struct source_form configuration_form;

/* Marks the field as null pointers. For a null pointer in an array QEMU writes the byte 0x30
 * (vmstate_info_nullptr). Before 10.0 it describes only the first element of such an array. */
static bool set_null_pointer(struct vmwire_field *field)
{
    field->class = field->count > 1 ? VMWIRE_FIELD_OPAQUE : VMWIRE_FIELD_CONSTANT;
    field->length = field->count > 1 ? VMWIRE_LENGTH_POINTERS : VMWIRE_LENGTH_FIXED;
    field->null_pointer = true;
    return true;
}

static bool load_embedded_structure(struct source_walk *walk, const json_t *json,
                                    struct vmwire_field *field, const json_t **inner)
{
    const json_t *embedded = json;
    bool empty = strcmp(field->type, "tmp") != 0 && json_object_get(json, "vmsd_name") == NULL;
    if (strcmp(field->type, "struct") == 0) {
        embedded = json_object_get(json, "struct");
        if (!json_is_object(embedded))
            return walk_fail(walk, VMWIRE_ERROR_SCHEMA, "struct",
                             embedded == NULL ? "missing" : "not an object");
        empty = json_object_size(embedded) == 0;
        walk->steps[walk->step_count - 1].inner = "struct";
    }
    if (!empty) {
        *inner = embedded;
        return true;
    }
    /* Before QEMU 10.0 a null pointer is described as an empty structure of one byte. */
    if (field->size != 1)
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, NULL,
                         "%" PRIu32 " bytes of a structure that is not described", field->size);
    return set_null_pointer(field);
}

static bool check_plain_size(struct source_walk *walk, const struct field_type *type,
                             struct vmwire_field *field)
{
    if (field->size == type->size || type->size == 0)
        return true;
    /* Before QEMU 10.0 a null pointer is described with the type of the other elements (timers). */
    if (field->size == 1)
        return set_null_pointer(field);
    return walk_fail(walk, VMWIRE_ERROR_SCHEMA, "size",
                     "%s has %" PRIu32 " bytes, described are %" PRIu32, type->name, type->size,
                     field->size);
}

/* What grammar/layouts tells of the field; NULL: nothing. */
static const struct layout_field_fact *find_fact(const struct source_walk *walk, const char *name)
{
    const char *structure = walk->open[walk->open_count - 1].layout->structure.name;
    const struct layout_facts *facts =
        structure ? layout_facts_of(walk->schema->layouts, structure) : NULL;
    for (size_t i = 0; facts && i < facts->field_count; i++)
        if (strcmp(facts->fields[i].key, name) == 0)
            return &facts->fields[i];
    return NULL;
}

/* Only a description that vmwire makes (write/description.c) may tell these. A stream's own could make fields free or constant as it
 * likes. */
static bool load_own_class(struct source_walk *walk, const json_t *json, struct vmwire_field *field)
{
    static const enum vmwire_field_class plain[] = {VMWIRE_FIELD_FREE,    VMWIRE_FIELD_ZEROS,
                                                    VMWIRE_FIELD_BOOL,    VMWIRE_FIELD_CONSTANT,
                                                    VMWIRE_FIELD_CHECKED, VMWIRE_FIELD_OPAQUE};
    const json_t *class = json_object_get(json, "class");
    const struct layout_field_fact *fact = find_fact(walk, field->name);
    bool known = class == NULL || !walk->form->made;
    if (fact && fact->has_class)
        field->class = fact->class;
    for (size_t i = 0; !known && json_is_string(class) && i < sizeof(plain) / sizeof(plain[0]); i++)
        if (strcmp(json_string_value(class), vmwire_field_class_name(plain[i])) == 0) {
            field->class = plain[i];
            known = true;
        }
    if (walk->form->made && json_is_true(json_object_get(json, "determines")))
        mark_as_determining(field);
    return known || walk_fail(walk, VMWIRE_ERROR_SCHEMA, "class", "not the class of a plain field");
}

static bool load_field_class(struct source_walk *walk, const json_t *json,
                             const struct field_type *type, struct vmwire_field *field,
                             const json_t **inner)
{
    field->class = type->class;
    field->word_limit = type->word_limit;
    switch (type->class) {
    case VMWIRE_FIELD_RECORD:
        return load_embedded_structure(walk, json, field, inner);
    case VMWIRE_FIELD_LIST:
        if (json_object_get(json, "vmsd_name") != NULL)
            *inner = json;
        else if (field->size != 1)
            return walk_fail(walk, VMWIRE_ERROR_SCHEMA, NULL,
                             "a list of %" PRIu32 " bytes, the elements of which are not described",
                             field->size);
        return true;
    case VMWIRE_FIELD_CONSTANT:
        field->null_pointer =
            strcmp(type->name, "nullptr") == 0 || strcmp(type->name, "ptr-marker") == 0;
        return check_plain_size(walk, type, field) && load_own_class(walk, json, field);
    default:
        return check_plain_size(walk, type, field) && load_own_class(walk, json, field);
    }
}

/* Only grammar/configuration.json has the key "length", for fields without a fixed size. */
static bool load_field_length(struct source_walk *walk, const json_t *json,
                              struct vmwire_field *field)
{
    const char *length = json_string_value(json_object_get(json, "length"));
    if (walk->form != &configuration_form || length == NULL)
        return walk_number(walk, json, "size", &field->size);
    field->length = strcmp(length, "str8") == 0 ? VMWIRE_LENGTH_STR8 : VMWIRE_LENGTH_COUNTED;
    return true;
}

static bool load_array_length(struct source_walk *walk, const json_t *json,
                              struct vmwire_field *field)
{
    field->count = 1;
    field->index = -1;
    if (json_object_get(json, "array_len") != NULL) {
        if (!walk_number(walk, json, "array_len", &field->count))
            return false;
        if (field->count == 0)
            return walk_fail(walk, VMWIRE_ERROR_SCHEMA, "array_len", "an array without elements");
    }
    if (json_object_get(json, "index") != NULL) {
        uint32_t index;
        if (!walk_number(walk, json, "index", &index))
            return false;
        if (index > INT32_MAX)
            return walk_fail(walk, VMWIRE_ERROR_SCHEMA, "index",
                             "%" PRIu32 " where at most %d was expected", index, INT32_MAX);
        field->index = (int32_t)index;
    }
    return true;
}

static bool load_field(struct source_walk *walk, const json_t *json, struct vmwire_field *field,
                       const json_t **inner)
{
    struct symbol *name, *type;
    if (!walk_name(walk, json, "name", &name))
        return false;
    field->name = name->text;
    struct path_step *step = &walk->steps[walk->step_count - 1];
    *step = (struct path_step){.key = field->name};
    if (!load_array_length(walk, json, field))
        return false;
    if (field->index >= 0) {
        step->indexed = true;
        step->index = (size_t)field->index;
    }
    if (!walk_name(walk, json, "type", &type) || !load_field_length(walk, json, field))
        return false;
    field->type = type->text;
    field->unsteady = walk->form->made && json_is_true(json_object_get(json, "unsteady"));
    return load_field_class(walk, json, field_type(type), field, inner);
}

static bool check_embedded_size(struct source_walk *walk, struct vmwire_field *field,
                                const struct layout *layout)
{
    /* QEMU describes only the last element of a list, and elements can differ in the subsections
     * that they sent. So only a lower bound of the size is known. */
    if (field->class == VMWIRE_FIELD_LIST) {
        if (field->size < 1 + layout->minimum_size + 1)
            return walk_fail(walk, VMWIRE_ERROR_SCHEMA, NULL,
                             "described are %" PRIu32 " bytes, one element alone makes %" PRIu64,
                             field->size, 1 + layout->minimum_size + 1);
        return true;
    }
    if (field->size != layout->size)
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, NULL,
                         "described are %" PRIu32 " bytes, what is in it makes %" PRIu64,
                         field->size, layout->size);
    return true;
}

static bool is_marker(const struct vmwire_field *field)
{
    return field->null_pointer;
}

/* Whether each entry of an array is one element. Otherwise the array is compressed: its entries
 * are, in turn, runs of null pointers and runs of other elements. */
static bool entries_are_elements(const struct vmwire_field *entries, size_t entry_count)
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
 * Whether a marker may stand before every element. QEMU 11.1 and later have such arrays of pointers
 * (VMS_ARRAY_OF_POINTER_AUTO_ALLOC): the marker is 0x31 when the element follows, and 0x30 when it
 * is null. The description has the same entry for both. Such a marker decides what follows, also when the array only may be
 * of this kind.
 */
static bool every_element_has_marker(const struct vmwire_field *entries, size_t entry_count)
{
    for (size_t i = 0; i < entry_count; i++) {
        if (is_marker(&entries[i]) && strcmp(entries[i].type, "ptr-marker") != 0)
            return false;
        if (!is_marker(&entries[i]) && (i == 0 || !is_marker(&entries[i - 1])))
            return false;
    }
    return true;
}

static void number_elements(struct vmwire_field *entries, size_t entry_count, bool marked)
{
    uint32_t element = 0;
    for (size_t i = 0; i < entry_count; i++) {
        struct vmwire_field *entry = &entries[i];
        if (entry->index >= 0)
            element = (uint32_t)entry->index;
        entry->index = element <= INT32_MAX ? (int32_t)element : -1;
        if (marked && is_marker(entry) && i + 1 < entry_count && !is_marker(&entries[i + 1]))
            continue;
        element += entry->count;
    }
}

/* What follows a marker depends on it: an element can be null in another state, or not. */
static void mark_markers(struct vmwire_field *entries, size_t entry_count)
{
    for (size_t i = 0; i < entry_count; i++) {
        entries[i].unsteady = i > 0;
        if (!is_marker(&entries[i]))
            continue;
        entries[i].determines = true;
        entries[i].class = VMWIRE_FIELD_CHECKED;
        entries[i].null_pointer = i + 1 == entry_count || is_marker(&entries[i + 1]);
    }
}

/* Corrects the counts and indices of an array that has several entries. Since QEMU 10.0 an entry
 * can lack its index. Returns whether its elements have markers. */
static bool complete_array(struct vmwire_field *entries, size_t entry_count)
{
    bool marked = false;
    if (entries_are_elements(entries, entry_count)) {
        /* QEMU 10.0 adds a wrong array_len to null pointers that it lists as single elements. */
        for (size_t i = 0; i < entry_count; i++)
            entries[i].count = 1;
        marked = every_element_has_marker(entries, entry_count);
    } else if (!is_marker(&entries[0])) {
        /* QEMU computes the length of a run only where a null pointer follows another element or
         * the other way round. It does not do so for the first run when that is not null: this run
         * has the length of the whole array. */
        uint64_t others = 0;
        for (size_t i = 1; i < entry_count; i++)
            others += entries[i].count;
        if (entries[0].count > others)
            entries[0].count -= (uint32_t)others;
    }
    number_elements(entries, entry_count, marked);
    return marked;
}

/* Completes all arrays of the structure. Neighbours of one name are entries of one array. To other
 * fields of one name QEMU adds [0], [1] and so on (vmsd_desc_field_start). */
static bool complete_arrays(struct source_walk *walk, struct vmwire_structure *structure)
{
    (void)walk;
    struct vmwire_field *fields = structure->fields;
    size_t begin = 0;
    while (begin < structure->field_count) {
        size_t end = begin + 1;
        while (end < structure->field_count && fields[end].name == fields[begin].name)
            end++;
        bool marked = end - begin > 1
                          ? complete_array(fields + begin, end - begin)
                          : fields[begin].count == 1 && every_element_has_marker(&fields[begin], 1);
        if (marked)
            mark_markers(fields + begin, end - begin);
        if (marked && end < structure->field_count)
            fields[end].unsteady = true;
        structure->unsteady_end |= marked && end == structure->field_count;
        begin = end;
    }
    return true;
}

static const struct source_form description_form = {
    .name = "vmsd_name",
    .version = "version",
    .fields = "fields",
    .subsections = "subsections",
    .load_field = load_field,
    .complete_fields = complete_arrays,
    .fit_embedded_size = check_embedded_size,
};

/* grammar/configuration.json also has the minimum version and the subsections that a reader
 * accepts. */
static const struct source_form configuration_form = {
    .name = "vmsd_name",
    .version = "version",
    .minimum_version = "minimum_version",
    .fields = "fields",
    .subsections = "subsections",
    .declares = true,
    .load_field = load_field,
    .complete_fields = complete_arrays,
    .fit_embedded_size = check_embedded_size,
};

/* An old-style section has one field with all bytes that the device's own code wrote
 * (vmstate_save_old_style). Their format is not known. */
static bool finish_old_style(struct source_walk *walk, const json_t *json, struct layout *layout)
{
    uint32_t size;
    if (!walk_number(walk, json, "size", &size))
        return false;
    if (size != layout->size)
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, NULL,
                         "described are %" PRIu32 " bytes, its fields make %" PRIu64, size,
                         layout->size);
    const json_t *fields = json_object_get(json, "fields");
    for (size_t i = 0; i < layout->structure.field_count; i++)
        if (layout->structure.fields[i].class == VMWIRE_FIELD_FREE &&
            !(walk->form->made && json_object_get(json_array_get(fields, i), "class")))
            layout->structure.fields[i].class = VMWIRE_FIELD_OPAQUE;
    return true;
}

static bool load_device(struct source_walk *walk, const json_t *json)
{
    if (!json_is_object(json))
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, NULL, "not an object");
    struct symbol *idstr;
    if (!walk_name(walk, json, "name", &idstr))
        return false;
    walk->steps[walk->step_count - 1].name = idstr->text;
    struct vmwire_device device = {.idstr = idstr->text};
    if (!walk_number(walk, json, "instance_id", &device.instance_id))
        return false;
    bool old_style = json_object_get(json, "vmsd_name") == NULL;
    struct layout *layout = walk_structure(walk, json, old_style);
    if (layout == NULL || (old_style && !finish_old_style(walk, json, layout)))
        return false;
    device.structure = &layout->structure;
    walk_add_device(walk, device, false);
    return true;
}

static bool load_devices(struct source_walk *walk, const json_t *root)
{
    const json_t *devices;
    if (!walk_array(walk, root, "devices", false, &devices))
        return false;
    for (size_t i = 0; i < json_array_size(devices); i++) {
        walk->steps[walk->step_count++] =
            (struct path_step){.key = "devices", .indexed = true, .index = i};
        if (!load_device(walk, json_array_get(devices, i)))
            return false;
        walk->step_count--;
    }
    return true;
}

static bool load_page_size(struct source_walk *walk, const json_t *root, uint32_t *page_size)
{
    if (json_object_get(root, "page_size") == NULL)
        return true;
    if (!walk_number(walk, root, "page_size", page_size))
        return false;
    if (*page_size == 0 || (*page_size & (*page_size - 1)) != 0)
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, "page_size",
                         "%" PRIu32 " is not a power of two", *page_size);
    return true;
}

/* Newer releases of QEMU also describe the configuration record. It is no device. */
static bool load_sent_configuration(struct source_walk *walk, const json_t *root)
{
    const json_t *configuration = json_object_get(root, "configuration");
    if (configuration == NULL)
        return true;
    walk->steps[walk->step_count++] = (struct path_step){.key = "configuration"};
    if (walk_structure(walk, configuration, false) == NULL)
        return false;
    walk->step_count--;
    return true;
}

static bool load_form(struct vmwire_schema *schema, json_t *root, const struct source_form *form,
                      struct vmwire_error *error)
{
    struct source_walk walk;
    walk_begin(&walk, schema, form, error);
    uint32_t page_size = 0;
    if (!json_is_object(root))
        return walk_fail(&walk, VMWIRE_ERROR_SCHEMA, NULL, "not a description: not an object");
    if (!load_sent_configuration(&walk, root) || !load_page_size(&walk, root, &page_size) ||
        !load_devices(&walk, root) || !walk_commit(&walk))
        return false;
    if (schema->page_size == 0)
        schema->page_size = page_size;
    return true;
}

bool load_description(struct vmwire_schema *schema, json_t *root, struct vmwire_error *error)
{
    return load_form(schema, root, &description_form, error);
}

bool load_made_description(struct vmwire_schema *schema, json_t *root, struct vmwire_error *error)
{
    struct source_form made_form = description_form;
    made_form.made = true; /* by write/description.c */
    return load_form(schema, root, &made_form, error);
}

json_t *parse_configuration(struct vmwire_error *error)
{
    static const uint8_t text[] = {
#include "configuration.bytes.inc"
    };
    json_t *root = parse_json((struct vmwire_bytes){text, sizeof(text)}, error);
    assert((root != NULL || error->kind == VMWIRE_ERROR_MEMORY) &&
           "grammar/configuration.json is not JSON");
    return root;
}

bool load_configuration(struct vmwire_schema *schema, json_t *root, struct vmwire_error *error)
{
    struct source_walk walk;
    walk_begin(&walk, schema, &configuration_form, error);
    struct layout *layout = walk_structure(&walk, root, false);
    bool loaded = layout != NULL && walk_commit(&walk);
    assert(loaded && "grammar/configuration.json is not a description");
    schema->configuration = &layout->structure;
    return loaded;
}
