/*
 * Private to the schema: what description.c and dump.c share while sources are added, until
 * schema_finish(). A source is walked to its end first and committed then, so that a source with an
 * error leaves nothing behind.
 */
#ifndef VMWIRE_SCHEMA_LOADING_H
#define VMWIRE_SCHEMA_LOADING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema.h"

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

struct walk;

/* How a kind of source spells a structure, and what it makes of a field. */
struct source_form {
    const char *name, *version, *fields, *subsections; /* JSON keys */
    const char *minimum_version; /* likewise; NULL: the source does not tell it */
    bool fields_optional;
    bool declares; /* its subsections are those that a structure can have, not those that it sent */
    /* Fills in the field; `inner` is the JSON of the structure embedded in it, if any. */
    bool (*load_field)(struct walk *walk, const json_t *json, struct field *field,
                       const json_t **inner);
    /* All fields are loaded, embedded structures too; what the source leaves open is put right. */
    void (*settle_fields)(struct structure *structure);
    /* The structure embedded in a field is loaded: makes the field's size fit. */
    bool (*embed)(struct walk *walk, struct field *field, const struct layout *layout);
};

/* A structure that is being loaded. */
struct open_structure {
    struct layout *layout;
    const json_t *fields, *subsections;
    size_t next_field, next_subsection;
    bool measured;
    struct field *embedding; /* the field of the structure around it that it belongs to, if any */
};

/* Where in the JSON: `key[index] "name" / inner`, or what of this there is. */
struct step {
    const char *key;
    bool indexed;
    size_t index;
    const char *name;
    const char *inner;
};

struct walk {
    struct schema *schema;
    const struct source_form *form;
    struct error *error;

    struct open_structure open[SCHEMA_NESTING_LIMIT];
    size_t open_count;
    struct step steps[SCHEMA_NESTING_LIMIT + 2]; /* a device, what is open in it, a field */
    size_t step_count;

    /* What was loaded and is not committed yet. */
    struct structure *structures, **structures_end;
    struct loaded_device *devices, **devices_end;
    size_t device_count;
};

/* The JSON value of a text, for json_decref(); NULL with `error` set. */
json_t *parse_json(struct bytes text, struct error *error);

void walk_begin(struct walk *walk, struct schema *schema, const struct source_form *form,
                struct error *error);

/* Sets the error with the path to where the walk is and, unless NULL, `key`. Returns false. */
bool walk_fail(struct walk *walk, enum error_kind kind, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Members of an object; false with the error set where one is missing or not what it should be. */
bool walk_name(struct walk *walk, const json_t *object, const char *key, struct symbol **symbol);
bool walk_number(struct walk *walk, const json_t *object, const char *key, uint32_t *number);
bool walk_array(struct walk *walk, const json_t *object, const char *key, bool optional,
                const json_t **array);

/* Loads the structure of a JSON object with all that is embedded in it and its subsections. An
 * `anonymous` structure has neither name nor version (an old-style section). NULL on errors. */
struct layout *walk_structure(struct walk *walk, const json_t *object, bool anonymous);

/* A device that was loaded, or the type of one. */
void walk_add_device(struct walk *walk, struct device device, bool type);

/* Makes all that the walk has loaded part of the schema. */
bool walk_commit(struct walk *walk);

/* Version ids and subsections of all structures, once all sources are there. */
void merge_structures(struct schema *schema);

bool load_description(struct schema *schema, json_t *root, struct error *error);
bool load_dump(struct schema *schema, json_t *root, struct error *error);
struct structure *load_configuration(struct schema *schema);

#endif
