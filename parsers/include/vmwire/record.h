/*
 * What a reader makes and a writer takes: the items of a stream, and the records in them as trees.
 * Nothing here owns bytes: data points into the input that was read (or wherever the maker of a
 * record keeps it), schema pointers into the schema; the nodes live in an arena.
 */
#ifndef VMWIRE_RECORD_H
#define VMWIRE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/bytes.h"
#include "vmwire/schema.h"

#pragma GCC visibility push(default)

/* One record: the values of its fields in the order of the schema, then its subsections. */
struct record {
    const struct structure *structure;
    struct value *values;
    struct subsection_value *subsections, *last_subsection;
    struct subsection_value *last_separate; /* of those sent behind the section; NULL: none was */
    const struct field *field;              /* which field of the record around it; NULL: of none */
    uint32_t element;                       /* which element of that field */
};

/*
 * One value. A field that is an array of scalars is one value; each element of an array of
 * structures is one. An element of a list has both `data` (the byte that says one more) and
 * `record`; the end of a list is a value with just the byte 00.
 */
struct value {
    struct value *next;
    const struct field *field;
    struct record *record; /* NULL for a plain value */
    struct bytes data;
    uint32_t element; /* which element of an array of structures, from 0 */
};

struct subsection_value {
    struct subsection_value *next;
    const struct subsection *subsection;
    struct record *record;
    struct bytes raw;    /* all its bytes, wherever the option has put them */
    struct bytes name;   /* as it was on the wire: a NUL in it ends the name that counts */
    uint32_t version_id; /* as it was on the wire; QEMU reads its low byte only */
    bool optional;       /* of a template (template.h): a state need not send it */
};

/* One piece of an iterable section: a page, a block of the block list, a chunk of a bitmap, ... */
struct entry {
    struct entry *next;
    int kind;            /* the token that begins it (TOKEN_RAM_PAGE, ...) */
    struct bytes raw;    /* all its bytes */
    struct bytes name;   /* block or node name; length 0 where it continues the one before */
    struct bytes data;   /* payload: page, bitmap, ... */
    struct bytes header; /* mapped-ram: its header */
    bool page;           /* a page of RAM, in whatever encoding */
    uint64_t value;      /* address without flags, length, index: what the entry begins with */
};

enum item_kind {
    ITEM_CONFIGURATION,
    ITEM_SECTION_START,
    ITEM_SECTION_PART,
    ITEM_SECTION_END,
    ITEM_SECTION_FULL,
    ITEM_COMMAND,
    ITEM_PACKAGE,     /* the command that says that the next `package_length` bytes are a package */
    ITEM_PACKAGE_END, /* zero bytes long */
    ITEM_EOF,
    ITEM_DESCRIPTION,
    ITEM_UNREAD,
};

struct item {
    enum item_kind kind;
    struct bytes raw;    /* from its first byte to its last, without what options moved behind it */
    uint32_t section_id; /* sections */
    struct bytes idstr;  /* of a part or end: the one its start had */
    uint32_t instance_id;
    uint32_t version_id;
    bool footer;
    struct record *record; /* configuration, full */
    struct entry *entries; /* start, part, end */
    struct bytes
        content;      /* start, part, end: the iterable; description: the JSON; unread: all of it */
    uint16_t command; /* command, package */
    struct bytes payload; /* command */
    uint32_t package_length;
};

/*
 * Walks a record tree without recursion, in the order of the wire as it is today: a record, its
 * values, its subsections. After RECORD_SUBSECTION, record_walk_skip() passes over its record.
 */
enum record_step {
    RECORD_BEGIN,      /* `record` begins */
    RECORD_VALUE,      /* `value` without a record, or the marker byte of a list's element */
    RECORD_SUBSECTION, /* `subsection` begins: its record comes next */
    RECORD_END,        /* `record` with all its subsections ends */
    RECORD_DONE,
};

struct record_walk {
    const struct record *record;
    const struct value *value; /* of a record that begins or ends: what it is a value of, or NULL */
    const struct subsection_value *subsection; /* likewise the subsection that it is, or NULL */
    unsigned depth; /* of `record` at RECORD_BEGIN 1, where it is the section's own */

    struct record_walk_frame {
        const struct record *record;
        const struct value *as_value, *next_value;
        const struct subsection_value *as_subsection, *next_subsection;
    } frames[SCHEMA_NESTING_LIMIT], entering;
    bool begins; /* `entering` is the next step */
};

void record_walk_begin(struct record_walk *walk, const struct record *record);
enum record_step record_walk_next(struct record_walk *walk);
void record_walk_skip(struct record_walk *walk);

/* Whether two records hold the same: the same structures, bytes and subsections in the same order.
 */
bool record_equal(const struct record *a, const struct record *b);

/* Bytes of the bitmap that a mapped-ram block has behind its header; 0 where it has none. */
size_t mapped_bitmap_size(const struct entry *entry);

/* Whether two items mean the same: framing values, records, iterable bytes. Mapped-ram offsets,
 * which depend on where in the file a block lies, are not compared. */
bool item_equal(const struct item *a, const struct item *b);

/* A whole stream as a list, for callers that need it in one piece. */
struct stream {
    const struct item **items;
    size_t item_count;
};

bool stream_equal(const struct stream *a, const struct stream *b);

/* Bytes of a configuration or a full section before its record. */
size_t item_header_length(const struct item *item);

const char *item_kind_name(enum item_kind kind);

/* QEMU migration/savevm.c, enum qemu_vm_cmd; NULL where QEMU has no such command. */
const char *command_name(uint16_t command);

#pragma GCC visibility pop

#endif
