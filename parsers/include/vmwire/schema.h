/* SPDX-License-Identifier: MIT */
/*
 * A schema: the layouts of all devices and structures. It is loaded from three kinds of sources:
 *
 *   - descriptions, the JSON at the end of a stream since QEMU 2.3 (QEMU migration/vmstate.c,
 *     vmsd_desc_field_start). A description has the exact layout of the stream's sections, with the
 *     subsections that the stream sent.
 *   - dumps, the output of `-dump-vmstate` (QEMU migration/savevm.c, dump_vmstate_json_to_file). A
 *     dump has every structure that the program knows, with all its subsections and versions. Its
 *     sizes are sizes in memory, which may differ from the sizes on the wire.
 *   - declarations, what a program's executable declares (declarations.h). They have every structure, too, and tell its
 *     bytes on the wire, but for what depends on a state or on QEMU's code (struct vmwire_dependence).
 *
 * Structures of one name are merged when they share a field: QEMU also has structures that share
 * nothing but their name. Knows bytes, arenas and JSON; knows nothing of readers, writers and
 * options.
 */
#ifndef VMWIRE_SCHEMA_H
#define VMWIRE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/arena.h"
#include "vmwire/bytes.h"
#include "vmwire/error.h"
#include "vmwire/program_facts.h"

#pragma GCC visibility push(default)

/* The loader refuses structures nested deeper than this (QEMU's own reach about 8). */
#define VMWIRE_SCHEMA_NESTING_LIMIT 64
/* Bytes. The loader refuses a longer description or dump. 256 virtual CPUs need about 8 MB. */
#define VMWIRE_SCHEMA_JSON_LIMIT ((size_t)64 << 20)

/* The bytes that a field can hold. */
enum vmwire_field_class {
    VMWIRE_FIELD_FREE,  /* any bytes: integers, buffers, timers, bitmaps */
    VMWIRE_FIELD_ZEROS, /* unused_buffer: always written as zeros */
    VMWIRE_FIELD_BOOL,  /* 0 or 1 */
    VMWIRE_FIELD_CONSTANT, /* "... equal": writer and reader have the same value; nullptr: always 0x30 */
    VMWIRE_FIELD_OPAQUE, /* a private encoding (virtio, pci config, gtree, ...): values not known */
    VMWIRE_FIELD_CHECKED, /* the reader refuses some values, or reads on as they say (grammar/layouts) */
    VMWIRE_FIELD_RECORD, /* `count` embedded structures: struct, vstruct, tmp */
    VMWIRE_FIELD_LIST, /* qtailq, qlist: before each record a byte that is not 00; at the end a byte 00
                       (QEMU migration/vmstate-types.c, put_qtailq) */
};

/*
 * How a reader finds the length of a field. Only grammar/configuration.json has VMWIRE_LENGTH_COUNTED and
 * VMWIRE_LENGTH_STR8.
 *
 * VMWIRE_LENGTH_POINTERS: an array of `count` pointers, of which the first is null. QEMU before 10.0
 * describes only this first element, a byte 0x30. Another element may not be null and then have any
 * length. So the field has all bytes up to the fields behind it, and those end at the section's
 * footer.
 */
enum vmwire_field_length {
    VMWIRE_LENGTH_FIXED, /* `count` elements of `size` bytes */
    VMWIRE_LENGTH_COUNTED, /* the integer field before this one holds the number of bytes; `count` is 1 */
    VMWIRE_LENGTH_STR8, /* the integer field before this one holds the number of elements; each is a length
                    byte and that many bytes */
    VMWIRE_LENGTH_POINTERS, /* described above */
};

struct vmwire_structure;
struct layout_choice;
struct layout_rule;
struct layout_facts;
struct vmwire_layouts;

/* A record has so many slots: numbers that its fields depend on. */
enum { VMWIRE_SLOTS = 32 };

/*
 * What a field depends on, in a layout that a program declares. A slot holds the value of an earlier field of the record,
 * or what nothing on the wire tells: a number that only the machine knows, or whether a function of QEMU says that fields
 * exist (1 or 0). A slot is given as its number plus one; 0: none. Of a field of a dump only `since` and `condition` are set,
 * and no slot has that condition.
 */
