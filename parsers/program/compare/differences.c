/* SPDX-License-Identifier: MIT */
/*
 * Makes a stream of the section alone, and has the engine compare the two releases at the first place where they differ.
 */
#include "program/compare/differences.h"

#include <string.h>

static bool is_seen(const struct seen_names *seen, const char *name)
{
    for (size_t i = 0; i < seen->count; i++)
        if (strcmp(seen->names[i], name) == 0)
            return true;
    return false;
}

struct new_structures list_new_structures(const struct vmwire_item *section,
                                          struct seen_names *seen, struct vmwire_arena *keeps)
{
    struct vmwire_record_walk walk;
    size_t before = seen->count;
    vmwire_record_walk_begin(&walk, section->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step != VMWIRE_RECORD_BEGIN || !walk.record->structure->name ||
            is_seen(seen, walk.record->structure->name))
            continue;
        const char *name = walk.record->structure->name;
        seen->names =
            vmwire_arena_grow(keeps, seen->names, seen->count, &seen->room, sizeof(*seen->names));
        seen->names[seen->count++] = vmwire_arena_string(keeps, name, strlen(name));
    }
    return (struct new_structures){section, seen->names + before, seen->count - before};
}

/* The device of the schema that the section was read with. */
static const struct vmwire_device *device_of(const struct stream_setting *setting,
                                             const struct vmwire_item *section)
{
    return vmwire_schema_device(setting->schema,
                                vmwire_arena_string(setting->arena,
                                                    (const char *)section->idstr.data,
                                                    section->idstr.length),
                                section->instance_id);
}

/* Behind the section the slice has nothing. A reader that goes on there, in the next section, may find what it looks for: unless a
 * footer, a length or a tag stops it, that it refuses the slice says nothing of the stream. */
static bool stops_at_end(const struct stream_setting *setting, const struct vmwire_option *option)
{
    return setting->footers || option->framed || option->encoding == VMWIRE_ENCODING_DER;
}

static void count_decision(struct difference_sum *sum, const struct vmwire_decision *decision,
                           bool stops)
{
    bool silent = false, refused = false, undecided = false;
    for (size_t i = 0; i < decision->tail_count; i++) {
        const struct vmwire_tail_verdict *verdict = &decision->tails[i];
        if (!verdict->differs)
            continue;
        silent |= verdict->findings[VMWIRE_OUTCOME_TRUNCATED] ||
                  verdict->findings[VMWIRE_OUTCOME_CORRUPT];
        refused |= verdict->findings[VMWIRE_OUTCOME_REJECT] != NULL;
        undecided |= verdict->reason || (!stops && verdict->findings[VMWIRE_OUTCOME_REJECT]);
    }
    *(silent      ? &sum->silent
      : undecided ? &sum->undecided
      : refused   ? &sum->refused
                  : &sum->harmless) += 1;
}

/* A stream of the section and the end. */
static struct vmwire_stream make_slice(const struct vmwire_item *section,
                                       struct vmwire_arena *arena)
{
    static const struct vmwire_item end = {.kind = VMWIRE_ITEM_EOF};
    struct vmwire_stream slice = {vmwire_arena_alloc(arena, 2 * sizeof(*slice.items)), 2};
    slice.items[0] = section;
    slice.items[1] = &end;
    return slice;
}

bool decide_differences(struct difference_sum *sums, const struct stream_setting *setting,
                        const struct vmwire_option *option, const struct new_structures *structures)
{
    const struct vmwire_stream slice = make_slice(structures->section, setting->arena);
    const struct vmwire_device *device = device_of(setting, structures->section);
    /* No tail stands there: only the first place where the releases differ is decided. */
    static const uint64_t nowhere = UINT64_MAX;
    struct vmwire_question question = {.option = option, .skewed = true, .only_at = &nowhere};
    struct vmwire_decision decision;
    if (!device || !write_under(setting, option, &slice, &question.bytes) ||
        !(question.stream = lay_stream(setting, option, &slice, &question.bytes)))
        return !is_out_of_memory(setting);
    question.reader.option = option;
    for (size_t i = 0; i < structures->count; i++)
        for (int j = 0; j < RELEASE_DIFFERENCES; j++) {
            struct vmwire_arena_mark mark = vmwire_arena_mark(setting->arena);
            question.reader.schema =
                make_other_release(setting->schema, device, structures->names[i],
                                   (enum release_difference)j, setting->arena);
            if (question.reader.schema &&
                !vmwire_decide(&question, setting->arena, &decision, setting->error))
                return false;
            if (question.reader.schema)
                count_decision(&sums[j], &decision, stops_at_end(setting, option));
            vmwire_arena_reset(setting->arena, mark);
        }
    return true;
}
