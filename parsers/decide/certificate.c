/* SPDX-License-Identifier: MIT */
/*
 * Finds the reason why a clean tail is clean. It must not use the pairs of the search.
 */
#include "decide/certificate.h"

#include <string.h>

#include "vmwire/wire.h"

const char *vmwire_clean_reason_name(enum vmwire_clean_reason reason)
{
    static const char *const names[] = {
        [VMWIRE_CLEAN_NOT_CERTIFIED] = "not certified",
        [VMWIRE_CLEAN_NEVER_LOOKS] = "never looks",
        [VMWIRE_CLEAN_SENT] = "sent",
        [VMWIRE_CLEAN_BLOCKED] = "blocked",
        [VMWIRE_CLEAN_TAGGED] = "tagged",
        [VMWIRE_CLEAN_TAKEN_BEFORE] = "taken before",
        [VMWIRE_CLEAN_ONLY_READING] = "only reading",
        [VMWIRE_CLEAN_DESCRIBED] = "described",
    };
    return names[reason];
}

/* Whether the byte can be the length of a name that has `least` bytes or more. */
static bool length_possible(const struct engine *engine, uint64_t offset, uint64_t least)
{
    for (uint64_t length = least; length <= UINT8_MAX; length++)
        if (byte_can_hold(&engine->writer, offset, (uint8_t)length))
            return true;
    return false;
}

/* Finds the first byte that cannot be the header's, so that the reader takes none. */
static bool find_blocking_byte(const struct engine *engine, const struct tail *tail, uint64_t *at)
{
    const struct vmwire_structure *owner =
        node_at(&engine->reader, tail->frame, tail->node)->structure;
    *at = tail->verdict->offset;
    if (!byte_can_hold(&engine->writer, *at, VMWIRE_QEMU_VM_SUBSECTION))
        return true;
    if (tail_look_of(engine, owner) != VMWIRE_LOOK_IF_PLAUSIBLE)
        return false;
    size_t length = strlen(owner->name);
    uint64_t left = engine->writer.limit - *at;
    if (left < 2)
        return false;
    if (!length_possible(engine, ++*at, length + 1))
        return true;
    /* A name that runs over the end makes the reader refuse the stream, whatever it begins with. */
    if (length_possible(engine, *at, left - 1 > length + 1 ? left - 1 : length + 1))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!byte_can_hold(&engine->writer, ++*at, (uint8_t)owner->name[i]))
            return true;
    return false;
}

/* Whether a passed tail takes every header that this tail would take. */
static bool taken_before(const struct engine *engine, const struct tail *tail)
{
    const struct vmwire_structure *owner =
        node_at(&engine->reader, tail->frame, tail->node)->structure;
    bool by_name = tail_look_of(engine, owner) == VMWIRE_LOOK_IF_PLAUSIBLE;
    for (size_t i = 0; i < tail->passed.count; i++) {
        const struct passed_tail *passed = &tail->passed.tails[i];
        if (passed->look == VMWIRE_LOOK_ALWAYS ||
            (by_name && passed->look == VMWIRE_LOOK_IF_PLAUSIBLE &&
             strncmp(owner->name, passed->owner->name, strlen(passed->owner->name)) == 0))
            return true;
    }
    return false;
}

void certify_clean_tail(const struct engine *engine, const struct tail *tail)
{
    struct vmwire_tail_verdict *verdict = tail->verdict;
    if (tail->sent && !engine->reader.writes)
        verdict->clean = VMWIRE_CLEAN_SENT;
    else if (tail->sent && engine->reader.counts)
        verdict->clean = VMWIRE_CLEAN_ONLY_READING;
    else if (goes_by_description(engine))
        verdict->clean = VMWIRE_CLEAN_DESCRIBED;
    else if (tail_look_of(engine, node_at(&engine->reader, tail->frame, tail->node)->structure) ==
             VMWIRE_LOOK_NEVER)
        verdict->clean = VMWIRE_CLEAN_NEVER_LOOKS;
    else if (find_blocking_byte(engine, tail, &verdict->clean_at))
        verdict->clean = VMWIRE_CLEAN_BLOCKED;
    else if (engine->reader.counts)
        verdict->clean = VMWIRE_CLEAN_ONLY_READING;
    else if (taken_before(engine, tail))
        verdict->clean = VMWIRE_CLEAN_TAKEN_BEFORE;
}