struct vmwire_dependence {
    uint8_t sets;          /* the slot that the field's value goes into */
    uint8_t count;         /* the slot with the number of elements, */
    uint32_t count_factor; /* to be multiplied with it */
    uint8_t size;          /* the slot with the size of an element, */
    uint32_t size_factor;  /* to be multiplied with it */
    bool size_in_bits;     /* that size is in bits, of which 64 make 8 bytes (QEMU put_bitmap) */
    uint8_t condition;     /* the slot that tells whether the field exists */
    const struct vmwire_condition *asks; /* what that depends on; NULL: not known */
    uint32_t since;                      /* the first version of the record that has it */
    uint32_t before;                     /* the first one that no longer has it; 0: none */
    uint32_t
        elements; /* the number of elements, where one can have no bytes; 0: `count` of the field */
    bool versioned; /* its records have the version below, not that of their structure */
    uint32_t version_id;
    bool pointers; /* each element is a byte 30, or what the pointer points to */
    bool markers;  /* a byte 30 or 31 for each element; behind 31 the element follows */
};

/* The numbers of a subsection that are fields of its owner: QEMU gives it the owner's memory. */
struct vmwire_inheritance {
    const struct vmwire_structure *owner;
    uint8_t slots
        [VMWIRE_SLOTS]; /* for each slot that of the owner, as its number plus one; 0: it is its own */
};

/* A field of a structure. */
struct vmwire_field {
    const char *name; /* as the description spells it */
    const char *type; /* QEMU's name of the type: "uint32", "struct", "unused_buffer", ... */
    const struct vmwire_structure
        *structure; /* VMWIRE_FIELD_RECORD, VMWIRE_FIELD_LIST (NULL: no element was sent) */
    uint32_t
        size; /* bytes of one element on the wire. VMWIRE_FIELD_RECORD: as this stream wrote it.
                       VMWIRE_FIELD_LIST: bytes of the whole list, as this stream wrote it */
    uint32_t count; /* number of elements (`array_len`); 1 when the field is no array */
    int32_t index;  /* a description can list an array as several fields, an element or a run of
                       elements each: the first element of this one, from 0; -1: not such a field */
    enum vmwire_field_class class;
    enum vmwire_field_length length;
    uint32_t
        word_limit; /* the reader refuses a be32 of it that is larger; 0: it refuses none, or that is not known */
    uint32_t least_behind; /* bytes that the structure's fields behind it have in every stream */
    bool null_pointer;     /* each element is one byte 0x30 (QEMU VMWIRE_VMS_NULLPTR_MARKER) */
    bool determines; /* which fields follow, or how many elements they have, depends on its value */
    /* In another state other bytes can stand where it begins, or follow where it ends: that depends on earlier fields, or on
     * QEMU's code. */
    bool unsteady, unsteady_end;
    bool placed; /* it lies at `place`, in bytes, in the structure in QEMU's memory */
    uint64_t place;
    const struct vmwire_dependence *dependence; /* NULL: the field is as it says */
    const struct layout_rule
        *rule; /* what its declaration does not tell, but grammar/layouts does; NULL: nothing */
};

/* The source of a subsection's layout. */
enum vmwire_layout_source {
    VMWIRE_LAYOUT_SENT, /* a description: the stream sent it with this very structure */
    VMWIRE_LAYOUT_OTHER, /* a description: a stream sent it with another structure of the same name */
    VMWIRE_LAYOUT_ASSUMED, /* a dump that has only plain scalars for it, which are always sent. The layout
                       can be wrong: a dump can show an array as one scalar */
    VMWIRE_LAYOUT_UNKNOWN, /* only the name and the versions are known: `structure` is NULL */
};

/* A subsection that a structure can send. */
struct vmwire_subsection {
    const char *name;
    uint32_t version_id;         /* the highest that a reader with this schema accepts */
    uint32_t minimum_version_id; /* the lowest; equals version_id when no dump declares it */
    const struct vmwire_structure *structure;
    /* The layout that a program declares, where it depends on something; `structure` is NULL then. NULL: none. */
    const struct vmwire_structure *dependent;
    enum vmwire_layout_source source;
    bool existing; /* an older release already declares it (vmwire_schema_set_existing) */
    bool hidden;   /* one of the same name stands before it, and readers take that */
};

/* A structure as one source has it in one place. Two places may have different layouts of one
 * name. */
