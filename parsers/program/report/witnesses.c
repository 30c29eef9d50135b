/* SPDX-License-Identifier: MIT */
/*
 * Goes through the entries of a manifest of witnesses. Entries about one tail of one stream are one witness: it misleads several
 * readers.
 */
#include "program/report/witnesses.h"

#include <string.h>

#include "program/replay/manifest_entry.h"
#include "program/replay/replay_stream.h"
#include "program/report/readings.h"
#include "program/report/witness_json.h"
#include "program/shared/exit_status.h"
#include "program/shared/json_line.h"
#include "program/shared/manifest.h"
#include "program/shared/progress.h"
#include "program/shared/report_error.h"

bool holds_witnesses(const json_t *manifest)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)manifest, i, entry)
    {
        if (!json_object_get(entry, "original") || !json_object_get(entry, "expected"))
            return false;
    }
    return json_array_size(manifest) > 0;
}

/* ---- Entries of one stream ----------------------------------------------------------------------- */

/* The entries of a manifest that are not taken yet. */
struct entries {
    const json_t *manifest;
    bool *taken;
    const json_t **alike; /* those of one witness */
    size_t alike_count;
};

static bool is_same_member(const json_t *a, const json_t *b, const char *key)
{
    return json_equal(json_object_get(a, key), json_object_get(b, key));
}

/* The stream is called after the entry. */
static bool gives_name(const json_t *entry)
{
    const char *name = json_string_value(json_object_get(entry, "name"));
    const char *file = json_string_value(json_object_get(entry, "file"));
    const size_t length = name ? strlen(name) : 0;
    return length && strncmp(file, name, length) == 0 && file[length] == '.';
}

/* The one that gives the stream its name goes first. */
static void put_name_first(struct entries *entries)
{
    for (size_t i = 1; i < entries->alike_count; i++)
        if (gives_name(entries->alike[i])) {
            const json_t *first = entries->alike[0];
            entries->alike[0] = entries->alike[i];
            entries->alike[i] = first;
            return;
        }
}

static void take_alike(struct entries *entries, size_t first)
{
    const json_t *entry = json_array_get(entries->manifest, first);
    entries->alike_count = 0;
    for (size_t i = first; i < json_array_size(entries->manifest); i++) {
        const json_t *other = json_array_get(entries->manifest, i);
        if (entries->taken[i] || !is_same_member(entry, other, "file") ||
            !is_same_member(entry, other, "original") || !is_same_member(entry, other, "schemas") ||
            !is_same_member(entry, other, "offset"))
            continue;
        entries->taken[i] = true;
        entries->alike[entries->alike_count++] = other;
    }
    put_name_first(entries);
}

/* ---- One witness --------------------------------------------------------------------------------- */

/* A witness while it is read, for an attempt. */
struct witness_attempt {
    const struct arguments *arguments;
    const struct replay_entry *entry;
    struct vmwire_arena *arena;
    struct replay_stream stream;
    struct witness_readings readings;
    struct vmwire_error error;
    bool opened;
};

static bool read_within_attempt(void *context)
{
    struct witness_attempt *attempt = context;
    const json_t *offset = json_object_get(attempt->entry->json, "offset");
    const json_int_t tail = json_is_integer(offset) ? json_integer_value(offset) : -1;
    attempt->stream.loaded.arena = vmwire_arena_create_within(attempt->arena);
    attempt->opened = open_replay_stream(&attempt->stream, attempt->entry, attempt->arguments);
    return attempt->opened && read_witness(&attempt->readings, &attempt->stream,
                                           tail < 0 ? UINT64_MAX : (uint64_t)tail, &attempt->error);
}

static int add_witness(json_t **list, const struct replay_entry *entry,
                       const struct entries *entries, const struct arguments *arguments,
                       struct vmwire_arena *arena)
{
    struct witness_attempt attempt = {.arguments = arguments, .entry = entry, .arena = arena};
    int code = EXIT_CLEAN;
    show_progress(json_array_size(*list), "read", entry->name);
    if (vmwire_arena_attempt(arena, read_within_attempt, &attempt, &attempt.error))
        append_json(list, make_witness_json(entries->alike, entries->alike_count, &attempt.readings,
                                            attempt.stream.bytes));
    else /* open_replay_stream() has reported its own */
        code = attempt.error.kind == VMWIRE_ERROR_NONE
                   ? EXIT_BAD_INPUT
                   : report_error(arguments, entry->file, &attempt.error);
    close_replay_stream(&attempt.stream);
    return code;
}

int add_witnesses(json_t **list, const char *folder, const json_t *manifest,
                  const struct arguments *arguments, struct vmwire_arena *arena)
{
    const size_t count = json_array_size(manifest);
    const char *file = join_path(arena, folder, "manifest.json");
    struct replay_entry *checked = vmwire_arena_alloc(arena, count * sizeof(*checked));
    struct entries entries = {.manifest = manifest,
                              .taken = vmwire_arena_alloc(arena, count * sizeof(bool)),
                              .alike = vmwire_arena_alloc(arena, count * sizeof(json_t *))};
    int code = EXIT_CLEAN;
    for (size_t i = 0; i < count; i++) {
        checked[i] = (struct replay_entry){.folder = folder, .json = json_array_get(manifest, i)};
        if (!check_entry(&checked[i], file, i, arguments, arena))
            return EXIT_BAD_INPUT;
    }
    for (size_t i = 0; i < count && code == EXIT_CLEAN; i++) {
        if (entries.taken[i])
            continue;
        take_alike(&entries, i);
        code = add_witness(list, &checked[i], &entries, arguments, arena);
    }
    return code;
}
