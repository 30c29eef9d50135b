/* SPDX-License-Identifier: MIT */
/*
 * The tail rules as functions of a structure and a name. They repeat what grammar/stream.re says; tests
 * compare the engine's answers with the readers'. This file must not add pairs.
 */
#include "decide/tail_rules.h"

#include <string.h>

#include "vmwire/wire.h"

enum vmwire_tail_look tail_look_of(const struct engine *engine,
                                   const struct vmwire_structure *structure)
{
    enum vmwire_tail_look look = engine->reader.option->look;
    if (look == VMWIRE_LOOK_IF_DECLARED)
        return structure->subsection_count ? VMWIRE_LOOK_ALWAYS : VMWIRE_LOOK_NEVER;
    if (look == VMWIRE_LOOK_IF_ONLY_READING)
        return structure->subsection_count ? look : VMWIRE_LOOK_NEVER;
    if (look == VMWIRE_LOOK_DESCRIBED)
        return VMWIRE_LOOK_NEVER; /* not by the bytes at the tail */
    if (look == VMWIRE_LOOK_IF_DECLARED_AND_PLAUSIBLE)
        return structure->subsection_count ? VMWIRE_LOOK_IF_PLAUSIBLE : VMWIRE_LOOK_NEVER;
    if (engine->reader.option->subsections == VMWIRE_SUBSECTION_INLINE)
        return look;
    return has_inline_subsections(&engine->reader, structure) ? look : VMWIRE_LOOK_NEVER;
}

bool is_plausible_name(const struct vmwire_structure *owner, const uint8_t *name, size_t length)
{
    size_t owner_length = strlen(owner->name);
    return length >= owner_length + 1 && memcmp(name, owner->name, owner_length) == 0;
}

bool takes_name(const struct engine *engine, size_t frame, size_t node, struct vmwire_bytes name)
{
    const struct vmwire_structure *owner = node_at(&engine->reader, frame, node)->structure;
    if (goes_by_description(engine))
        return true; /* the description of the state tells it */
    switch (tail_look_of(engine, owner)) {
    case VMWIRE_LOOK_NEVER:
        return false;
    case VMWIRE_LOOK_ALWAYS:
    case VMWIRE_LOOK_IF_ONLY_READING: /* the reading that is in step does */
        return true;
    default:
        return is_plausible_name(owner, name.data, name.length);
    }
}

static bool always_takes(const struct passed_tails *passed)
{
    for (size_t i = 0; i < passed->count; i++)
        if (passed->tails[i].look == VMWIRE_LOOK_ALWAYS)
            return true;
    return false;
}

bool takes_all_unknown_names(const struct passed_tails *passed,
                             const struct vmwire_structure *owner, bool by_name)
{
    for (size_t i = 0; by_name && i < passed->count; i++) {
        const char *name = passed->tails[i].owner->name;
        if (strncmp(owner->name, name, strlen(name)) == 0)
            return true;
    }
    return always_takes(passed);
}

void add_passed_tail(const struct engine *engine, struct passed_tails *passed, size_t frame,
                     size_t node)
{
    const struct vmwire_structure *owner = node_at(&engine->reader, frame, node)->structure;
    enum vmwire_tail_look look = tail_look_of(engine, owner);
    if (look == VMWIRE_LOOK_NEVER || engine->reader.writes ||
        takes_all_unknown_names(passed, owner, look == VMWIRE_LOOK_IF_PLAUSIBLE))
        return;
    if (passed->count == sizeof(passed->tails) / sizeof(passed->tails[0]))
        passed->full = true;
    else
        passed->tails[passed->count++] = (struct passed_tail){owner, look};
}

bool all_pass_header(const struct passed_tails *passed, const uint8_t *name, size_t length)
{
    for (size_t i = 0; i < passed->count; i++)
        if (passed->tails[i].look == VMWIRE_LOOK_ALWAYS ||
            is_plausible_name(passed->tails[i].owner, name, length))
            return false;
    return true;
}

/* Whether the bytes behind a marker that every state has can be a header that the tail takes, and whether they can be
 * none. A header that runs over the end is an error at that tail. */
static void judge_header(const struct engine *engine, const struct passed_tail *tail,
                         uint64_t marker, bool *can_take, bool *can_pass)
{
    const struct writer_side *writer = &engine->writer;
    size_t name_length = strlen(tail->owner->name);
    uint64_t left = writer->limit - marker;
    bool whole = false, beyond = left < 2;
    *can_take = tail->look == VMWIRE_LOOK_ALWAYS || beyond;
    *can_pass = false;
    for (unsigned length = 0; length <= UINT8_MAX && !*can_take; length++) {
        if (!byte_can_hold(writer, marker + 1, (uint8_t)length))
            continue;
        *can_pass |= length <= name_length;
        whole |= length > name_length && left - 2 >= length;
        beyond |= length > name_length && left - 2 < length;
    }
    bool name_possible = whole;
    for (size_t i = 0; i < name_length && whole; i++) {
        uint8_t other, letter = (uint8_t)tail->owner->name[i];
        name_possible &= byte_can_hold(writer, marker + 2 + i, letter);
        *can_pass |= find_other_value(writer, marker + 2 + i, letter, &other);
    }
    *can_take |= beyond || name_possible;
}

enum passing passing_at(const struct engine *engine, const struct passed_tails *passed,
                        uint64_t offset)
{
    const struct writer_side *writer = &engine->writer;
    enum passing passing = PASSES_ANY;
    uint8_t other;
    if (!passed->count || offset >= writer->limit ||
        writer->bytes.data[offset] != VMWIRE_QEMU_VM_SUBSECTION)
        return PASSES_ANY;
    if (find_other_value(writer, offset, VMWIRE_QEMU_VM_SUBSECTION, &other))
        return PASSES_OTHER;
    for (size_t i = 0; i < passed->count; i++) {
        bool can_take, can_pass;
        judge_header(engine, &passed->tails[i], offset, &can_take, &can_pass);
        if (!can_pass)
            return PASSES_NONE;
        if (can_take)
            passing = PASSES_SOME;
    }
    return passing;
}

bool require_passing(struct engine *engine, const struct passed_tails *passed,
                     struct requirements *required, uint64_t offset)
{
    switch (passing_at(engine, passed, offset)) {
    case PASSES_ANY:
        return true;
    case PASSES_OTHER:
        return require_other_byte(engine, required, offset, VMWIRE_QEMU_VM_SUBSECTION);
    case PASSES_SOME:
        engine->undecided = LOOKS_BEYOND;
        return true;
    default:
        return false;
    }
}

const struct vmwire_subsection *find_inline_subsection(const struct engine *engine,
                                                       const struct vmwire_structure *owner,
                                                       const char *name)
{
    const struct vmwire_subsection *subsection = vmwire_structure_subsection(owner, name);
    return subsection && vmwire_option_sends_inline(engine->reader.option, subsection) ? subsection
                                                                                       : NULL;
}