struct vmwire_structure {
    const char *name;            /* vmsd_name; NULL: an old-style section, which has no tail */
    uint32_t version_id;         /* the highest that a reader accepts: from a dump, or else from the
                                    description. UINT32_MAX in an old-style section: its
                                    own code checks the version */
    uint32_t minimum_version_id; /* the lowest; equals version_id when no dump declares it; 0 in an
                                    old-style section */
    /* The version that has this layout; the layouts of other versions are not known. A reader need
     * not accept this version. Equals version_id in a dump. */
    uint32_t described_version_id;
    uint32_t
        described_minimum_version_id; /* the lowest, as the source says here, where it says it */
    struct vmwire_field *fields;
    size_t field_count;
    /* All known subsections of this structure, in the order in which a dump declares them. Where no dump
     * declares them all: first those that this source sent here, in the order of the stream, then those
     * from other places, in the order of the sources. */
    struct vmwire_subsection *subsections;
    size_t subsection_count;
    uint32_t least_size; /* bytes that its fields have in every stream */
    size_t sent_count;   /* the number of subsections that were sent here */
    bool order_unknown;  /* no source tells the order of all its subsections */
    bool assumed;        /* the layout is from a dump, or it depends on something */
    bool declared;       /* the layout is what a program declares */
    bool
        either; /* it has a field or has it not, as a function of QEMU says, and nothing tells what that asks */
    bool unsteady_end;  /* in another state its fields can go on here: likewise */
    bool referred;      /* another declared structure has it in a field, or as a subsection */
    bool is_subsection; /* another declared structure has it as a subsection: no section has it */
    bool conditional;   /* declared: a function of QEMU decides whether it is sent (`needed`) */
    const struct vmwire_condition *needed; /* what that function asks; NULL: not known */
    bool unmigratable;             /* declared: QEMU refuses to migrate a machine that has it */
    struct vmwire_structure *next; /* the next structure of the schema, in the order of loading */
    /* Of a declared structure that can have a section: its program, and its number there; NULL: it is none. */
    const struct vmwire_program_facts *program;
    size_t number;
    const struct vmwire_inheritance *inherited; /* NULL: nothing of an owner */
    const struct layout_facts
        *facts; /* numbers that nothing on the wire tells, which its fields depend on; NULL: none */
};

/* A device: the section of this idstr and instance_id has this structure. */
struct vmwire_device {
    const char *idstr;
    uint32_t instance_id;
    const struct vmwire_structure *structure;
    /* Of a device type: those of its section, which a dump has beside those of the structure. Both 0: it has none. */
    uint32_t version_id, minimum_version_id;
};

/* A schema. It and everything in it live in its arena, which the caller owns. */
struct vmwire_schema {
    struct vmwire_arena *arena;
    struct vmwire_structure *configuration; /* the built-in layout of grammar/configuration.json */
    const struct vmwire_device *devices;    /* sorted by idstr, then instance_id */
    size_t device_count;
    /* All devices of descriptions, as loaded: a stream can have two sections of one device */
    const struct vmwire_device *described;
    size_t described_count;
    const struct vmwire_device
        *types; /* device types of dumps, as loaded; `idstr` is the type's name */
    size_t type_count;
    const char
        *dumped_machine; /* the machine type that the last dump was made of; NULL: none is told */
    bool
        dumps_counts; /* a dump tells how many elements arrays have, if that is always the same (QEMU 10.0 does) */
    const struct vmwire_device
        *declared; /* what programs declare: each structure, sorted by its name in `idstr` */
    size_t declared_count;
    const char *
        releases; /* of the last program: those of QEMU with declarations of its shape, "8.0 to 10.1"; NULL: no program */
    const struct vmwire_program_facts *program; /* of the last program; NULL: there is none */
    /* It is that of a program, and the layouts of the devices are those that fit another one's stream: set by the caller. */
    bool fitted;
    const struct vmwire_structure *structures; /* all of them, also those of dumps */
    uint32_t page_size; /* bytes of a RAM page, from a description; 0: not known */
    const struct vmwire_layouts *layouts;  /* of private encodings; NULL: not added */
    struct vmwire_schema_loading *loading; /* private; NULL after vmwire_schema_finish() */
};

/* Makes a schema in `arena`. It holds only the configuration record. Returns NULL with `error` set when memory runs out
 * (VMWIRE_ERROR_MEMORY). */
struct vmwire_schema *vmwire_schema_create(struct vmwire_arena *arena, struct vmwire_error *error);

/*
 * Add a source to the schema. When two sources have the same device (idstr and instance_id), the
 * schema keeps the first. The schema copies what it needs of `json`.
 *
 * Return false with `error` set when `json` is not JSON or does not have QEMU's form
 * (VMWIRE_ERROR_SCHEMA), or exceeds a limit (VMWIRE_ERROR_LIMIT). The error's offset is in bytes from the start
 * of `json`, its path is in the JSON. The schema then has no device and no structure of this
 * source; likewise when memory runs out (VMWIRE_ERROR_MEMORY).
 */
bool vmwire_schema_add_description(struct vmwire_schema *schema, struct vmwire_bytes json,
                                   struct vmwire_error *error);
bool vmwire_schema_add_dump(struct vmwire_schema *schema, struct vmwire_bytes json,
                            struct vmwire_error *error);

/* The same for the description that vmwire_description_of_section() makes of sections (description.h). It also tells the classes
 * of fields; one that a stream carries may not. */
bool vmwire_schema_add_made_description(struct vmwire_schema *schema, struct vmwire_bytes json,
                                        struct vmwire_error *error);

