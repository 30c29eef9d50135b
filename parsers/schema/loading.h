/* SPDX-License-Identifier: MIT */
/*
 * The state of a schema while sources are added, up to vmwire_schema_finish(). Knows nothing of JSON.
 */
#ifndef VMWIRE_SCHEMA_LOADING_H
#define VMWIRE_SCHEMA_LOADING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "vmwire/schema.h"

/* Fields without bytes cost a reader time, but no byte of the stream. So a structure, with all
 * structures embedded in it, has at most this number of them, and one more for each byte of its
 * minimum size. Real structures have at most one. */
#define EMPTY_FIELDS_LIMIT 256
/* The structures of a family share their subsections. These limits bound the product.
 * SUBSECTION_LIMIT bounds the different subsections of a family, and the subsections that one
 * structure lists. A structure can list a subsection twice: QEMU 11.1's sd-card does. */
#define SUBSECTION_LIMIT         256
#define MERGED_SUBSECTIONS_LIMIT (UINT64_C(1) << 22) /* all structures of a schema */

struct declared_slots;
struct family;
struct field_type;

/* A name in a schema. Equal names are the same symbol. */
struct symbol {
    struct symbol *next; /* the next one in the bucket */
    uint64_t hash;
    struct family *family;         /* the first family of structures of this name, or NULL */
    const struct field_type *type; /* the field type of this name; NULL: not looked up yet */
    char text[];
};

/* A structure as one source has it in one place. */
struct layout {
    struct vmwire_structure structure; /* the first member: code casts a structure to its layout */
    struct symbol *symbol;             /* the structure's name; NULL: an old-style section */
    struct family *family;             /* NULL: an old-style section */
    uint64_t size;                     /* bytes on the wire, with its subsections */
    uint64_t minimum_size; /* bytes in every stream: without subsections, and with empty lists */
    uint64_t empty_fields; /* fields that can have no bytes, in each element */
    /* What it declares itself, by a source that declares exactly that; NULL: it is not such a source. */
    const struct vmwire_subsection *own;
    size_t own_count;
    struct declared_slots *slots; /* declared.c: the numbers that its fields depend on */
    const void *origin;           /* one for each structure in the source */
    unsigned source;              /* the number of the source */
    bool declares_version;        /* the source has the versions that a reader accepts */
    bool depends_on_place;        /* on numbers that are not in its own bytes */
    bool unknown_on_wire;         /* the source is a dump and does not determine the layout */
};

/* A device of a description, or a device type of a dump. */
struct loaded_device {
    struct vmwire_device device;
    bool type;     /* a device type */
    bool declared; /* a structure that a program declares */
    struct loaded_device *next;
};

/* The members of a schema that vmwire_schema_finish() drops. */
struct vmwire_schema_loading {
    struct bucket *buckets;
    size_t bucket_count; /* a power of two */
    size_t symbol_count;
    struct vmwire_structure *structures, **structures_end;
    struct loaded_device *devices, **devices_end;
    size_t device_count;
    unsigned source_count;
    uint64_t
        merged_subsections; /* the subsections that vmwire_schema_finish() will allocate, at most */
};

#endif
