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
        [VMWIRE_CLEAN_TAKEN_BEFORE] = "taken before",
        [VMWIRE_CLEAN_SENT_BY_OWNER] = "sent by owner",
    };
    return names[reason];
}

/* Whether the byte can be the length of a name that has `least` bytes or more and fits into the stream. */
static bool length_possible(const struct engine *engine, uint64_t offset, size_t least)
{
    size_t end = engine->writer.bytes.length;
    for (size_t length = least; length <= UINT8_MAX && offset + 1 + length <= end; length++)
        if (byte_can_hold(&engine->writer, offset, (uint8_t)length))
            return true;
    return false;
}

/* Finds the first byte that cannot be the header's, so that the reader takes none. */
static bool find_blocking_byte(const struct engine *engine, const struct tail *tail, uint64_t *at)
{
    const struct vmwire_structure *owner = tail->verdict->owner;
    *at = tail->verdict->offset;
    if (!byte_can_hold(&engine->writer, *at, VMWIRE_QEMU_VM_SUBSECTION))
        return true;
    if (tail_look_of(engine, owner) != VMWIRE_LOOK_IF_PLAUSIBLE)
        return false;
    size_t length = strlen(owner->name);
    if (!length_possible(engine, ++*at, length + 1))
        return true;
    for (size_t i = 0; i < length; i++)
        if (!byte_can_hold(&engine->writer, ++*at, (uint8_t)owner->name[i]))
            return true;
    return false;
}

/* Whether a passed tail takes every header that this tail would take. (Not under flagday: there a passed
 * tail may leave a header to an owner.) */
static bool taken_before(const struct engine *engine, const struct tail *tail)
{
    const struct vmwire_structure *owner = tail->verdict->owner;
    bool by_name = tail_look_of(engine, owner) == VMWIRE_LOOK_IF_PLAUSIBLE;
    for (size_t i = 0; i < tail->passed.count && !engine->reader.option->sentinel; i++) {
        const struct passed_tail *passed = &tail->passed.tails[i];
        if (passed->look == VMWIRE_LOOK_ALWAYS ||
            (by_name && passed->look == VMWIRE_LOOK_IF_PLAUSIBLE &&
             strncmp(owner->name, passed->owner->name, strlen(passed->owner->name)) == 0))
            return true;
    }
    return false;
}

/* Whether the reader leaves the header here to an owner. (The search has shown that no state has another
 * header here.) */
static bool sent_by_owner(const struct engine *engine, const struct tail *tail)
{
    const struct vmwire_bytes *bytes = &engine->writer.bytes;
    uint64_t offset = tail->verdict->offset;
    if (!engine->reader.option->sentinel || offset + 2 > bytes->length ||
        offset + 2 + bytes->data[offset + 1] > bytes->length)
        return false;
    char name[256] = {0};
    memcpy(name, bytes->data + offset + 2, bytes->data[offset + 1]);
    return leaves_to_owner(engine, tail->frame, tail->node, name);
}

void certify_clean_tail(const struct engine *engine, const struct tail *tail)
{
    struct vmwire_tail_verdict *verdict = tail->verdict;
    if (tail->sent)
        verdict->clean = VMWIRE_CLEAN_SENT;
    else if (tail_look_of(engine, verdict->owner) == VMWIRE_LOOK_NEVER)
        verdict->clean = VMWIRE_CLEAN_NEVER_LOOKS;
    else if (find_blocking_byte(engine, tail, &verdict->clean_at))
        verdict->clean = VMWIRE_CLEAN_BLOCKED;
    else if (taken_before(engine, tail))
        verdict->clean = VMWIRE_CLEAN_TAKEN_BEFORE;
    else if (sent_by_owner(engine, tail))
        verdict->clean = VMWIRE_CLEAN_SENT_BY_OWNER;
}
