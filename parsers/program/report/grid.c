/* SPDX-License-Identifier: MIT */
/*
 * Makes the grid of readers against witnesses, from the JSON of the witnesses.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/report/witnesses.h"
#include "program/shared/json_line.h"

enum { QEMU_LIMIT = 64, QEMU_NAME = 32 };

/* The releases of QEMU that were asked, by their numbers. */
struct releases {
    struct release {
        unsigned major, minor;
    } list[QEMU_LIMIT];
    size_t count;
};

static bool read_release(const json_t *seen, struct release *release)
{
    const char *version = json_string_value(json_object_get(seen, "version"));
    char *end;
    if (!version || *version < '0' || *version > '9')
        return false;
    release->major = (unsigned)strtoul(version, &end, 10);
    release->minor = *end == '.' ? (unsigned)strtoul(end + 1, NULL, 10) : 0;
    return true;
}

static int compare_releases(const void *a, const void *b)
{
    const struct release *one = a, *other = b;
    unsigned x = one->major != other->major ? one->major : one->minor;
    unsigned y = one->major != other->major ? other->major : other->minor;
    return (x > y) - (x < y);
}

static void add_release(struct releases *releases, struct release release)
{
    for (size_t i = 0; i < releases->count; i++)
        if (compare_releases(&releases->list[i], &release) == 0)
            return;
    if (releases->count < QEMU_LIMIT)
        releases->list[releases->count++] = release;
}

static void find_releases(struct releases *releases, const json_t *witnesses)
{
    size_t i, j;
    json_t *witness, *seen;
    struct release release;
    json_array_foreach((json_t *)witnesses, i, witness)
    {
        json_array_foreach(json_object_get(witness, "seen"), j, seen)
        {
            if (read_release(seen, &release))
                add_release(releases, release);
        }
    }
    qsort(releases->list, releases->count, sizeof(release), compare_releases);
}

/* NULL: memory has run out, also where `options` is NULL. */
static json_t *make_readers(const json_t *options, const struct releases *releases)
{
    char name[QEMU_NAME];
    json_t *list = options ? json_array() : NULL, *option;
    size_t number;
    json_array_foreach((json_t *)options, number, option)
    {
        append_json(&list, json_incref(option));
    }
    for (size_t i = 0; i < releases->count; i++) {
        snprintf(name, sizeof(name), "QEMU %u.%u", releases->list[i].major,
                 releases->list[i].minor);
        append_json(&list, json_string(name));
    }
    return list;
}

/* ---- Cells --------------------------------------------------------------------------------------- */

static bool holds_string(const json_t *list, const char *text)
{
    size_t i;
    json_t *each;
    json_array_foreach((json_t *)list, i, each)
    {
        if (strcmp(json_string_value(each), text) == 0)
            return true;
    }
    return false;
}

static json_t *make_cell(const json_t *outcome, const json_t *message)
{
    json_t *cell = json_object();
    if (!json_is_string(outcome))
        return NULL;
    put_json(&cell, "outcome", json_incref((json_t *)outcome));
    if (json_is_string(message))
        put_json(&cell, "message", json_incref((json_t *)message));
    return cell;
}

/* What the option does; null where it does not read this wire. */
static json_t *make_option_cell(const json_t *witness, const char *option)
{
    size_t i;
    json_t *reading;
    json_array_foreach(json_object_get(witness, "readings"), i, reading)
    {
        if (holds_string(json_object_get(reading, "readers"), option))
            return make_cell(json_object_get(reading, "outcome"),
                             json_object_get(reading, "error"));
    }
    return json_null();
}

/* What the QEMU did; null where it was not asked. */
static json_t *make_release_cell(const json_t *witness, const struct release *wanted)
{
    size_t i;
    json_t *seen;
    struct release release;
    json_array_foreach(json_object_get(witness, "seen"), i, seen)
    {
        if (json_is_string(json_object_get(seen, "verdict")) && read_release(seen, &release) &&
            compare_releases(&release, wanted) == 0)
            return make_cell(json_object_get(seen, "verdict"), json_object_get(seen, "message"));
    }
    return json_null();
}

static json_t *make_row(const json_t *witness, const json_t *options,
                        const struct releases *releases)
{
    json_t *row = json_object(), *cells = json_array();
    size_t i;
    json_t *option;
    put_json(&row, "witness", json_incref(json_object_get(witness, "name")));
    put_json(&row, "owner", json_incref(json_object_get(witness, "owner")));
    json_array_foreach((json_t *)options, i, option)
    {
        append_json(&cells, make_option_cell(witness, json_string_value(option)));
    }
    for (i = 0; i < releases->count; i++)
        append_json(&cells, make_release_cell(witness, &releases->list[i]));
    put_json(&row, "cells", cells);
    return row;
}

/* The options that read any of the witnesses, in the order of the table. */
static json_t *find_options(const json_t *witnesses)
{
    json_t *list = json_array();
    size_t i;
    json_t *witness;
    for (size_t option = 0; option < vmwire_option_count; option++) {
        const char *name = vmwire_options[option].name;
        bool reads = false;
        json_array_foreach((json_t *)witnesses, i, witness)
        {
            json_t *cell = make_option_cell(witness, name);
            reads |= json_is_object(cell);
            if (!cell) { /* memory has run out */
                json_decref(list);
                return NULL;
            }
            json_decref(cell);
        }
        if (reads)
            append_json(&list, json_string(name));
    }
    return list;
}

json_t *make_grid(const json_t *witnesses)
{
    struct releases releases = {.count = 0};
    json_t *grid = json_object(), *rows = json_array(), *options = find_options(witnesses);
    size_t i;
    json_t *witness;
    find_releases(&releases, witnesses);
    json_array_foreach((json_t *)witnesses, i, witness)
    {
        append_json(&rows, make_row(witness, options, &releases));
    }
    put_json(&grid, "readers", make_readers(options, &releases));
    put_json(&grid, "rows", rows);
    json_decref(options);
    return grid;
}
