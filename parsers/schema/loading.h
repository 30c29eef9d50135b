/*
 * Private to the schema: what is kept while sources are added, until schema_finish().
 */
#ifndef VMWIRE_SCHEMA_LOADING_H
#define VMWIRE_SCHEMA_LOADING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "vmwire/schema.h"

/* Fields of no bytes cost a reader time but no stream: a structure with all that is embedded in it
 * has at most as many, and one more for each byte that it has in any stream. Real ones have one. */
#define EMPTY_FIELDS_LIMIT 256
/* Structures of one name know each other's subsections: the limits bound the product. Of one
 * structure name there are as many different ones; QEMU 11.1's sd-card declares one twice, and so
 * one structure may send some more than once, but no more in all. */
#define SUBSECTION_LIMIT         256
#define MERGED_SUBSECTIONS_LIMIT (UINT64_C(1) << 22) /* of all structures of a schema together */

struct family;
struct field_type;

/* A name that occurs in a schema, kept once: the same name is the same pointer. */
struct symbol {
    struct symbol *next; /* in its bucket */
    uint64_t hash;
    struct family *family; /* the structures of this name, in families; NULL: there is none */
    const struct field_type *type; /* the type of this name, once it was looked up */
    char text[];
};

/* One structure as one source has it. */
struct layout {
    struct structure structure; /* the first member: a structure that was loaded is a layout */
    struct symbol *symbol;      /* the structure's name; NULL: an old-style section */
    struct family *family;      /* the structures of its name that resemble it */
    uint64_t size;              /* bytes on the wire, subsections included */
    uint64_t minimum_size; /* bytes of its fields alone, lists empty: what it has in any stream */
    uint64_t empty_fields; /* how many have no bytes in some stream, elements counted */
    bool declares_version; /* version_id and minimum_version_id are what a reader accepts */
    bool undecided;        /* a dump's, which does not tell what it is on the wire */
};

struct loaded_device {
    struct device device;
    bool type; /* of a dump: no device, but what one of its type is */
    struct loaded_device *next;
};

struct schema_loading {
    struct bucket *buckets;
    size_t bucket_count; /* a power of two */
    size_t symbol_count;
    struct structure *structures, **structures_end;
    struct loaded_device *devices, **devices_end;
    size_t device_count;
    uint64_t merged_subsections; /* how many schema_finish() will make at most */
};

#endif
