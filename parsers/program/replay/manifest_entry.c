/* SPDX-License-Identifier: MIT */
/*
 * Checks an entry of a replay's manifest.
 */
#include "program/replay/manifest_entry.h"

#include <gcrypt.h>
#include <stdio.h>
#include <string.h>

#include "program/replay/allowed_options.h"
#include "program/shared/confined_file.h"
#include "program/shared/manifest.h"
#include "program/shared/report_error.h"

static bool find_outcome(const char *name, enum vmwire_outcome *outcome)
{
    for (int i = VMWIRE_OUTCOME_EXACT; name && i <= VMWIRE_OUTCOME_CORRUPT; i++)
        if (strcmp(vmwire_outcome_name((enum vmwire_outcome)i), name) == 0) {
            *outcome = (enum vmwire_outcome)i;
            return true;
        }
    return false;
}

bool find_expected(const struct replay_entry *entry, const struct vmwire_option *option,
                   enum vmwire_outcome *expected)
{
    const json_t *outcomes = json_object_get(entry->json, "expected");
    return find_outcome(json_string_value(json_object_get(outcomes, option->name)), expected);
}

/* Returns true if each key is an option and each value an outcome. */
static bool are_expectations(const json_t *expected)
{
    const char *option;
    json_t *outcome;
    enum vmwire_outcome ignored;
    json_object_foreach((json_t *)expected, option, outcome)
    {
        if (!vmwire_option_find(option) || !find_outcome(json_string_value(outcome), &ignored))
            return false;
    }
    return true;
}

/* Fills in the names that stand in the entry. Needs "file". */
static void set_names(struct replay_entry *entry, struct vmwire_arena *arena)
{
    const json_t *json = entry->json;
    const char *file = json_string_value(json_object_get(json, "file"));
    const char *original = json_string_value(json_object_get(json, "original"));
    const char *option = json_string_value(json_object_get(json, "option"));
    const char *name = json_string_value(json_object_get(json, "name"));
    entry->file = join_path(arena, entry->folder, file);
    entry->original = original ? join_path(arena, entry->folder, original) : NULL;
    entry->writer = vmwire_option_find(option ? option : "heuristic");
    entry->name = vmwire_arena_string(arena, name ? name : file, strlen(name ? name : file));
}

/* Returns what is wrong with the values of the members, NULL if nothing is. */
static const char *find_fault(const struct replay_entry *entry, const struct arguments *arguments)
{
    const json_t *json = entry->json;
    if (!entry->writer)
        return "\"option\" is no protocol option";
    if (!are_expectations(json_object_get(json, "expected")))
        return "\"expected\" names no option, or no outcome for it";
    if (arguments->qemu && !json_array_size(json_object_get(json, "command")))
        return "expected the \"command\" of a QEMU, a list of strings";
    return NULL;
}

static bool has_digest(struct vmwire_bytes bytes, const char *expected)
{
    unsigned char digest[32];
    char text[2 * sizeof(digest) + 1];
    gcry_md_hash_buffer(GCRY_MD_SHA256, digest, bytes.data, bytes.length);
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return strcmp(text, expected) == 0;
}

/* Checks the size and the SHA-256 of the file, where the manifest has them. */
static bool check_content(const struct replay_entry *entry, struct vmwire_bytes bytes,
                          struct vmwire_error *error)
{
    const json_t *size = json_object_get(entry->json, "size");
    const char *digest = json_string_value(json_object_get(entry->json, "sha256"));
    if (size && json_integer_value(size) != (json_int_t)bytes.length)
        return vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, VMWIRE_ERROR_NO_OFFSET,
                                "%zu bytes long, but the manifest says %lld", bytes.length,
                                (long long)json_integer_value(size));
    if (digest && !has_digest(bytes, digest))
        return vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, VMWIRE_ERROR_NO_OFFSET,
                                "its sha256 is not the one in the manifest");
    return true;
}

/* Checks that no harm is done by what a QEMU is started with. */
static bool is_harmless(const struct replay_entry *entry, const struct arguments *arguments,
                        char *problem, size_t size)
{
    const json_t *json = entry->json;
    return !arguments->qemu || arguments->trust ||
           (are_options_allowed(json_object_get(json, "command"), problem, size) &&
            are_capabilities_allowed(json_object_get(json, "capabilities"), problem, size));
}

/* Checks all but the content of the file. */
static bool check_values(struct replay_entry *entry, size_t number,
                         const struct arguments *arguments, struct vmwire_arena *arena,
                         struct vmwire_error *error)
{
    char problem[400];
    if (!check_manifest_entry(&entry->with, arguments, entry->folder, entry->json, number, arena,
                              error))
        return false;
    set_names(entry, arena);
    const char *fault = find_fault(entry, arguments);
    if (!fault && !is_harmless(entry, arguments, problem, sizeof(problem)))
        fault = problem;
    return !fault || vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, VMWIRE_ERROR_NO_OFFSET,
                                      "entry %zu: %s", number, fault);
}

bool check_entry(struct replay_entry *entry, const char *manifest, size_t number,
                 const struct arguments *arguments, struct vmwire_arena *arena)
{
    struct vmwire_error error = {0};
    struct vmwire_input input = {0};
    if (!check_values(entry, number, arguments, arena, &error)) {
        report_error(arguments, manifest, &error);
        return false;
    }
    const struct place place = {entry->with.folder, NULL};
    bool good = open_confined_input(&input, &place, entry->file, &error) &&
                check_content(entry, input.bytes, &error);
    vmwire_input_close(&input);
    if (!good)
        report_error(arguments, entry->file, &error);
    return good;
}
