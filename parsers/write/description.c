/* SPDX-License-Identifier: MIT */
/*
 * Describes records as QEMU does. It must not know how they were read.
 */
#include "vmwire/description.h"

#include <string.h>

#include "model/field_name.h"
#include "vmwire/wire.h"

/* A structure whose fields are being described. */
struct open_structure {
    const struct vmwire_structure *structure;
    json_t *object; /* of the structure, or of the field that has its members */
    json_t *fields, *subsections;
    json_t *entry; /* the field that it is in; NULL: the section itself, or a subsection */
    uint64_t size; /* bytes so far */
    const struct vmwire_field *marked; /* the last field and element that had a marker */
    uint32_t marked_element;
};

struct describing {
    struct open_structure open[VMWIRE_SCHEMA_NESTING_LIMIT + 1];
    unsigned depth;
    size_t entry_count;
    bool out_of_memory;
};

enum {
    SUBSECTION_HEADER = 6, /* bytes beside the name: marker, length byte, be32 version_id */
    ENTRIES_LIMIT =
        1 << 20, /* of a section: they take a thousand times what a byte of the stream does */
};

/* Puts a value into an object, which keeps it. Returns it; NULL where memory runs out: it is released then. */
static json_t *put(struct describing *describing, json_t *object, const char *key, json_t *value)
{
    bool failed = json_object_set_new(object, key, value) != 0;
    describing->out_of_memory |= failed;
    return failed ? NULL : value;
}

static json_t *append(struct describing *describing, json_t *array, json_t *value)
{
    bool failed = json_array_append_new(array, value) != 0;
    describing->out_of_memory |= failed;
    return failed ? NULL : value;
}

static json_t *make_text(const char *text, size_t length)
{
    return json_stringn_nocheck(text, length);
}

static void put_integer(struct describing *describing, json_t *object, const char *key,
                        uint64_t number)
{
    put(describing, object, key, json_integer((json_int_t)number));
}

static struct open_structure *innermost(struct describing *describing)
{
    return &describing->open[describing->depth - 1];
}

static json_t *make_field_name(const struct vmwire_structure *structure,
                               const struct vmwire_field *field)
{
    char name[FIELD_NAME_ROOM];
    size_t length = write_field_name(structure, field, name);
    return make_text(name, length);
}

/* Adds an entry for the field to the list of the innermost structure. */
static json_t *add_entry(struct describing *describing, const struct vmwire_field *field,
                         const char *type)
{
    json_t *entry = json_object();
    describing->entry_count++;
    put(describing, entry, "name", make_field_name(innermost(describing)->structure, field));
    put(describing, entry, "type", json_string(type));
    if (field->unsteady)
        put(describing, entry, "unsteady", json_true());
    return append(describing, innermost(describing)->fields, entry);
}

/* Whether the value stands for a pointer that is null, or says whether one is. An element of one byte is as long: where each
 * element has a marker, that comes first. */
static bool is_marker(struct describing *describing, const struct vmwire_value *value)
{
    const struct vmwire_field *field = value->field;
    const struct vmwire_dependence *dependence = field->dependence;
    struct open_structure *open = innermost(describing);
    if (field->null_pointer)
        return true;
    if (!dependence || value->record || field->class == VMWIRE_FIELD_LIST)
        return false;
    if (dependence->markers) {
        bool behind = open->marked == field && open->marked_element == value->element;
        open->marked = field;
        open->marked_element = value->element;
        return !behind;
    }
    return dependence->pointers && value->data.length == 1 &&
           value->data.data[0] == VMWIRE_VMS_NULLPTR_MARKER;
}

static void put_index(struct describing *describing, json_t *entry,
                      const struct vmwire_value *value)
{
    const struct vmwire_field *field = value->field;
    if (field->index >= 0)
        put_integer(describing, entry, "index", (uint64_t)field->index + value->element);
    else if (field->count > 1 ||
             (field->dependence && (field->dependence->count || field->dependence->elements)))
        put_integer(describing, entry, "index", value->element);
}

static void describe_marker(struct describing *describing, const struct vmwire_value *value)
{
    const struct vmwire_dependence *dependence = value->field->dependence;
    bool each = dependence && dependence->markers;
    json_t *entry = add_entry(describing, value->field, each ? "ptr-marker" : "nullptr");
    put_index(describing, entry, value);
    if (value->data.length >
        1) /* all of them, where the stream's description has them in one entry */
        put_integer(describing, entry, "array_len", value->data.length);
    put_integer(describing, entry, "size", 1);
}

/* An array of plain elements has one entry. */
static void describe_plain(struct describing *describing, const struct vmwire_value *value)
{
    const struct vmwire_field *field = value->field;
    const struct vmwire_dependence *dependence = field->dependence;
    json_t *entry = add_entry(describing, field, field->type);
    uint64_t size = value->data.length, count = 1;
    bool each = dependence && (dependence->pointers || dependence->markers);
    if (each)
        put_index(describing, entry, value);
    else if (field->size > 0 && !(dependence && dependence->size))
        count = size / field->size;
    if (count > 1)
        put_integer(describing, entry, "array_len", count);
    put(describing, entry, "class", json_string(vmwire_field_class_name(field->class)));
    if (field->determines || (dependence && dependence->sets))
        put(describing, entry, "determines", json_true());
    put_integer(describing, entry, "size", count ? size / count : 0);
}

