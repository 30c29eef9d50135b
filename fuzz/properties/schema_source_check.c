/* SPDX-License-Identifier: MIT */
/* Compares a loaded schema with its JSON; see schema_source_check.h. */
#include "properties/schema_source_check.h"

#include <jansson.h>
#include <stdlib.h>

#include "properties/findings.h"
#include "vmwire/wire.h"

static void require_name(const char *name)
{
    fuzz_require(!name || strlen(name) <= UINT8_MAX, "a name has %zu bytes", strlen(name));
}

static void require_names(const struct vmwire_schema *schema)
{
    for (size_t i = 0; i < schema->device_count; i++)
        require_name(schema->devices[i].idstr);
    for (const struct vmwire_structure *each = schema->structures; each; each = each->next) {
        require_name(each->name);
        for (size_t i = 0; i < each->field_count; i++)
            require_name(each->fields[i].name);
        for (size_t i = 0; i < each->subsection_count; i++)
            require_name(each->subsections[i].name);
    }
}

/* Returns how deep one description or dump nests structures. */
static unsigned depth_of(const struct vmwire_structure *structure)
{
    unsigned deepest = 0;
    for (size_t i = 0; i < structure->field_count; i++) {
        const struct vmwire_field *field = &structure->fields[i];
        unsigned depth = field->structure ? depth_of(field->structure) : 0;
        deepest = depth > deepest ? depth : deepest;
    }
    for (size_t i = 0; i < structure->sent_count; i++) {
        unsigned depth = depth_of(structure->subsections[i].structure);
        deepest = depth > deepest ? depth : deepest;
    }
    return 1 + deepest;
}

static void require_depth(const struct vmwire_device *devices, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fuzz_require(depth_of(devices[i].structure) <= VMWIRE_SCHEMA_NESTING_LIMIT, "%s: too deep",
                     devices[i].idstr);
}

static json_t *input_as_json(const struct test_case *test_case)
{
    json_error_t error;
    json_t *json =
        json_loadb((const char *)test_case->input.data, test_case->input.length, 0, &error);
    fuzz_require(json, "the loaded source is no JSON: %s", error.text);
    return json;
}

/* ---- Descriptions -------------------------------------------------------------------------------- */

/* Returns the bytes of a record in its stream. An embedded structure counts with its declared size, and is checked by
 * itself. */
static uint64_t size_of(const struct vmwire_structure *structure)
{
    uint64_t size = 0;
    for (size_t i = 0; i < structure->field_count; i++)
        size += (uint64_t)structure->fields[i].size * structure->fields[i].count;
    for (size_t i = 0; i < structure->sent_count; i++)
        size += 1 + 1 + strlen(structure->subsections[i].name) + 4 +
                size_of(structure->subsections[i].structure);
    return size;
}

/* Checks entries of one name. The first says how many elements there are, and QEMU means all of them: either
 * each entry is one element, or the entries are runs that add up to that many. */
static void require_array(const struct vmwire_field *entries, size_t count, const json_t *first)
{
    const json_t *length = json_object_get(first, "array_len");
    uint64_t source = length ? (uint64_t)json_integer_value(length) : 1, elements = 0;
    for (size_t i = 0; i < count; i++)
        elements += entries[i].count;
    uint64_t others = elements - entries[0].count;
    fuzz_require(entries[0].null_pointer || elements == count || elements == source ||
                     (entries[0].count == source && others >= source),
                 "%s should have %llu elements, and has %llu", entries[0].name,
                 (unsigned long long)source, (unsigned long long)elements);
}

static void require_arrays(const struct vmwire_structure *structure, const json_t *source)
{
    const json_t *fields = json_object_get(source, "fields");
    const struct vmwire_field *field = structure->fields;
    for (size_t begin = 0, end; begin < structure->field_count; begin = end) {
        const json_t *first = json_array_get(fields, begin);
        for (end = begin + 1; end < structure->field_count; end++)
            if (strcmp(field[end].name, field[begin].name) != 0)
                break;
        require_array(field + begin, end - begin, first);
        if (field[begin].class == VMWIRE_FIELD_RECORD && json_object_get(first, "struct"))
            require_arrays(field[begin].structure, json_object_get(first, "struct"));
    }
}

/* Returns the JSON of a device: the first one of its name and number. */
static const json_t *find_device_source(const json_t *devices, const struct vmwire_device *device)
{
    size_t i;
    json_t *source;
    json_array_foreach(devices, i,
                       source) if (strcmp(json_string_value(json_object_get(source, "name")),
                                          device->idstr) == 0 &&
                                   json_integer_value(json_object_get(source, "instance_id")) ==
                                       (json_int_t)device->instance_id) return source;
    return NULL;
}

void require_matches_description(const struct test_case *test_case)
{
    json_t *json = input_as_json(test_case);
    for (size_t i = 0; i < test_case->schema->device_count; i++) {
        const struct vmwire_device *device = &test_case->schema->devices[i];
        const json_t *source = find_device_source(json_object_get(json, "devices"), device);
        fuzz_require(source, "the source has no device %s", device->idstr);
        require_arrays(device->structure, source);
    }
    json_decref(json);
    require_names(test_case->schema);
    require_depth(test_case->schema->devices, test_case->schema->device_count);
    for (const struct vmwire_structure *each = test_case->schema->structures; each;
         each = each->next)
        for (size_t i = 0; i < each->field_count; i++) {
            const struct vmwire_field *field = &each->fields[i];
            fuzz_require(field->class != VMWIRE_FIELD_RECORD ||
                             field->size == size_of(field->structure),
                         "%s of %s should have %lu bytes, and has %llu", field->name, each->name,
                         (unsigned long)field->size, (unsigned long long)size_of(field->structure));
        }
}

