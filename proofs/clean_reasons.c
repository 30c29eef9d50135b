/* SPDX-License-Identifier: MIT */
/*
 * The reasons why a tail can be clean, each with its test. proofs/README.md says why each is enough.
 */
#include "clean_reasons.h"

#include <string.h>

#include "only_reading.h"

/* The reader does not look for a subsection here. */
static bool never_looks(const struct tails *tails, const struct tail *tail, uint64_t at)
{
    (void)at;
    return !tail->sent && find_look(tails, tail->owner) == VMWIRE_LOOK_NEVER;
}

/* A subsection is sent here. The reader took it when it read the stream, and takes it in every state,
 * because no byte of the header belongs to a field. */
static bool is_sent(const struct tails *tails, const struct tail *tail, uint64_t at)
{
    (void)at;
    uint64_t end = tail->sent ? find_end(tails, tail->sent->name) + 4 : 0;
    for (uint64_t i = tail->offset; i < end; i++)
        if (tails->classes[i] != BYTE_OF_FRAMING)
            return false;
    return tail->sent && tails->option->look != VMWIRE_LOOK_IF_ONLY_READING;
}

/* Returns true if the byte can be the length of a name that has `least` bytes or more. */
static bool can_be_length(const struct tails *tails, uint64_t offset, uint64_t least)
{
    for (uint64_t i = least; i <= UINT8_MAX; i++)
        if (can_byte_be(tails, offset, (uint8_t)i, true))
            return true;
    return false;
}

/* Returns true if the reader can look for a name that has `least` bytes or more and runs over the end of the
 * stream or of the package. It then refuses the stream, whatever the name begins with. */
static bool can_look_beyond_end(const struct tails *tails, const struct tail *tail, uint64_t least)
{
    uint64_t left = tail->limit - tail->offset;
    return left < 2 || can_be_length(tails, tail->offset + 1, left - 1 > least ? left - 1 : least);
}

/* Returns true if a state can have so few bytes that a look-ahead runs over the end. */
static bool can_be_near_end(const struct tails *tails, const struct tail *tail)
{
    return tails->steady_from && tail->limit < tails->steady_from + 2 + UINT8_MAX;
}

/* Returns true if a record that ends with this structure is there in some states only. */
static bool ends_unsteadily(const struct vmwire_structure *structure)
{
    for (size_t i = structure->field_count;
         i > 0 && structure->fields[i - 1].class == VMWIRE_FIELD_RECORD; i--)
        if (structure->fields[i - 1].unsteady)
            return true;
    return false;
}

/* Whether a state can have other bytes at `at`, because a field from the tail on decides what follows it. */
static bool can_be_moved(const struct tails *tails, const struct tail *tail, uint64_t at)
{
    for (uint64_t i = tail->offset; i < at; i++)
        if (tails->classes[i] == BYTE_THAT_MOVES)
            return true;
    return false;
}

/* The reader takes a header here only with certain bytes, and the byte `at` cannot hold the one it
 * needs: the marker, or where the header must be plausible, a length or the owner's name. */
static bool is_blocked(const struct tails *tails, const struct tail *tail, uint64_t at)
{
    const char *name = tail->owner->name;
    if (tail->sent || at < tail->offset || can_others_stand(tails, tail, at))
        return false;
    if (at == tail->offset)
        return !can_byte_be(tails, at, VMWIRE_QEMU_VM_SUBSECTION, true);
    if (find_look(tails, tail->owner) != VMWIRE_LOOK_IF_PLAUSIBLE)
        return false;
    if (at >= tail->limit || can_be_moved(tails, tail, at))
        return false;
    if (at > tail->offset + 1 && can_be_near_end(tails, tail) &&
        can_others_stand(tails, tail, tail->limit))
        return false;
    if (at == tail->offset + 1)
        return !can_be_length(tails, at, strlen(name) + 1);
    uint64_t place = at - tail->offset - 2;
    return place < strlen(name) && !can_byte_be(tails, at, (uint8_t)name[place], true) &&
           !can_look_beyond_end(tails, tail, strlen(name) + 1);
}

/* A tail before this one at the same offset sees the same bytes and takes every header that this one
 * would, in every state. */
static bool is_taken_before(const struct tails *tails, const struct tail *tail, uint64_t at)
{
    (void)at;
    enum vmwire_tail_look look = find_look(tails, tail->owner);
    bool unsteady = tails->others[tail->offset] != NO_OTHERS || ends_unsteadily(tail->owner);
    if (tail->sent)
        return false;
    for (const struct tail *inner = tail;
         !unsteady && inner > tails->list && inner[-1].offset == tail->offset;) {
        const char *name = (--inner)->owner->name;
        unsteady = ends_unsteadily(inner->owner);
        enum vmwire_tail_look inner_look = find_look(tails, inner->owner);
        if (inner_look == VMWIRE_LOOK_ALWAYS ||
            (inner_look == VMWIRE_LOOK_IF_PLAUSIBLE && look == inner_look &&
             strncmp(tail->owner->name, name, strlen(name)) == 0))
            return true;
    }
    return false;
}

/* No reading parts here from the writer's and comes to the end of the section, which has the same fields in every state. */
static bool has_only_reading(const struct tails *tails, const struct tail *tail, uint64_t at)
{
    (void)at;
    return !can_others_stand(tails, tail, find_end(tails, tail->item->raw)) &&
           is_only_reading(tails, tail);
}

/* No subsection is sent here, and the reader goes by the description. It has read the stream with this description,
 * which is no field: it is the same in every state. */
static bool is_described(const struct tails *tails, const struct tail *tail, uint64_t at)
{
    (void)at;
    return !tail->sent && find_look(tails, tail->owner) == VMWIRE_LOOK_DESCRIBED;
}

/* Each value has a tag and a length of its own, and no field has a byte of these. So the reader goes by them in all states
 * alike, and takes a subsection for the one that the structure has under its name. */
static bool is_tagged(const struct tails *tails, const struct tail *tail, uint64_t at)
{
    (void)at;
    return tails->option->encoding == VMWIRE_ENCODING_DER &&
           (!tail->sent || vmwire_structure_subsection(tail->owner, tail->sent->subsection->name) ==
                               tail->sent->subsection);
}

static const struct clean_reason_test reasons[] = {
    {"never looks", false, never_looks},
    {"sent", false, is_sent},
    {"blocked", true, is_blocked},
    {"tagged", false, is_tagged},
    {"taken before", false, is_taken_before},
    {"only reading", false, has_only_reading},
    {"described", false, is_described},
};

const struct clean_reason_test *find_clean_reason(const char *name)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (strcmp(reasons[i].name, name) == 0)
            return &reasons[i];
    return NULL;
}