static void describe_value(struct describing *describing, const struct vmwire_value *value)
{
    innermost(describing)->size += value->data.length;
    if (value->field->class == VMWIRE_FIELD_LIST) {
        json_t *fields = innermost(describing)->fields, *entry;
        bool first = value->element == 0;
        entry = first ? add_entry(describing, value->field, value->field->type)
                      : json_array_get(fields, json_array_size(fields) - 1);
        uint64_t size = (uint64_t)json_integer_value(json_object_get(entry, "size"));
        put_integer(describing, entry, "size", size + value->data.length);
    } else if (is_marker(describing, value)) {
        describe_marker(describing, value);
    } else {
        describe_plain(describing, value);
    }
}

/* Opens a structure, the members of which go into `object`. */
static void open_members(struct describing *describing, json_t *object, json_t *entry,
                         const struct vmwire_record *record, uint32_t version_id)
{
    struct open_structure *open = &describing->open[describing->depth++];
    const char *name = record->structure->name;
    *open =
        (struct open_structure){.structure = record->structure, .object = object, .entry = entry};
    if (name) { /* a section of the old style has none, and no version that tells its layout */
        put(describing, object, "vmsd_name", make_text(name, strlen(name)));
        put_integer(describing, object, "version", version_id);
    }
    open->fields = put(describing, object, "fields", json_array());
}

/* A structure in a field. The last element of a list is described in the list's entry. */
static void open_embedded(struct describing *describing, const struct vmwire_value *value)
{
    const struct vmwire_field *field = value->field;
    json_t *fields = innermost(describing)->fields, *entry, *object;
    if (field->class == VMWIRE_FIELD_LIST) {
        entry = object = json_array_get(fields, json_array_size(fields) - 1);
        json_object_del(entry, "subsections");
    } else {
        entry = object = add_entry(describing, field, field->type);
        put_index(describing, entry, value);
    }
    if (strcmp(field->type, "struct") == 0)
        object = put(describing, entry, "struct", json_object());
    const struct vmwire_dependence *dependence = field->dependence;
    open_members(describing, object, entry, value->record,
                 dependence && dependence->versioned ? dependence->version_id
                                                     : value->record->structure->version_id);
}

static void open_subsection(struct describing *describing,
                            const struct vmwire_subsection_value *subsection)
{
    struct open_structure *around = innermost(describing);
    if (!around->subsections)
        around->subsections = put(describing, around->object, "subsections", json_array());
    json_t *object = append(describing, around->subsections, json_object());
    around->size += SUBSECTION_HEADER + strlen(subsection->subsection->name);
    open_members(describing, object, NULL, subsection->record, subsection->version_id & UINT8_MAX);
}

static void close_structure(struct describing *describing)
{
    const struct open_structure *open = innermost(describing);
    describing->depth--;
    if (describing->depth == 0)
        return;
    innermost(describing)->size += open->size;
    if (open->entry) {
        uint64_t before = (uint64_t)json_integer_value(json_object_get(open->entry, "size"));
        put_integer(describing, open->entry, "size", before + open->size);
    }
}

static void describe_record(struct describing *describing, const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    vmwire_record_walk_begin(&walk, record);
    while (!describing->out_of_memory && describing->entry_count <= ENTRIES_LIMIT &&
           (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE) {
        if (step == VMWIRE_RECORD_VALUE)
            describe_value(describing, walk.value);
        else if (step == VMWIRE_RECORD_END)
            close_structure(describing);
        else if (step == VMWIRE_RECORD_BEGIN && walk.subsection)
            open_subsection(describing, walk.subsection);
        else if (step == VMWIRE_RECORD_BEGIN && walk.value)
            open_embedded(describing, walk.value);
    }
}

json_t *vmwire_description_of_section(const struct vmwire_item *section, struct vmwire_error *error)
{
    struct describing describing = {.depth = 0};
    json_t *object = json_object();
    put(&describing, object, "name",
        make_text((const char *)section->idstr.data,
                  strnlen((const char *)section->idstr.data, section->idstr.length)));
    put_integer(&describing, object, "instance_id", section->instance_id);
    open_members(&describing, object, NULL, section->record, section->version_id);
    describe_record(&describing, section->record);
    if (!section->record->structure->name)
        put_integer(&describing, object, "size", describing.open[0].size);
    if (!describing.out_of_memory && describing.entry_count <= ENTRIES_LIMIT)
        return object;
    json_decref(object);
    if (describing.out_of_memory)
        vmwire_error_set_memory(error, 0);
    else
        vmwire_error_set(error, VMWIRE_ERROR_LIMIT, VMWIRE_ERROR_NO_OFFSET,
                         "a section of more than %d fields is not described", ENTRIES_LIMIT);
    return NULL;
}