/* ---- Dumps --------------------------------------------------------------------------------------- */

static bool has_number(const json_t *object, const char *key, uint32_t value)
{
    return json_integer_value(json_object_get(object, key)) == (json_int_t)value;
}

/* A type without a minimum version takes the versions of another structure of its name. */
static void require_versions(const struct vmwire_device *type, const json_t *source)
{
    const struct vmwire_structure *structure = type->structure;
    if (!json_object_get(source, "minimum_version_id"))
        return;
    fuzz_require(has_number(source, "version_id", structure->version_id), "%s: version %lu",
                 type->idstr, (unsigned long)structure->version_id);
    fuzz_require(has_number(source, "minimum_version_id", structure->minimum_version_id),
                 "%s: minimum version %lu", type->idstr,
                 (unsigned long)structure->minimum_version_id);
}

static bool is_certain(const json_t *structure)
{
    size_t i;
    json_t *field;
    json_array_foreach(
        json_object_get(structure, "Fields"), i,
        field) if (json_is_true(json_object_get(field, "field_exists"))) return false;
    return true;
}

/* Whether the JSON has a structure of that name without conditional fields. */
static bool has_certain(const json_t *json, const char *name)
{
    size_t i;
    const char *key;
    json_t *inner;
    const char *own = json_string_value(json_object_get(json, "name"));
    if (own && strcmp(own, name) == 0 && is_certain(json))
        return true;
    if (json_is_object(json)) {
        json_object_foreach((json_t *)(uintptr_t)json, key,
                            inner) if (has_certain(inner, name)) return true;
        return false;
    }
    json_array_foreach(json, i, inner) if (has_certain(inner, name)) return true;
    return false;
}

/* Returns the subsection with the assumed layout number `place`. NULL: there are fewer, and `place` is reduced
 * by their number. */
static const struct vmwire_subsection *assumed_at(const struct vmwire_schema *schema,
                                                  uint64_t *place)
{
    for (const struct vmwire_structure *each = schema->structures; each; each = each->next)
        for (size_t i = 0; i < each->subsection_count; i++)
            if (each->subsections[i].source == VMWIRE_LAYOUT_ASSUMED && !(*place)--)
                return &each->subsections[i];
    return NULL;
}

/* Returns one subsection with an assumed layout: checking all of them takes too long. */
static const struct vmwire_subsection *some_assumed(const struct vmwire_schema *schema,
                                                    uint64_t choice)
{
    uint64_t beyond = UINT64_MAX;
    assumed_at(schema, &beyond);
    uint64_t count = UINT64_MAX - beyond;
    uint64_t place = count ? choice % count : 0;
    return assumed_at(schema, &place);
}

void require_matches_dump(const struct test_case *test_case)
{
    const struct vmwire_schema *schema = test_case->schema;
    json_t *json = input_as_json(test_case);
    require_names(schema);
    require_depth(schema->types, schema->type_count);
    for (size_t i = 0; i < schema->type_count; i++)
        require_versions(
            &schema->types[i],
            json_object_get(json_object_get(json, schema->types[i].idstr), "Description"));
    const struct vmwire_subsection *assumed =
        some_assumed(schema, vmwire_fingerprint(test_case->input));
    fuzz_require(!assumed || has_certain(json, assumed->name),
                 "the layout of %s is assumed, although its fields depend on conditions",
                 assumed->name);
    json_decref(json);
}

/* ---- Streams ------------------------------------------------------------------------------------- */

static void require_found_in_tail(struct vmwire_bytes json, size_t length)
{
    enum { HEAD = 1 + 1 + 4 };
    struct vmwire_error error = {0};
    struct vmwire_bytes found;
    /* A sanitizer sees a read beyond memory of exactly this length. */
    uint8_t *stream = malloc(HEAD + length);
    fuzz_require(stream, "out of memory");
    stream[0] = VMWIRE_QEMU_VM_EOF;
    stream[1] = VMWIRE_QEMU_VM_VMDESCRIPTION;
    for (unsigned i = 0; i < 4; i++)
        stream[2 + i] = (uint8_t)(json.length >> 8 * (3 - i));
    memcpy(stream + HEAD, json.data, length);
    bool located =
        vmwire_description_locate((struct vmwire_bytes){stream, HEAD + length}, &found, &error);
    fuzz_require(located || error.offset <= HEAD + length, "%s", error.message);
    if (length == json.length && length && json.data[0] == '{')
        fuzz_require(located && found.length, "the description was not found: %s", error.message);
    free(stream);
}

void require_description_found(struct vmwire_bytes json)
{
    enum { LONGEST_BEGIN = 24 };
    require_found_in_tail(json, json.length);
    for (size_t length = 0; length < json.length && length < LONGEST_BEGIN; length++)
        require_found_in_tail(json, length);
}
