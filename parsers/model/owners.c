/* SPDX-License-Identifier: MIT */
/*
 * Keeps the records of a section and an index over them. The work for a record and for a search is bounded by the
 * length of a path. It must not know who reads or writes.
 */
#include "model/owners.h"

#include <stdio.h>
#include <string.h>

int64_t shown_element(const struct vmwire_field *field, uint32_t element)
{
    if (field->index >= 0)
        return field->index;
    bool many = field->count > 1 && field->class == VMWIRE_FIELD_RECORD;
    return many || field->class == VMWIRE_FIELD_LIST ? (int64_t)element : -1;
}

void owners_clear(struct owners *owners)
{
    owners->count = 0;
    owners->indexed = 0;
    owners->section++;
}

size_t owners_begin(struct owners *owners, struct owner owner)
{
    owners->list = vmwire_arena_grow(owners->arena, owners->list, owners->count, &owners->room,
                                     sizeof(struct owner));
    owners->list[owners->count] = owner;
    return owners->count++;
}

/* ---- Paths --------------------------------------------------------------------------------------- */

/* What the record adds to the path of the record around it. */
struct step {
    char text[OWNER_PATH_LIMIT + 32];
    size_t length;
};

static struct step last_step(const struct owners *owners, const struct owner *owner)
{
    struct step step = {.length = 0};
    if (owner->around == NO_OWNER)
        return step;
    bool dot = owners->list[owner->around].path_length > 0;
    size_t name_length = strnlen(owner->name, OWNER_PATH_LIMIT + 1);
    step.text[0] = '.';
    memcpy(step.text + dot, owner->name, name_length);
    step.length = dot + name_length;
    if (owner->element >= 0)
        step.length += (size_t)snprintf(step.text + step.length, sizeof(step.text) - step.length,
                                        "[%lld]", (long long)owner->element);
    return step;
}

/* FNV-1a, so that a path's hash goes on from that of the path around it. */
static uint64_t hash_on(uint64_t hash, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
    return hash;
}

#define HASH_OF_NOTHING UINT64_C(0xcbf29ce484222325)

static void measure_path(struct owners *owners, struct owner *owner)
{
    const struct owner *around = owner->around == NO_OWNER ? NULL : &owners->list[owner->around];
    struct step step = last_step(owners, owner);
    owner->path_length = (around ? around->path_length : 0) + step.length;
    if (owner->path_length > OWNER_PATH_LIMIT)
        owner->path_length = OWNER_PATH_LIMIT + 1;
    owner->hash = hash_on(around ? around->hash : HASH_OF_NOTHING, step.text, step.length);
}

/* Writes the path from its end on. Its length is measured, and within the limit. */
static void put_path(const struct owners *owners, const struct owner *owner, char *path)
{
    size_t end = owner->path_length;
    path[end] = '\0';
    while (end) {
        struct step step = last_step(owners, owner);
        end -= step.length;
        memcpy(path + end, step.text, step.length);
        owner = &owners->list[owner->around];
    }
}

/* ---- The index ----------------------------------------------------------------------------------- */

/* What a slot is looked for by. */
struct wanted {
    struct vmwire_bytes path;
    uint64_t hash, ends_at;
    bool any_place;
};

static bool slot_fits(const struct owners *owners, const struct owner_slot *slot,
                      const struct wanted *wanted)
{
    const struct owner *owner = &owners->list[slot->owner];
    char path[OWNER_PATH_LIMIT + 1];
    if (slot->any_place != wanted->any_place || owner->hash != wanted->hash ||
        owner->path_length != wanted->path.length ||
        (!wanted->any_place && owner->ends_at != wanted->ends_at))
        return false;
    put_path(owners, owner, path);
    return memcmp(path, wanted->path.data, wanted->path.length) == 0;
}

/* The slot that has it, or the free one where it would go. */
static struct owner_slot *find_slot(const struct owners *owners, const struct wanted *wanted)
{
    uint64_t key = wanted->any_place ? wanted->hash
                                     : hash_on(wanted->hash, &wanted->ends_at, sizeof(uint64_t));
    size_t mask = owners->slot_count - 1, i = (size_t)(key ^ key >> 32) & mask;
    while (owners->slots[i].section == owners->section &&
           !slot_fits(owners, &owners->slots[i], wanted))
        i = (i + 1) & mask;
    return &owners->slots[i];
}

static void index_owner(struct owners *owners, size_t index)
{
    struct owner *owner = &owners->list[index];
    char path[OWNER_PATH_LIMIT + 1];
    measure_path(owners, owner);
    if (owner->path_length > OWNER_PATH_LIMIT)
        return;
    put_path(owners, owner, path);
    struct wanted wanted = {.path = {(const uint8_t *)path, owner->path_length},
                            .hash = owner->hash,
                            .ends_at = owner->ends_at};
    for (int any_place = 0; any_place < 2; any_place++) {
        wanted.any_place = any_place;
        struct owner_slot *slot = find_slot(owners, &wanted);
        if (slot->section != owners->section) /* the first one of this path stays */
            *slot = (struct owner_slot){index, owners->section, any_place};
    }
}

/* Two slots for each record, and as many free ones. */
static void make_index(struct owners *owners)
{
    if (4 * owners->count >= owners->slot_count) {
        owners->slot_count = 64;
        while (owners->slot_count <= 4 * owners->count)
            owners->slot_count *= 2;
        owners->slots =
            vmwire_arena_alloc(owners->arena, owners->slot_count * sizeof(*owners->slots));
        owners->indexed = 0;
        owners->section++;
    }
    while (owners->indexed < owners->count)
        index_owner(owners, owners->indexed++);
}

size_t owners_find(struct owners *owners, struct vmwire_bytes path, uint64_t ends_at,
                   size_t *any_place)
{
    struct wanted wanted = {
        .path = path, .hash = hash_on(HASH_OF_NOTHING, path.data, path.length), .ends_at = ends_at};
    make_index(owners);
    const struct owner_slot *slot = find_slot(owners, &wanted);
    wanted.any_place = true;
    const struct owner_slot *any = find_slot(owners, &wanted);
    *any_place = any->section == owners->section ? any->owner : NO_OWNER;
    return slot->section == owners->section ? slot->owner : NO_OWNER;
}

bool owner_path(struct owners *owners, size_t owner, char path[OWNER_PATH_LIMIT + 1],
                size_t *length)
{
    make_index(owners);
    const struct owner *named = &owners->list[owner];
    if (named->path_length > OWNER_PATH_LIMIT)
        return false;
    put_path(owners, named, path);
    *length = named->path_length;
    return true;
}

/* ---- Paths and names in one string --------------------------------------------------------------- */

size_t join_path_and_name(const char *path, struct vmwire_bytes name,
                          uint8_t joined[OWNER_PATH_LIMIT])
{
    size_t length = 0;
    for (; *path && length + 2 <= OWNER_PATH_LIMIT; path++) {
        joined[length++] = (uint8_t)*path;
        if (*path == '/')
            joined[length++] = '/';
    }
    if (*path || length + 1 + name.length > OWNER_PATH_LIMIT ||
        (name.length && name.data[0] == '/'))
        return 0;
    joined[length++] = '/';
    if (name.length)
        memcpy(joined + length, name.data, name.length);
    return length + name.length;
}

const char *split_path_and_name(const char *joined, char path[OWNER_PATH_LIMIT + 1])
{
    size_t length = 0;
    for (; *joined; joined++) {
        if (*joined == '/' && *++joined != '/') {
            path[length] = '\0';
            return joined;
        }
        path[length++] = *joined;
    }
    return NULL;
}
