/* SPDX-License-Identifier: MIT */
/*
 * Writes the state of a guest's machine under each option.
 */
#include "program/compare/guests.h"

#include <string.h>

#include "program/compare/older_schema.h"
#include "program/compare/shell_word.h"
#include "program/compare/variants.h"
#include "program/compare/write_and_read.h"
#include "program/shared/exit_status.h"
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

/* The control of a guest; NULL: it has none. */
static const struct guest *find_control(const struct guest *guests, size_t count,
                                        const struct guest *guest)
{
    for (size_t i = 0; i < count; i++)
        if (guests[i].is_control && strcmp(guests[i].of, guest->of) == 0)
            return &guests[i];
    return NULL;
}

struct guest_count count_guests(const struct guest *guests, size_t count, size_t variant)
{
    struct guest_count sum = {0};
    for (size_t i = 0; i < count; i++) {
        if (guests[i].is_control)
            continue;
        const struct guest *control = find_control(guests, count, &guests[i]);
        if (!control || control->outcomes[variant] != VMWIRE_OUTCOME_EXACT) {
            sum.not_asked++;
            continue;
        }
        sum.all++;
        sum.refused += guests[i].outcomes[variant] == VMWIRE_OUTCOME_REJECT;
        sum.silent += guests[i].outcomes[variant] > VMWIRE_OUTCOME_REJECT;
    }
    return sum;
}

/* A guest's stream while it is measured, for an attempt. */
struct guest_attempt {
    struct guest *guest;
    const struct replay_entry *entry;
    const struct arguments *arguments;
    struct replay_stream stream;
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

static bool has_footers(const struct vmwire_stream *stream)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->footer)
            return true;
    return false;
}

static bool measure_within_attempt(void *context)
{
    struct guest_attempt *attempt = context;
    attempt->stream.loaded.arena = vmwire_arena_create_within(attempt->arena);
    if (!open_replay_stream(&attempt->stream, attempt->entry, attempt->arguments))
        return false;
    const struct vmwire_stream *meant = attempt->stream.meant;
    const struct stream_setting setting = {.schema = attempt->stream.loaded.schema,
                                           .footers = has_footers(meant),
                                           .arena = attempt->stream.loaded.arena,
                                           .error = &attempt->error};
    forget_existing(setting.schema);
    for (size_t i = 0; i < count_variants(); i++)
        if (!measure_outcome(&setting, i, meant, &attempt->guest->outcomes[i]))
            return false;
    attempt->error = (struct vmwire_error){0};
    return true;
}

int measure_guest(struct guest *guest, const struct replay_entry *entry,
                  const struct arguments *arguments, struct vmwire_arena *arena)
{
    struct guest_attempt attempt = {
        .guest = guest, .entry = entry, .arguments = arguments, .arena = arena};
    int code = EXIT_CLEAN;
    *guest = (struct guest){
        .name = json_string_value(json_object_get(entry->json, "name")),
        .of = json_string_value(json_object_get(entry->json, "guest")),
        .folder =
            quote_word(arena, vmwire_arena_string(arena, entry->folder, strlen(entry->folder))),
        .is_control = json_is_true(json_object_get(entry->json, "control")),
        .outcomes = vmwire_arena_alloc(arena, count_variants() * sizeof(*guest->outcomes))};
    guest->name = vmwire_arena_string(arena, guest->name, strlen(guest->name));
    guest->of = vmwire_arena_string(arena, guest->of, strlen(guest->of));
    /* open_replay_stream() has reported its own. */
    if (!vmwire_arena_attempt(arena, measure_within_attempt, &attempt, &attempt.error))
        code = attempt.error.kind == VMWIRE_ERROR_NONE
                   ? EXIT_BAD_INPUT
                   : report_error(arguments, entry->file, &attempt.error);
    close_replay_stream(&attempt.stream);
    return code;
}
