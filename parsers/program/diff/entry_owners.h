/* SPDX-License-Identifier: MIT */
/*
 * The parts of iterable sections that entries belong to: blocks of RAM, bitmaps, disks. Knows nothing of how they are read.
 */
#ifndef VMWIRE_PROGRAM_DIFF_ENTRY_OWNERS_H
#define VMWIRE_PROGRAM_DIFF_ENTRY_OWNERS_H

#include "program/diff/difference.h"
#include "program/diff/entry_table.h"

/* What entries hold: how their numbers are shown, and whether each one that differs is. */
enum owner_kind {
    OWNER_PAGES,          /* pages of a block of RAM: counted */
    OWNER_DISK,           /* chunks of a disk: counted */
    OWNER_BITMAP,         /* bits of a dirty bitmap, by their first sector */
    OWNER_BITMAP_SETTING, /* what else is sent of a dirty bitmap, by the flags */
    OWNER_HASH_TABLE,     /* entries of a hash table, by their index */
    OWNER_HASH_INVALID,   /* runs of entries that are not valid, by the first index */
    OWNER_HASH_SHIFT,     /* the size of the table */
    OWNER_ATTRIBUTES,     /* storage attributes, by the page */
};

struct entry_owner {
    struct entry_owner *next, *next_in_bucket;
    struct compared_section *section;
    struct vmwire_bytes name; /* "" where the section has but one */
    enum owner_kind kind;
    uint32_t number; /* from 0, in the order in which they were found */
    struct owner_block {
        bool listed;
        uint64_t length; /* bytes */
        struct vmwire_bytes
            rest; /* the page size or the address behind the length, where they are sent */
    } block[SIDE_COUNT];
    struct entry_counts counts;
    uint64_t equal;
    struct listed_entry *listed; /* those that differ, as far as they are listed */
    size_t listed_count, listed_room;
};

/* An entry that differs. */
struct listed_entry {
    uint64_t number;
    struct side_value side[SIDE_COUNT];
};

enum { OWNER_BUCKETS = 1024, LISTED_MOST = 1000 /* of an owner */ };

struct entry_owners {
    struct vmwire_arena *arena;
    struct entry_owner *first, **end;
    struct entry_owner *buckets[OWNER_BUCKETS];
    struct entry_owner **by_number;
    size_t count, room;
};

/* Finds the owner, or adds it; it keeps a copy of the name. Returns NULL with `error` set when memory runs out. Makes an attempt
 * of its own. */
struct entry_owner *find_owner(struct entry_owners *owners, struct compared_section *section,
                               enum owner_kind kind, struct vmwire_bytes name,
                               struct vmwire_error *error);

/* Whether differing entries are counted only. */
bool is_counted_only(const struct entry_owner *owner);

/* Counts an entry, and lists it if it differs. The arena must be within an attempt. */
void tally_entry(struct entry_owners *owners, const struct table_slot *slot);

/* Forgets what was counted and listed. */
void forget_counts(struct entry_owners *owners);

/* Adds the differences of all owners, by section. What a section has that only one stream has is none. Likewise. */
void add_owner_differences(struct differences *differences, const struct entry_owners *owners);

#endif
