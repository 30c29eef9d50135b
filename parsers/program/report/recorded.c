/* SPDX-License-Identifier: MIT */
/*
 * Loads the records, and gives each object its kind.
 */
#include "program/report/recorded.h"

#include <string.h>

#include "program/shared/confined_file.h"
#include "program/shared/json_line.h"
#include "program/shared/manifest.h"
#include "vmwire/json.h"

bool holds_eras(const json_t *manifest)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)manifest, i, entry)
    {
        if (!json_is_string(json_object_get(entry, "reader")))
            return false;
    }
    return json_array_size(manifest) > 0;
}

static bool holds_objects(const json_t *list)
{
    size_t i;
    json_t *each;
    json_array_foreach((json_t *)list, i, each)
    {
        if (!json_is_object(each))
            return false;
    }
    return json_is_array(list);
}

json_t *load_record(const struct arguments *arguments, const char *folder, const char *name,
                    struct vmwire_arena *arena, struct vmwire_error *error)
{
    struct vmwire_input input = {0};
    const struct place place = {arguments->trust ? NULL : folder, NULL};
    if (!open_confined_input(&input, &place, join_path(arena, folder, name), error))
        return NULL;
    json_t *record = vmwire_json_parse(input.bytes, JSON_REJECT_DUPLICATES, error);
    vmwire_input_close(&input);
    if (!record || holds_objects(record))
        return record;
    vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, VMWIRE_ERROR_NO_OFFSET,
                     "expected a list of objects, found something else");
    json_decref(record);
    return NULL;
}

json_t *name_kind(const json_t *record, const char *kind)
{
    json_t *list = json_array(), *each, *value;
    const char *key;
    size_t i;
    json_array_foreach((json_t *)record, i, each)
    {
        json_t *named = json_object();
        put_json_string(&named, "kind", kind);
        /* json_object_update() does not say when memory runs out. */
        json_object_foreach(each, key, value)
        {
            if (strcmp(key, "kind") != 0)
                put_json(&named, key, json_incref(value));
        }
        append_json(&list, named);
    }
    return list;
}