/* Adds what a program (files[0]) and its modules declare. Errors are those of vmwire_declarations_find(), and those
 * above. */
bool vmwire_schema_add_program(struct vmwire_schema *schema, const struct vmwire_bytes *files,
                               size_t file_count, size_t *fault, struct vmwire_error *error);

/* Adds what grammar/layouts tells of private encodings and of declared structures: a reading can then split such a field
 * (reader.h, `splits`). Declarations add it by themselves. Returns false with `error` set when memory runs out. */
bool vmwire_schema_add_layouts(struct vmwire_schema *schema, struct vmwire_error *error);

/* The same with what another schema has of them already. The other schema's arena must not be destroyed earlier. */
void vmwire_schema_share_layouts(struct vmwire_schema *schema, const struct vmwire_schema *other);

/* Adds a file: a description, a dump, declarations as `vmwire schema` prints them, a program without its modules, or a
 * stream with its description at the end. Errors are those above and those of vmwire_description_locate();
 * VMWIRE_ERROR_NO_LAYOUT for a stream without a description. */
bool vmwire_schema_add(struct vmwire_schema *schema, struct vmwire_bytes file,
                       struct vmwire_error *error);

/* Merges the structures of all sources and sorts the devices. Call it once: after the last source
 * is added and before the schema is used. Returns false with `error` set when memory runs out (VMWIRE_ERROR_MEMORY); the
 * schema is then of no use. */
bool vmwire_schema_finish(struct vmwire_schema *schema, struct vmwire_error *error);

/* Sets `existing` of each subsection that a structure of the same name has in `older` too. Call
 * vmwire_schema_finish() on both schemas before. Returns false with `error` set when memory runs out
 * (VMWIRE_ERROR_MEMORY); the schema is then as it was. */
bool vmwire_schema_set_existing(struct vmwire_schema *schema, const struct vmwire_schema *older,
                                struct vmwire_error *error);

/*
 * Finds the description at the end of a stream, and returns the bytes of its JSON in `stream`;
 * length 0 when there is none. It searches from the end for a byte 06, a be32 that is the length of
 * all bytes behind it, and a brace (QEMU migration/savevm.c, VMWIRE_QEMU_VM_VMDESCRIPTION). A
 * caller needs the layout before it can read the stream. A reader does not use this function: the
 * grammar defines where a description stands.
 */
struct vmwire_bytes vmwire_description_find(struct vmwire_bytes stream);

/*
 * Finds the description as vmwire_description_find() does, and explains why a description cannot be used.
 * Returns true with the description, or with length 0 when there is none. Returns false with
 * `error` set (the offset is in bytes of the stream) when the description is cut off
 * (VMWIRE_ERROR_TRUNCATED), is longer than VMWIRE_SCHEMA_JSON_LIMIT (VMWIRE_ERROR_LIMIT), is followed by other bytes
 * (VMWIRE_ERROR_UNREAD), or does not begin as a JSON object (VMWIRE_ERROR_SCHEMA).
 *
 * A damaged description is recognised by a 00 before it and by QEMU's first key. A guest's memory
 * can hold such bytes too. So use the error to explain why a layout is missing; do not refuse a
 * readable stream for it.
 */
bool vmwire_description_locate(struct vmwire_bytes stream, struct vmwire_bytes *description,
                               struct vmwire_error *error);

/* Returns the device, or NULL. Compares `idstr` as a C string, as QEMU does (migration/savevm.c,
 * find_se). */
const struct vmwire_device *vmwire_schema_device(const struct vmwire_schema *schema,
                                                 const char *idstr, uint32_t instance_id);

/* Returns one of the declared structures that a section of this idstr can have, or NULL when there are not so many: `number`
 * counts from 0. A subsection has no section. Those that no other structure refers to come first. An idstr is the structure's name, or the device's path, a slash and that name (QEMU migration/savevm.c,
 * vmstate_register_with_alias_id). */
const struct vmwire_structure *vmwire_schema_declared(const struct vmwire_schema *schema,
                                                      const char *idstr, size_t number);

/* Returns the subsection of that name, or NULL. `name` is a C string (QEMU migration/vmstate.c,
 * vmstate_get_subsection). */
const struct vmwire_subsection *
vmwire_structure_subsection(const struct vmwire_structure *structure, const char *name);

/* The class's name, for instance "free". The string is constant. */
const char *vmwire_field_class_name(enum vmwire_field_class class);

/* Whether nothing tells which values a field of this class can have beside the one that it has. */
static inline bool vmwire_field_class_is_unknown(enum vmwire_field_class class)
{
    return class == VMWIRE_FIELD_OPAQUE || class == VMWIRE_FIELD_CHECKED;
}

#pragma GCC visibility pop

#endif
