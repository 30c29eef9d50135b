/*
 * What a record holds. A schema is made of two sources, merged by structure name and resemblance
 * (QEMU has namesakes that have nothing in common):
 *
 *   - descriptions (the JSON at the end of a stream; QEMU migration/vmstate.c, vmsd_desc_field_start):
 *     the exact layout of that stream's sections, with the subsections that it sent;
 *   - dumps (`-dump-vmstate`; QEMU migration/savevm.c, dump_vmstate_json_to_file): every structure that
 *     the program knows with all its declared subsections and versions. Sizes in a dump are those in
 *     memory: it tells what may follow, not how long it is.
 *
 * Knows bytes, arenas and JSON; knows nothing of readers, writers or options.
 */
#ifndef VMWIRE_SCHEMA_H
#define VMWIRE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/arena.h"
#include "vmwire/bytes.h"
#include "vmwire/error.h"

#pragma GCC visibility push(default)

/* Structures nested deeper than this are refused (QEMU's own reach about 8). */
#define SCHEMA_NESTING_LIMIT 64
/* A longer description or dump is refused. 256 virtual CPUs need about 8 MB. */
#define SCHEMA_JSON_LIMIT ((size_t)64 << 20)

/* What the bytes of a field can be. */
enum field_class {
    FIELD_FREE,     /* any bytes: integers, buffers, timers, bitmaps */
    FIELD_ZEROS,    /* unused_buffer: always written as zeros */
    FIELD_BOOL,     /* 0 or 1 */
    FIELD_CONSTANT, /* "... equal": the writer's value is the reader's value; nullptr: always 0x30
                     */
    FIELD_OPAQUE,   /* a private encoding (virtio, pci config, gtree, ...): not decided */
    FIELD_RECORD,   /* an embedded structure: struct, vstruct, tmp; `count` elements of it */
    FIELD_LIST,     /* qtailq, qlist: (a byte that is not 00, record)* 00 */
};

/* How many bytes one element has on the wire. */
enum field_length {
    LENGTH_FIXED,   /* `size` */
    LENGTH_COUNTED, /* as many bytes as the integer field just before this one says; `count` is 1 */
    LENGTH_STR8,    /* a length byte and that many bytes; and as many elements as the integer field
                       just before this one says. Both only in grammar/configuration.json. */
    LENGTH_POINTERS, /* `count` null pointers; but where one of them is not null, QEMU before 10.0
                        does not describe it: all bytes up to the fields behind this one, which are
                        those before the section's footer */
};

struct structure;

struct field {
    const char *name; /* as the description spells it */
    const char *type; /* QEMU's name of the type: "uint32", "struct", "unused_buffer", ... */
    const struct structure *structure; /* FIELD_RECORD, FIELD_LIST (NULL: no element was sent) */
    uint32_t size;  /* bytes of one element on the wire; of a FIELD_RECORD as this stream wrote it;
                       of a FIELD_LIST of the whole list as this stream wrote it */
    uint32_t count; /* elements, one after another (`array_len`); 1 where it is no array */
    int32_t index;  /* where several fields are one array, element by element or in runs: which
                       element this is, or its first one; -1 otherwise */
    enum field_class class;
    enum field_length length;
    bool null_pointer; /* each element is one byte 0x30 (QEMU VMS_NULLPTR_MARKER) */
};

/* Where the layout of a subsection comes from. */
enum layout_source {
    LAYOUT_SENT,    /* this stream sent it under this very structure */
    LAYOUT_OTHER,   /* a description sent it under a structure of the same name */
    LAYOUT_ASSUMED, /* a dump's sizes, where it has nothing but plain scalars that are always there;
                       what looks like one may yet be an array of them */
    LAYOUT_UNKNOWN, /* known by name and version only: `structure` is NULL */
};

struct subsection {
    const char *name;
    uint32_t version_id;         /* the highest that a reader with this schema accepts */
    uint32_t minimum_version_id; /* the lowest; equals version_id where no dump tells it */
    const struct structure *structure;
    enum layout_source source;
    bool existing; /* an older release declared it already (schema_set_existing) */
};

