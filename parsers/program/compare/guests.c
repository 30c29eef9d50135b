/* SPDX-License-Identifier: MIT */
/*
 * Writes the state of a guest's machine under each option.
 */
#include "program/compare/guests.h"

#include <string.h>

#include "program/compare/variants.h"
#include "program/compare/write_and_read.h"
#include "program/shared/exit_status.h"
#include "program/shared/load.h"
#include "program/shared/report_error.h"

bool holds_guests(const json_t *manifest)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)manifest, i, entry)
    {
        if (!json_is_string(json_object_get(entry, "guest")))
            return false;
    }
    return json_array_size(manifest) > 0;
}

/* A guest's stream while it is measured, for an attempt. */
struct guest_attempt {
    struct guest *guest;
    struct loaded_file loaded;
    struct vmwire_arena *arena;
    struct vmwire_error error;
};

static bool measure_outcome(const struct stream_setting *setting, size_t number,
                            const struct vmwire_stream *stream, enum vmwire_outcome *outcome)
{
    struct vmwire_arena_mark mark = vmwire_arena_mark(setting->arena);
    struct variant variant = variant_at(number);
    struct vmwire_bytes bytes;
    struct vmwire_cost cost;
    const struct vmwire_stream *read = NULL;
    if (write_under(setting, variant.writes, stream, &bytes))
        read = read_under(setting, variant.reads, bytes, &cost);
    *outcome = vmwire_outcome_of(stream, read);
    vmwire_arena_reset(setting->arena, mark);
    return read || !is_out_of_memory(setting);
}

static bool measure_within_attempt(void *context)
{
    struct guest_attempt *attempt = context;
    const struct loaded_file *loaded = &attempt->loaded;
    struct vmwire_cost cost;
    struct stream_setting setting = {
        .schema = loaded->schema, .arena = loaded->arena, .error = &attempt->error};
    const struct vmwire_stream *stream =
        read_under(&setting, vmwire_option_find("described"), loaded->stream.bytes, &cost);
    if (!stream)
        return false;
    setting.footers = cost.footers > 0;
    attempt->error = (struct vmwire_error){0};
    for (size_t i = 0; i < count_variants(); i++)
        if (!measure_outcome(&setting, i, stream, &attempt->guest->outcomes[i]))
            return false;
    return true;
}

int measure_guest(struct guest *guest, const char *file, const json_t *entry,
                  const struct arguments *arguments, struct vmwire_arena *arena)
{
    struct arguments with = *arguments;
    struct vmwire_cost cost;
    struct guest_attempt attempt = {.guest = guest, .arena = arena};
    *guest = (struct guest){
        .name = vmwire_arena_string(arena, file, strlen(file)),
        .is_control = json_is_true(json_object_get(entry, "control")),
        .outcomes = vmwire_arena_alloc(arena, count_variants() * sizeof(*guest->outcomes))};
    with.option = vmwire_option_find("described");
    int code = load_stream(&attempt.loaded, file, &with)
                   ? validate_stream(&with, file, &attempt.loaded, &cost)
                   : EXIT_BAD_INPUT;
    if (code == EXIT_CLEAN && !vmwire_arena_attempt(attempt.loaded.arena, measure_within_attempt,
                                                    &attempt, &attempt.error))
        code = report_error(arguments, file, &attempt.error);
    unload(&attempt.loaded);
    return code;
}
