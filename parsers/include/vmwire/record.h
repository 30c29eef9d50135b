/*
 * The items of a stream and the records in them, as trees. A reader makes them, a writer takes
 * them. The nodes live in an arena and own no bytes: `struct bytes` points into the input (or to
 * memory of whoever made the record), and the other pointers point into the schema. Knows nothing
 * of reading and writing.
 */
#ifndef VMWIRE_RECORD_H
#define VMWIRE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/bytes.h"
#include "vmwire/schema.h"

#pragma GCC visibility push(default)

/* The values of one structure: its fields in the order of the schema, then its subsections. */
struct record {
    const struct structure *structure;
    struct value *values;
    struct subsection_value *subsections, *last_subsection;
    struct subsection_value *last_separate; /* the last one sent behind the section, or NULL */
    const struct field *field;              /* the field that this record is embedded in, or NULL */
    uint32_t element;                       /* the element of that field, from 0 */
};

/*
 * The value of a field, or of one element of it. An array of scalars is one value. Each element of
 * an array of structures is one value. An element of a list has `data` (the marker byte before it)
 * and `record`; the end of a list is a value of its own, with the byte 00 as `data`.
 */
struct value {
    struct value *next;
    const struct field *field;
    struct record *record; /* NULL for a plain value */
    struct bytes data;
    uint32_t element; /* the element of an array of structures, from 0 */
};

/* A subsection that was sent, with its record. */
struct subsection_value {
    struct subsection_value *next;
    const struct subsection *subsection;
    struct record *record;
    struct bytes raw;    /* all its bytes, also where an option moves it behind the section */
    struct bytes name;   /* as on the wire; QEMU compares it as a C string, up to a NUL */
    uint32_t version_id; /* as on the wire; QEMU uses its low byte only (vmstate_subsection_load) */
    bool optional;       /* in a template (template.h): a state may leave it out */
};

/* One entry of an iterable section: a page, a block of the block list, a chunk of a bitmap, ... */
struct entry {
    struct entry *next;
    int kind;            /* the token that begins it; entry_kind_name() names it */
    struct bytes raw;    /* all its bytes */
    struct bytes name;   /* name of the block or node; length 0: the same as the entry before */
    struct bytes data;   /* payload: page, bitmap, ... */
    struct bytes header; /* mapped-ram: the block's header, its bitmap and the padding */
    bool page;           /* a page of RAM, in any encoding */
    uint64_t value; /* the entry's first number: an address without flags, a length or an index */
};

/* The items of a stream (QEMU migration/savevm.c, qemu_loadvm_state_main). */
enum item_kind {
    ITEM_CONFIGURATION,
    ITEM_SECTION_START,
    ITEM_SECTION_PART,
    ITEM_SECTION_END,
    ITEM_SECTION_FULL,
    ITEM_COMMAND,
    ITEM_PACKAGE, /* the command MIG_CMD_PACKAGED: a package of `package_length` bytes follows */
    ITEM_PACKAGE_END, /* where the package ends; no bytes of its own */
    ITEM_EOF,
    ITEM_DESCRIPTION,
    ITEM_UNREAD, /* the bytes behind the end of the stream */
};

/* A comment names the kinds that have the member. */
struct item {
    enum item_kind kind;
    struct bytes raw;    /* all its bytes, without subsections that an option moves behind it */
    uint32_t section_id; /* sections */
    struct bytes idstr;  /* sections; a part or an end has the idstr of its start */
    uint32_t instance_id;
    uint32_t version_id;
    bool footer;           /* sections: a footer follows (since QEMU 2.4) */
    struct record *record; /* configuration, full */
    struct entry *entries; /* start, part, end */
    struct bytes content;  /* start, part, end: the iterable; description: the JSON; unread: all */
    uint16_t command;      /* command, package */
    struct bytes payload;  /* command */
    uint32_t package_length; /* package: bytes */
};

/* The steps of a walk over a record tree. */
enum record_step {
    RECORD_BEGIN,      /* `record` begins */
    RECORD_VALUE,      /* `value`: it has no record, or it is the marker byte of a list's element */
    RECORD_SUBSECTION, /* `subsection` begins; its record comes next */
    RECORD_END,        /* `record` ends, behind its subsections */
    RECORD_DONE,       /* the whole tree was walked */
};

/* The position of a walk. A caller reads the first four members. At RECORD_BEGIN and RECORD_END,
 * `value` is the value that holds `record`, and `subsection` the subsection that `record` is of;
 * NULL otherwise. */
struct record_walk {
    const struct record *record;
    const struct value *value;
    const struct subsection_value *subsection;
    unsigned depth; /* at RECORD_BEGIN: 1 for the record where the walk began */

    struct record_walk_frame {
        const struct record *record;
        const struct value *as_value, *next_value;
        const struct subsection_value *as_subsection, *next_subsection;
    } frames[SCHEMA_NESTING_LIMIT], entering;
    bool begins; /* the next step begins the record of `entering` */
};

/*
 * Walks a record tree without recursion, in the order of today's wire format: a record, its values,
 * its subsections. record_walk_begin() starts a walk; the tree must outlive it. record_walk_next()
 * goes to the next step and returns it. After RECORD_SUBSECTION, record_walk_skip() leaves out the
 * subsection's record.
 */
void record_walk_begin(struct record_walk *walk, const struct record *record);
enum record_step record_walk_next(struct record_walk *walk);
void record_walk_skip(struct record_walk *walk);

/* Whether two records are equal: the same structures (by address), bytes and subsections in the
 * same order. */
bool record_equal(const struct record *a, const struct record *b);

/* The size, in bytes, of the bitmap behind the header of a mapped-ram block; 0 when the entry has
 * none (QEMU migration/ram.c, parse_ramblock_mapped_ram). */
size_t mapped_bitmap_size(const struct entry *entry);

/* Whether two items are equal: the values of their framing, their records, the bytes of their
 * entries. Does not compare the file offsets of mapped-ram blocks: they depend on the place of the
 * block in the file. */
bool item_equal(const struct item *a, const struct item *b);

/* All items of a stream, in its order. */
struct stream {
    const struct item **items;
    size_t item_count;
};

/* Whether two streams have equal items in the same order. */
bool stream_equal(const struct stream *a, const struct stream *b);

/* The number of bytes before the record of a configuration, or of a section that starts or is full
 * (QEMU migration/savevm.c, save_section_header). */
size_t item_header_length(const struct item *item);

/* The item kind's name, for instance "full". The string is constant. */
const char *item_kind_name(enum item_kind kind);

/* The name of a command, for instance "ping"; NULL when QEMU has no such command (QEMU
 * migration/savevm.c, enum qemu_vm_cmd). The string is constant. */
const char *command_name(uint16_t command);

#pragma GCC visibility pop

#endif
