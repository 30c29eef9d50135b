/* SPDX-License-Identifier: MIT */
/*
 * The items of a stream and the records in them, as trees. A reader makes them, a writer takes
 * them. The nodes live in an arena and own no bytes: `struct vmwire_bytes` points into the input (or to
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
struct vmwire_record {
    const struct vmwire_structure *structure;
    struct vmwire_value *values;
    struct vmwire_subsection_value *subsections, *last_subsection;
    struct vmwire_subsection_value
        *last_separate;               /* the last one sent behind the section, or NULL */
    const struct vmwire_field *field; /* the field that this record is embedded in, or NULL */
    uint32_t element;                 /* the element of that field, from 0 */
    /* The version_id and the length of the fields, as on the wire, where the option frames records; length 0: it does
     * not. */
    struct vmwire_bytes header;
};

/*
 * The value of a field, or of one element of it. An array of scalars is one value. Each element of
 * an array of structures is one value. An element of a list has `data` (the marker byte before it)
 * and `record`; the end of a list is a value of its own, with the byte 00 as `data`.
 */
struct vmwire_value {
    struct vmwire_value *next;
    const struct vmwire_field *field;
    struct vmwire_record *record; /* NULL for a plain value */
    struct vmwire_bytes data; /* as QEMU writes it, also where the stream has another encoding */
    uint32_t element;         /* the element of an array of structures, from 0 */
};

/* Where a value that a reader has made begins in the stream that it has read. Its `data` point there, or where the stream
 * has another encoding, into memory before which a pointer to that place stands. */
const uint8_t *vmwire_value_place(const struct vmwire_value *value, struct vmwire_bytes stream);

/* A subsection that was sent, with its record. */
struct vmwire_subsection_value {
    struct vmwire_subsection_value *next;
    const struct vmwire_subsection *subsection;
    struct vmwire_record *record;
    struct vmwire_bytes raw;  /* all its bytes, also where an option moves it behind the section */
    struct vmwire_bytes name; /* as on the wire; QEMU compares it as a C string, up to a NUL */
    uint32_t version_id; /* as on the wire; QEMU uses its low byte only (vmstate_subsection_load) */
    bool optional;       /* in a template (template.h): a state may leave it out */
};

/* One entry of an iterable section: a page, a block of the block list, a chunk of a bitmap, ... */
struct vmwire_entry {
    struct vmwire_entry *next;
    int kind;                /* the token that begins it; vmwire_entry_kind_name() names it */
    struct vmwire_bytes raw; /* all its bytes */
    struct vmwire_bytes
        name; /* name of the block or node; length 0: the same as the entry before */
    struct vmwire_bytes data;   /* payload: page, bitmap, ... */
    struct vmwire_bytes header; /* mapped-ram: the block's header, its bitmap and the padding */
    bool page;                  /* a page of RAM, in any encoding */
    uint64_t value; /* the entry's first number: an address without flags, a length or an index */
};

/* The items of a stream (QEMU migration/savevm.c, qemu_loadvm_state_main). */
enum vmwire_item_kind {
    VMWIRE_ITEM_CONFIGURATION,
    VMWIRE_ITEM_SECTION_START,
    VMWIRE_ITEM_SECTION_PART,
    VMWIRE_ITEM_SECTION_END,
    VMWIRE_ITEM_SECTION_FULL,
    VMWIRE_ITEM_COMMAND,
    VMWIRE_ITEM_PACKAGE, /* the command VMWIRE_MIG_CMD_PACKAGED; what is in the package follows */
    VMWIRE_ITEM_PACKAGE_END, /* where the package ends; no bytes of its own */
    VMWIRE_ITEM_EOF,         /* the end of the stream, or of a package */
    VMWIRE_ITEM_DESCRIPTION,
    VMWIRE_ITEM_UNREAD, /* the bytes behind the end of the stream, or that are left of a package */
};

/* A comment names the kinds that have the member. */
struct vmwire_item {
    enum vmwire_item_kind kind;
    struct vmwire_bytes raw; /* all its bytes, without subsections that an option moves behind it */
    uint32_t section_id;     /* sections */
    struct vmwire_bytes idstr; /* sections; a part or an end has the idstr of its start */
    uint32_t instance_id;
    uint32_t version_id;
    bool footer;                  /* sections: a footer follows (since QEMU 2.4) */
    struct vmwire_record *record; /* configuration, full */
    struct vmwire_entry
        *entries; /* start, part, end; with a vmwire_entry_sink (reader.h) not all */
    struct vmwire_bytes
        content;      /* start, part, end: the iterable; description: the JSON; unread: all */
    uint16_t command; /* command, package */
    struct vmwire_bytes payload; /* command */
    struct vmwire_bytes
        package; /* package: what it carries. Its length stands in the 4 bytes before,
                                    and these behind `raw`, or behind the package around this one */
};

