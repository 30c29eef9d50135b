/* SPDX-License-Identifier: MIT */
/*
 * The records of a section, to be found by path and place: so a subsection that is sent behind its section names
 * its owner. The path is that of errors (field names and indices from the section's own record, "" is this record
 * itself); the place is how many bytes of the item's record come before the end of the owner's. This file must
 * not know who reads or writes.
 */
#ifndef VMWIRE_MODEL_OWNERS_H
#define VMWIRE_MODEL_OWNERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/arena.h"
#include "vmwire/record.h"
#include "vmwire/schema.h"

#define NO_OWNER SIZE_MAX

enum { OWNER_PATH_LIMIT = UINT8_MAX }; /* bytes of a path; a longer one has no length byte */

struct owner {
    size_t around;    /* the record around it; NO_OWNER: it is the section's own */
    const char *name; /* of the field or the subsection that holds it */
    uint64_t ends_at;
    const struct vmwire_structure *structure;
    const struct vmwire_record *record; /* of a caller that has one */
    int64_t element;                    /* of that field; -1: it is no array */
};

/* The path of a record, for the index. */
struct measured_path {
    uint64_t hash;
    uint64_t length;
};

struct owner_slot {
    size_t owner;     /* the first of its path and place */
    uint64_t section; /* whose index the slot is used for; another number: it is free */
};

struct owners {
    struct vmwire_arena *arena;
    struct owner **chunks; /* the records in the order in which they begin, OWNER_CHUNK in each */
    size_t count, chunk_count, chunk_room;
    /* The index: a hash table. Few sections need it, so owners_find() makes it. */
    struct owner_slot *slots;
    struct measured_path *paths; /* of the records in the index */
    size_t slot_count, path_room, indexed;
    uint64_t section;
};

enum { OWNER_CHUNK = 64 };

static inline struct owner *owner_at(const struct owners *owners, size_t number)
{
    return &owners->chunks[number / OWNER_CHUNK][number % OWNER_CHUNK];
}

/* Forgets all records: another section begins. */
void owners_clear(struct owners *owners);

/* Adds a record that begins, and returns its number, from 0. `owner` has all but `ends_at` and the hash. */
size_t owners_begin(struct owners *owners, struct owner owner);

/* The record ends. */
static inline void owners_end(struct owners *owners, size_t owner, uint64_t ends_at)
{
    owner_at(owners, owner)->ends_at = ends_at;
}

/* The first record of this path that ends there; NO_OWNER: there is none. All records that were begun must have
 * ended. */
size_t owners_find(struct owners *owners, struct vmwire_bytes path, uint64_t ends_at);

/* The first record of this path, wherever it ends. Looks at all records: for an error, to say what is wrong. */
size_t owners_find_anywhere(struct owners *owners, struct vmwire_bytes path);

/* The path of a record. False: it is too long. `length` comes without the NUL. */
bool owner_path(struct owners *owners, size_t owner, char path[OWNER_PATH_LIMIT + 1],
                size_t *length);

/* The index that a path shows of this element of a field; -1: the field is no array. */
int64_t shown_element(const struct vmwire_field *field, uint32_t element);

/*
 * Where an idstr has both the owner's path and the subsection's name, each "/" of the path stands twice, and a
 * single one ends it. join_path_and_name() writes this form and returns its length; 0: it is longer than 255
 * bytes, or would be read otherwise (the name begins with a "/"). split_path_and_name() reads it and sets `name`
 * to what follows the path; NULL: no path ends here.
 */
size_t join_path_and_name(const char *path, struct vmwire_bytes name,
                          uint8_t joined[OWNER_PATH_LIMIT]);
const char *split_path_and_name(const char *joined, char path[OWNER_PATH_LIMIT + 1]);

#endif
