/* SPDX-License-Identifier: MIT */
/*
 * Loads the records, and gives each object its kind.
 */
#include "program/report/recorded.h"

#include "program/shared/confined_file.h"
#include "program/shared/json_line.h"
#include "program/shared/manifest.h"

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

json_t *load_record(const char *folder, const char *name, struct vmwire_arena *arena,
                    struct vmwire_error *error)
{
    json_error_t fault;
    json_t *record = json_load_file(join_path(arena, folder, name), JSON_REJECT_DUPLICATES, &fault);
    if (holds_objects(record))
        return record;
    vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                     "%s: expected a list of objects: %s", name,
                     record ? "found something else" : fault.text);
    json_decref(record);
    return NULL;
}

json_t *name_kind(const json_t *record, const char *kind)
{
    json_t *list = json_array();
    size_t i;
    json_t *each;
    json_array_foreach((json_t *)record, i, each)
    {
        json_t *named = json_object();
        put_json_string(&named, "kind", kind);
        if (named && json_object_update_missing(named, each) != 0) {
            json_decref(named);
            named = NULL;
        }
        append_json(&list, named);
    }
    return list;
}
