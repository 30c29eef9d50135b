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
    const struct vmwire_dependence *dependence = field->dependence;
    bool counted = dependence && (dependence->count || dependence->elements);
    bool many = (field->count > 1 || counted) && field->class == VMWIRE_FIELD_RECORD;
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
    if (owners->count == owners->chunk_count * OWNER_CHUNK) {
        owners->chunks = vmwire_arena_grow(owners->arena, owners->chunks, owners->chunk_count,
                                           &owners->chunk_room, sizeof(struct owner *));
        owners->chunks[owners->chunk_count++] =
            vmwire_arena_alloc(owners->arena, OWNER_CHUNK * sizeof(struct owner));
    }
    *owner_at(owners, owners->count) = owner;
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
    bool dot = owners->paths[owner->around].length > 0;
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

static struct measured_path measure_path(const struct owners *owners, const struct owner *owner)
{
    struct measured_path path = {HASH_OF_NOTHING, 0};
    struct step step = last_step(owners, owner);
    if (owner->around != NO_OWNER)
        path = owners->paths[owner->around];
    path.length += step.length;
    if (path.length > OWNER_PATH_LIMIT)
        path.length = OWNER_PATH_LIMIT + 1;
    path.hash = hash_on(path.hash, step.text, step.length);
    return path;
}

/* Writes the path from its end on. Its length is measured, and within the limit. */
static void put_path(const struct owners *owners, size_t number, char *path)
{
    size_t end = owners->paths[number].length;
    path[end] = '\0';
    while (end) {
        struct step step = last_step(owners, owner_at(owners, number));
        end -= step.length;
        memcpy(path + end, step.text, step.length);
        number = owner_at(owners, number)->around;
    }
}

/* ---- The index ----------------------------------------------------------------------------------- */

/* What a slot is looked for by. */
struct wanted {
    struct vmwire_bytes path;
    uint64_t hash, ends_at;
};

static bool has_path(const struct owners *owners, size_t number, const struct wanted *wanted)
{
    const struct measured_path *measured = &owners->paths[number];
    char path[OWNER_PATH_LIMIT + 1];
    if (measured->hash != wanted->hash || measured->length != wanted->path.length)
        return false;
    put_path(owners, number, path);
    return memcmp(path, wanted->path.data, wanted->path.length) == 0;
}

/* Where the search for a key begins. Who writes a stream with its description chooses the paths. The multiplier is made of an
 * address, so nobody can choose paths that all begin at one slot. */
static size_t first_slot(const struct owners *owners, uint64_t key)
{
    uint64_t multiplier = (uint64_t)(uintptr_t)owners->arena * UINT64_C(0x9e3779b97f4a7c15) | 1;
    unsigned bits = (unsigned)__builtin_ctzll(owners->slot_count);
    return (size_t)(key * multiplier >> (64 - bits));
}

/* The slot that has it, or the free one where it would go. */
static struct owner_slot *find_slot(const struct owners *owners, const struct wanted *wanted)
{
    uint64_t key = hash_on(wanted->hash, &wanted->ends_at, sizeof(wanted->ends_at));
    size_t mask = owners->slot_count - 1, i = first_slot(owners, key);
    for (;; i = (i + 1) & mask) {
        struct owner_slot *slot = &owners->slots[i];
        if (slot->section != owners->section ||
            (owner_at(owners, slot->owner)->ends_at == wanted->ends_at &&
             has_path(owners, slot->owner, wanted)))
            return slot;
    }
}

static void index_owner(struct owners *owners, size_t number)
{
    char path[OWNER_PATH_LIMIT + 1];
    struct measured_path measured = measure_path(owners, owner_at(owners, number));
    owners->paths[number] = measured;
    if (measured.length > OWNER_PATH_LIMIT)
        return;
    put_path(owners, number, path);
    struct wanted wanted = {.path = {(const uint8_t *)path, measured.length},
                            .hash = measured.hash,
                            .ends_at = owner_at(owners, number)->ends_at};
    struct owner_slot *slot = find_slot(owners, &wanted);
    if (slot->section != owners->section) /* the first one of path and place stays */
        *slot = (struct owner_slot){number, owners->section};
}

/* At least a third of the slots is free. */
static void make_index(struct owners *owners)
{
    if (owners->count >= owners->slot_count / 3 * 2) {
        owners->slot_count = 64;
        while (owners->count >= owners->slot_count / 3 * 2)
            owners->slot_count *= 2;
        owners->slots =
            vmwire_arena_alloc(owners->arena, owners->slot_count * sizeof(*owners->slots));
        owners->indexed = 0;
        owners->section++;
    }
    for (; owners->indexed < owners->count; owners->indexed++) {
        owners->paths = vmwire_arena_grow(owners->arena, owners->paths, owners->indexed,
                                          &owners->path_room, sizeof(struct measured_path));
        index_owner(owners, owners->indexed);
    }
}

size_t owners_find(struct owners *owners, struct vmwire_bytes path, uint64_t ends_at)
{
    struct wanted wanted = {
        .path = path, .hash = hash_on(HASH_OF_NOTHING, path.data, path.length), .ends_at = ends_at};
    make_index(owners);
    const struct owner_slot *slot = find_slot(owners, &wanted);
    return slot->section == owners->section ? slot->owner : NO_OWNER;
}

size_t owners_find_anywhere(struct owners *owners, struct vmwire_bytes path)
{
    struct wanted wanted = {.path = path, .hash = hash_on(HASH_OF_NOTHING, path.data, path.length)};
    make_index(owners);
    for (size_t i = 0; i < owners->count; i++)
        if (has_path(owners, i, &wanted))
            return i;
    return NO_OWNER;
}

bool owner_path(struct owners *owners, size_t owner, char path[OWNER_PATH_LIMIT + 1],
                size_t *length)
{
    make_index(owners);
    if (owners->paths[owner].length > OWNER_PATH_LIMIT)
        return false;
    put_path(owners, owner, path);
    *length = owners->paths[owner].length;
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