/* The steps of a walk over a record tree. */
enum vmwire_record_step {
    VMWIRE_RECORD_BEGIN, /* `record` begins */
    VMWIRE_RECORD_VALUE, /* `value`: it has no record, or it is the marker byte of a list's element */
    VMWIRE_RECORD_SUBSECTION, /* `subsection` begins; its record comes next */
    VMWIRE_RECORD_END,        /* `record` ends, behind its subsections */
    VMWIRE_RECORD_DONE,       /* the whole tree was walked */
};

/* The position of a walk. A caller reads the first four members. At VMWIRE_RECORD_BEGIN and VMWIRE_RECORD_END,
 * `value` is the value that holds `record`, and `subsection` the subsection that `record` is of;
 * NULL otherwise. At the other steps `record` is the one that has the value or the subsection. */
struct vmwire_record_walk {
    const struct vmwire_record *record;
    const struct vmwire_value *value;
    const struct vmwire_subsection_value *subsection;
    unsigned depth; /* at VMWIRE_RECORD_BEGIN: 1 for the record where the walk began */

    struct vmwire_record_walk_frame {
        const struct vmwire_record *record;
        const struct vmwire_value *as_value, *next_value;
        const struct vmwire_subsection_value *as_subsection, *next_subsection;
    } frames[VMWIRE_SCHEMA_NESTING_LIMIT], entering;
    bool begins; /* the next step begins the record of `entering` */
};

/*
 * Walks a record tree without recursion, in the order of today's wire format: a record, its values,
 * its subsections. vmwire_record_walk_begin() starts a walk; the tree must outlive it. vmwire_record_walk_next()
 * goes to the next step and returns it. After VMWIRE_RECORD_SUBSECTION, vmwire_record_walk_skip() leaves out the
 * subsection's record.
 */
void vmwire_record_walk_begin(struct vmwire_record_walk *walk, const struct vmwire_record *record);
enum vmwire_record_step vmwire_record_walk_next(struct vmwire_record_walk *walk);
void vmwire_record_walk_skip(struct vmwire_record_walk *walk);

/* The version_id of a record that is embedded in another one: as on the wire, or that of its layout where the option
 * does not send it. */
uint32_t vmwire_record_version(const struct vmwire_record *record);

/* Whether two records are equal: the same structures (by address), versions, bytes and subsections in the
 * same order. */
bool vmwire_record_equal(const struct vmwire_record *a, const struct vmwire_record *b);

/* Whether the entry is a block of mapped RAM that has its pages in the file, where its header says. A shared block has not.
 * A block of no length has none, but the header says where. */
bool vmwire_entry_is_mapped(const struct vmwire_entry *entry);

/* The size, in bytes, of the bitmap behind the header of a mapped-ram block; 0 when the entry has
 * none (QEMU migration/ram.c, parse_ramblock_mapped_ram). */
size_t vmwire_mapped_bitmap_size(const struct vmwire_entry *entry);

/* Whether two items are equal: the values of their framing, their records, the bytes of their
 * entries. Does not compare the file offsets of mapped-ram blocks: they depend on the place of the
 * block in the file. */
bool vmwire_item_equal(const struct vmwire_item *a, const struct vmwire_item *b);

/* All items of a stream, in its order. */
struct vmwire_stream {
    const struct vmwire_item **items;
    size_t item_count;
};

/* The name of the machine type in the configuration (QEMU migration/savevm.c, vmstate_configuration). `stream` can be NULL.
 * Length 0: there is none. */
struct vmwire_bytes vmwire_stream_machine(const struct vmwire_stream *stream);

/* Whether two streams have equal items in the same order. */
bool vmwire_stream_equal(const struct vmwire_stream *a, const struct vmwire_stream *b);

/* The number of bytes before the record of a configuration, or of a section that starts or is full
 * (QEMU migration/savevm.c, save_section_header). The version is counted, also where it is part of the record. */
size_t vmwire_item_header_length(const struct vmwire_item *item);

/* The item kind's name, for instance "full". The string is constant. */
const char *vmwire_item_kind_name(enum vmwire_item_kind kind);

/* The name of a command, for instance "ping"; NULL when QEMU has no such command (QEMU
 * migration/savevm.c, enum qemu_vm_cmd). The string is constant. */
const char *vmwire_command_name(uint16_t command);

#pragma GCC visibility pop

#endif
