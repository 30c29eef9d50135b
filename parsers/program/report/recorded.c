/* SPDX-License-Identifier: MIT */
/*
 * Makes flat rows of the records, for a table.
 */
#include "program/report/recorded.h"

#include <stdio.h>
#include <string.h>

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

json_t *load_record(const char *folder, const char *name, struct vmwire_arena *arena,
                    struct vmwire_error *error)
{
    json_error_t fault;
    json_t *record = json_load_file(join_path(arena, folder, name), JSON_REJECT_DUPLICATES, &fault);
    if (json_is_array(record))
        return record;
    vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET, "%s: expected a list: %s",
                     name, record ? "found something else" : fault.text);
    json_decref(record);
    return NULL;
}

/* ---- Guests ------------------------------------------------------------------------------------------- */

/* The row of the guest, the last one if it is there: the record is sorted by guest. */
static json_t *row_of_guest(json_t **rows, const json_t *seen)
{
    const char *guest = json_string_value(json_object_get(seen, "guest"));
    json_t *last = json_array_get(*rows, json_array_size(*rows) - 1);
    const char *known = json_string_value(json_object_get(last, "guest"));
    if (known && guest && strcmp(known, guest) == 0)
        return last;
    const json_t *signature = json_object_get(seen, "signature");
    json_t *row = json_object();
    put_json_string(&row, "kind", "guest");
    put_json_string(&row, "guest", guest);
    put_json_string(&row, "structure", json_string_value(json_object_get(signature, "owner")));
    put_json_string(&row, "outcome", json_string_value(json_object_get(signature, "outcome")));
    put_json_string(&row, "runs as",
                    json_integer_value(json_object_get(seen, "ring")) ? "unprivileged process"
                                                                      : "boot sector");
    append_json(rows, row);
    return row;
}

static bool is_as_decided(const json_t *seen)
{
    const json_t *decided = json_object_get(seen, "decided");
    const bool refuses = decided && strcmp(json_string_value(decided), "reject") == 0;
    const char *verdict = json_string_value(json_object_get(seen, "verdict"));
    const char *control =
        json_string_value(json_object_get(json_object_get(seen, "control"), "verdict"));
    return verdict && control && strcmp(control, "accept") == 0 &&
           (strcmp(verdict, "reject") == 0) == refuses;
}

/* "12 of 12": how many migrations into that QEMU, each beside its control, ended as decided. */
static void count_migration(json_t **row, const json_t *seen)
{
    char key[64], text[64];
    unsigned as_decided = 0, all = 0;
    const char *version = json_string_value(json_object_get(seen, "destination"));
    snprintf(key, sizeof(key), "into QEMU %s", version ? version : "?");
    const char *known = json_string_value(json_object_get(*row, key));
    if (known && sscanf(known, "%u of %u", &as_decided, &all) != 2)
        return;
    snprintf(text, sizeof(text), "%u of %u", as_decided + is_as_decided(seen), all + 1);
    put_json_string(row, key, text);
}

json_t *make_guest_rows(const json_t *seen)
{
    json_t *rows = json_array();
    size_t i;
    json_t *each;
    json_array_foreach((json_t *)seen, i, each)
    {
        json_t *row = row_of_guest(&rows, each);
        if (row)
            count_migration(&row, each);
    }
    return rows;
}

/* ---- Old programs ------------------------------------------------------------------------------------- */

/* Joins what a program did to what it did before in the same claim: "accept", "accept, reject". */
static void put_verdict(json_t **row, const json_t *seen)
{
    char key[64], text[256];
    const char *version = json_string_value(json_object_get(seen, "version"));
    const char *verdict = json_string_value(json_object_get(seen, "verdict"));
    snprintf(key, sizeof(key), "QEMU %s", version ? version : "?");
    const char *before = json_string_value(json_object_get(*row, key));
    snprintf(text, sizeof(text), "%s%s%s", before ? before : "", before ? ", " : "",
             verdict ? verdict : "?");
    put_json_string(row, key, text);
}

json_t *make_era_rows(const json_t *claims)
{
    json_t *rows = json_array();
    size_t i, j;
    json_t *claim, *seen;
    json_array_foreach((json_t *)claims, i, claim)
    {
        json_t *row = json_object();
        put_json_string(&row, "kind", "era");
        put_json_string(&row, "tried", json_string_value(json_object_get(claim, "claim")));
        put_json_string(&row, "about", json_string_value(json_object_get(claim, "about")));
        json_array_foreach(json_object_get(claim, "seen"), j, seen)
        {
            put_verdict(&row, seen);
        }
        append_json(&rows, row);
    }
    return rows;
}
