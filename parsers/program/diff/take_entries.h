/* SPDX-License-Identifier: MIT */
/*
 * Takes the entries of iterable sections into the table, each with the part of the section that it belongs to: what kind of
 * entry is kept where. Compares nothing.
 */
#ifndef VMWIRE_PROGRAM_DIFF_TAKE_ENTRIES_H
#define VMWIRE_PROGRAM_DIFF_TAKE_ENTRIES_H

#include "program/diff/entry_owners.h"

/* A whole stream, as it was read before without an error. */
struct entry_source {
    const struct vmwire_option *option;
    struct vmwire_bytes stream;
    const struct vmwire_schema *schema;
    uint64_t pages; /* that it has */
};

struct entry_comparison {
    struct differences *differences;
    const struct entry_source *sources;
    struct entry_owners owners;
    struct entry_table table;
    enum table_answer answer;
    struct vmwire_error *error;
};

enum { STARTED_MOST = 64 }; /* a reader takes no more iterable sections */

/* The iterable sections by their ids: a part has no idstr on the wire. */
struct started {
    uint32_t section_id;
    struct compared_section *section;
};

/* One reading of a stream. */
struct entry_reading {
    struct entry_comparison *comparison;
    int side;
    bool failed; /* an owner could not be made; or the table gave up */
    struct started started[STARTED_MOST];
    size_t started_count;
    const uint8_t *at;                   /* where the section begins */
    struct compared_section *section;    /* NULL: none is compared */
    int kind;                            /* of the last entry */
    const struct entry_handler *handler; /* of that kind; NULL: none */
    struct entry_owner *block, *bitmap, *bitmap_setting;
    struct vmwire_bytes block_name;             /* of `block` */
    struct vmwire_bytes node_name, bitmap_name; /* of `bitmap` */
};

/* A sink of a reading (vmwire/reader.h); `context` is a struct entry_reading. */
void take_entry(void *context, const struct vmwire_item *section, const struct vmwire_entry *entry);

#endif
