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
    int64_t element;  /* of that field; -1: it is no array */
    uint64_t ends_at;
    const struct vmwire_structure *structure;
    const struct vmwire_record *record; /* of a caller that has one */
    uint64_t hash;                      /* of the path, and its length: set in the index */
    size_t path_length;
};

struct owner_slot {
    size_t owner;
    uint64_t section; /* whose index the slot is used for; another number: it is free */
    bool
        any_place; /* it has the first record of this path; otherwise the first of path and place */
};

struct owners {
    struct vmwire_arena *arena;
    struct owner *list; /* in the order in which the records begin */
    size_t count, room;
    /* The index: a hash table. Few sections need it, so owners_find() makes it. */
    struct owner_slot *slots;
    size_t slot_count, indexed;
    uint64_t section;
};

/* Forgets all records: another section begins. */
void owners_clear(struct owners *owners);

/* Adds a record that begins, and returns its number, from 0. `owner` has all but `ends_at` and the hash. */
size_t owners_begin(struct owners *owners, struct owner owner);

/* The record ends. */
static inline void owners_end(struct owners *owners, size_t owner, uint64_t ends_at)
{
    owners->list[owner].ends_at = ends_at;
}

/* The first record of this path that ends there; NO_OWNER: there is none. `any_place`: the first record of this
 * path, wherever it ends. All records that were begun must have ended. */
size_t owners_find(struct owners *owners, struct vmwire_bytes path, uint64_t ends_at,
                   size_t *any_place);

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