/* One structure at one place: two places with the same name may have different layouts. */
struct structure {
    const char *name;            /* vmsd_name; NULL: an old-style section, which has no tail */
    uint32_t version_id;         /* the highest that a reader accepts, as a dump says; as described
                                    where none does. An old-style section's own code judges it:
                                    UINT32_MAX, and 0 as minimum */
    uint32_t minimum_version_id; /* the lowest; equals version_id where no dump tells it */
    uint32_t described_version_id; /* the version whose layout this is: that of any other that a
                                      reader accepts is not known, and this one need not be among
                                      them; where no description tells it, equals version_id */
    struct field *fields;
    size_t field_count;
    /* Every subsection that a structure of this name is known to have: those sent here first, in
     * the order in which they were sent, then those known from other places, in the order of the
     * sources. */
    struct subsection *subsections;
    size_t subsection_count;
    size_t sent_count;      /* how many of them were sent here */
    bool assumed;           /* the layout is a dump's */
    struct structure *next; /* all structures of a schema, in the order in which they were read */
};

struct device {
    const char *idstr;
    uint32_t instance_id;
    const struct structure *structure;
};

struct schema {
    struct arena *arena;
    struct structure *configuration; /* the built-in layout of grammar/configuration.json */
    const struct device *devices;    /* sorted by idstr, then instance_id */
    size_t device_count;
    const struct device *types; /* device types of dumps, by name (idstr), as they were added */
    size_t type_count;
    const struct structure *structures; /* all; declarations of dumps included */
    uint32_t page_size;                 /* bytes of a RAM page as a description says; 0: none did */
    struct schema_loading *loading;     /* private, until schema_finish() */
};

/* An empty schema that holds just the configuration record. It lives in `arena`. */
struct schema *schema_create(struct arena *arena);

/*
 * Adds a source; where two sources describe the same device (idstr and instance), the first stays.
 * `json` need not outlive the call. False with `error` set (offset: bytes into `json`; path: where
 * in the JSON) when it is not JSON, not of the form that QEMU writes, or beyond the limits; the
 * source then adds no device and no structure.
 */
bool schema_add_description(struct schema *schema, struct bytes json, struct error *error);
bool schema_add_dump(struct schema *schema, struct bytes json, struct error *error);

/* Adds a file of any of the three kinds: a stream (its description), a description, a dump. A
 * stream without a description is ERROR_NO_LAYOUT. */
bool schema_add(struct schema *schema, struct bytes file, struct error *error);

/* Ends the adding: merges by structure name and sorts. Call it once, before the schema is used. */
void schema_finish(struct schema *schema);

/* Marks as `existing` each subsection that a structure of the same name declares in `older`. Both
 * are finished schemas. */
void schema_set_existing(struct schema *schema, const struct schema *older);

/*
 * The description at the end of a stream, found from its end: 06, the length of all that follows
 * it, and a brace. Length 0 when there is none. What a reader meets there is the grammar's to say:
 * this only helps to learn the layout beforehand.
 */
struct bytes description_find(struct bytes stream);

/*
 * Likewise, but tells a stream that has no description (true, length 0) from one the description of
 * which is of no use (false, with `error` set and its offset in the stream): cut off
 * (ERROR_TRUNCATED), longer than SCHEMA_JSON_LIMIT (ERROR_LIMIT), followed by other bytes
 * (ERROR_UNREAD), or no JSON object (ERROR_SCHEMA). The last is told by its beginning only. What is
 * not where it should be is believed to be one when it stands behind a 00 and begins as QEMU's do;
 * a guest's memory can hold such bytes too, so that the error explains why a layout is missing and
 * is no reason to refuse a stream that can be read.
 */
bool description_locate(struct bytes stream, struct bytes *description, struct error *error);

/* The device, or NULL. `idstr` is compared as QEMU does, as a C string. */
const struct device *schema_device(const struct schema *schema, const char *idstr,
                                   uint32_t instance_id);

/* The subsection of that name, or NULL. `name` is a C string (QEMU vmstate_get_subsection: strcmp).
 */
const struct subsection *structure_subsection(const struct structure *structure, const char *name);

const char *field_class_name(enum field_class class);

#pragma GCC visibility pop

#endif
