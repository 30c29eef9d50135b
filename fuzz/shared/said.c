/* What a source says; see said.h. */
#include "said.h"

#include <jansson.h>
#include <stdlib.h>

#include "findings.h"
#include "wire.h"

static void require_name(const char *name)
{
    fuzz_require(!name || strlen(name) <= UINT8_MAX, "a name of %zu bytes", strlen(name));
}

static void require_names(const struct schema *schema)
{
    for (size_t i = 0; i < schema->device_count; i++)
        require_name(schema->devices[i].idstr);
    for (const struct structure *each = schema->structures; each; each = each->next) {
        require_name(each->name);
        for (size_t i = 0; i < each->field_count; i++)
            require_name(each->fields[i].name);
        for (size_t i = 0; i < each->subsection_count; i++)
            require_name(each->subsections[i].name);
    }
}

/* ---- Descriptions -------------------------------------------------------------------------------- */

/* Bytes of a record as its stream had it: what is embedded has the size that is said of it, and is looked at
 * by itself. */
static uint64_t size_of(const struct structure *structure)
{
    uint64_t size = 0;
    for (size_t i = 0; i < structure->field_count; i++)
        size += (uint64_t)structure->fields[i].size * structure->fields[i].count;
    for (size_t i = 0; i < structure->sent_count; i++)
        size += 1 + 1 + strlen(structure->subsections[i].name) + 4 +
                size_of(structure->subsections[i].structure);
    return size;
}

void require_described(const struct subject *subject)
{
    require_names(subject->schema);
    for (const struct structure *each = subject->schema->structures; each; each = each->next)
        for (size_t i = 0; i < each->field_count; i++) {
            const struct field *field = &each->fields[i];
            fuzz_require(field->class != FIELD_RECORD || field->size == size_of(field->structure),
                         "%s of %s is said to have %lu bytes, and has %llu", field->name,
                         each->name, (unsigned long)field->size,
                         (unsigned long long)size_of(field->structure));
        }
}

/* ---- Dumps --------------------------------------------------------------------------------------- */

static bool says(const json_t *object, const char *key, uint32_t value)
{
    return json_integer_value(json_object_get(object, key)) == (json_int_t)value;
}

static void require_versions(const struct device *type, const json_t *said)
{
    const struct structure *structure = type->structure;
    const json_t *minimum = json_object_get(said, "minimum_version_id");
    fuzz_require(says(said, "version_id", structure->version_id), "%s: version %lu", type->idstr,
                 (unsigned long)structure->version_id);
    fuzz_require(
        says(said, minimum ? "minimum_version_id" : "version_id", structure->minimum_version_id),
        "%s: minimum version %lu", type->idstr, (unsigned long)structure->minimum_version_id);
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

/* Whether a structure of that name anywhere in it has nothing but what is always there. */
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

/* Any one of those that are assumed: there may be many. */
static const struct subsection *some_assumed(const struct schema *schema, uint64_t choice)
{
    const struct subsection *chosen = NULL;
    size_t count = 0;
    for (const struct structure *each = schema->structures; each; each = each->next)
        for (size_t i = 0; i < each->subsection_count; i++)
            if (each->subsections[i].source == LAYOUT_ASSUMED && !(choice % ++count))
                chosen = &each->subsections[i];
    return chosen;
}

void require_declared(const struct subject *subject)
{
    const struct schema *schema = subject->schema;
    json_error_t error;
    json_t *json = json_loadb((const char *)subject->input.data, subject->input.length, 0, &error);
    require_names(schema);
    for (size_t i = 0; i < schema->type_count; i++)
        require_versions(
            &schema->types[i],
            json_object_get(json_object_get(json, schema->types[i].idstr), "Description"));
    const struct subsection *assumed = some_assumed(schema, fingerprint(subject->input));
    fuzz_require(!assumed || has_certain(json, assumed->name),
                 "the layout of %s is assumed, and may have other fields", assumed->name);
    json_decref(json);
}

/* ---- Streams ------------------------------------------------------------------------------------- */

static void require_tail_located(struct bytes json, size_t length)
{
    enum { HEAD = 1 + 1 + 4 };
    struct error error = {0};
    struct bytes found;
    /* Memory of its own: what is read behind it is seen. */
    uint8_t *stream = malloc(HEAD + length);
    fuzz_require(stream, "out of memory");
    stream[0] = QEMU_VM_EOF;
    stream[1] = QEMU_VM_VMDESCRIPTION;
    for (unsigned i = 0; i < 4; i++)
        stream[2 + i] = (uint8_t)(json.length >> 8 * (3 - i));
    memcpy(stream + HEAD, json.data, length);
    bool located = description_locate((struct bytes){stream, HEAD + length}, &found, &error);
    fuzz_require(located || error.offset <= HEAD + length, "%s", error.message);
    if (length == json.length && length && json.data[0] == '{')
        fuzz_require(located && found.length, "a description: %s", error.message);
    free(stream);
}

void require_located(struct bytes json)
{
    enum { LONGEST_BEGIN = 24 };
    require_tail_located(json, json.length);
    for (size_t length = 0; length < json.length && length < LONGEST_BEGIN; length++)
        require_tail_located(json, length);
}
