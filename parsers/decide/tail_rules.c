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
    if (engine->reader.option->subsections == VMWIRE_SUBSECTION_INLINE)
        return look;
    return has_inline_subsections(&engine->reader, structure) ? look : VMWIRE_LOOK_NEVER;
}

bool is_plausible_name(const struct vmwire_structure *owner, const uint8_t *name, size_t length)
{
    size_t owner_length = strlen(owner->name);
    return length >= owner_length + 1 && memcmp(name, owner->name, owner_length) == 0;
}

bool is_embedded(const struct engine *engine, size_t frame, size_t node)
{
    const struct program *program = engine->reader.frames[frame].program;
    return program->nodes[node].embedded ||
           (engine->reader.frames[frame].element && program->nodes[node + 1].kind == NODE_END);
}

bool leaves_to_owner(const struct engine *engine, size_t frame, size_t node, const char *name)
{
    if (!engine->reader.option->sentinel ||
        vmwire_structure_subsection(node_at(&engine->reader, frame, node)->structure, name))
        return false;
    while (!is_embedded(engine, frame, node) && engine->reader.frames[frame].parent != NO_FRAME) {
        node = engine->reader.frames[frame].return_node;
        frame = engine->reader.frames[frame].parent;
        if (vmwire_structure_subsection(node_at(&engine->reader, frame, node)->structure, name))
            return true;
    }
    return false;
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
    bool leaves_some = engine->reader.option->sentinel;
    if (look == VMWIRE_LOOK_NEVER || engine->reader.writes ||
        (!leaves_some && takes_all_unknown_names(passed, owner, look == VMWIRE_LOOK_IF_PLAUSIBLE)))
        return;
    if (passed->count == sizeof(passed->tails) / sizeof(passed->tails[0]))
        passed->full = true;
    else
        passed->tails[passed->count++] = (struct passed_tail){owner, look, frame, node};
}

static bool tail_passes_header(const struct engine *engine, const struct passed_tail *tail,
                               const char *name, size_t length)
{
    if (tail->look == VMWIRE_LOOK_ALWAYS)
        return leaves_to_owner(engine, tail->frame, tail->node, name);
    return !is_plausible_name(tail->owner, (const uint8_t *)name, length);
}

bool all_pass_header(const struct engine *engine, const struct passed_tails *passed,
                     const uint8_t *name, size_t length)
{
    char text[256] = {0};
    memcpy(text, name, length);
    for (size_t i = 0; i < passed->count; i++)
        if (!tail_passes_header(engine, &passed->tails[i], text, length))
            return false;
    return true;
}

bool can_pass(const struct engine *engine, const struct passed_tails *passed, uint64_t offset,
              bool *another)
{
    const struct vmwire_bytes *bytes = &engine->writer.bytes;
    uint8_t value;
    *another = false;
    if (!passed->count || offset >= engine->writer.limit ||
        bytes->data[offset] != VMWIRE_QEMU_VM_SUBSECTION)
        return true;
    *another = find_other_value(&engine->writer, offset, VMWIRE_QEMU_VM_SUBSECTION, &value);
    if (*another)
        return true;
    size_t left = engine->writer.limit - offset;
    size_t length = left >= 2 ? bytes->data[offset + 1] : 0;
    bool there = left >= 2 && left - 2 >= length;
    return there ? all_pass_header(engine, passed, bytes->data + offset + 2, length)
                 : !always_takes(passed);
}

bool require_passing(const struct engine *engine, const struct passed_tails *passed,
                     struct requirements *required, uint64_t offset)
{
    bool another;
    return can_pass(engine, passed, offset, &another) &&
           (!another || require_other_byte(engine, required, offset, VMWIRE_QEMU_VM_SUBSECTION));
}

const struct vmwire_subsection *find_inline_subsection(const struct engine *engine,
                                                       const struct vmwire_structure *owner,
                                                       const char *name)
{
    const struct vmwire_subsection *subsection = vmwire_structure_subsection(owner, name);
    return subsection && vmwire_option_sends_inline(engine->reader.option, subsection) ? subsection
                                                                                       : NULL;
}
