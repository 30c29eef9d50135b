/* SPDX-License-Identifier: MIT */
/*
 * What two streams sent last under each key: a page at an address of a block, for instance. Its memory is bounded: where keys are
 * too many, the table takes one share of them at a time. Knows nothing of what a key means.
 */
#ifndef VMWIRE_PROGRAM_DIFF_ENTRY_TABLE_H
#define VMWIRE_PROGRAM_DIFF_ENTRY_TABLE_H

#include "program/diff/difference.h"

/* What is known of an entry's content. */
enum content_class {
    CONTENT_NONE,  /* not sent */
    CONTENT_BYTES, /* these bytes */
    CONTENT_FILL,  /* a whole page of this byte */
    CONTENT_ENCODED, /* compressed, or changes of what was sent before: only equal encodings are equal */
};

struct content {
    union {
        const uint8_t *data; /* of the stream */
        uint64_t digest;     /* ENCODED: of all that was sent */
    };
    uint32_t length : 28; /* bytes; ENCODED: 0 */
    uint32_t class : 4;
};

enum { CONTENT_LENGTH_MOST = (1 << 28) - 1 };

struct table_slot {
    uint64_t key; /* the hash of the owner and the number; 0: the slot is empty */
    uint64_t number;
    struct content content[SIDE_COUNT];
    uint32_t owner;
};

struct entry_table {
    struct table_slot *slots;
    size_t room, count;
    uint64_t share, shares; /* this share of the keys, of so many */
};

enum table_answer { TABLE_TAKEN, TABLE_FULL, TABLE_NO_MEMORY };

/* Puts what a side has sent under a key, if it belongs to the share. What was there before is forgotten, but for the digest of
 * encodings. */
enum table_answer put_entry(struct entry_table *table, int side, uint32_t owner, uint64_t number,
                            struct content content);

/* Forgets all entries, and keeps the room. */
void clear_table(struct entry_table *table);

void free_table(struct entry_table *table);

/* How the entries of a slot compare. */
enum slot_answer { SLOT_EQUAL, SLOT_DIFFERS, SLOT_ONLY_A, SLOT_ONLY_B, SLOT_NOT_COMPARED };
enum slot_answer compare_slot(const struct table_slot *slot);

#endif
