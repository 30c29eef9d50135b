/* SPDX-License-Identifier: MIT */
/*
 * The walk over the JSON of a source, for all kinds of sources. The walk loads a whole source
 * before commit.c adds it to the schema, so that a source with an error adds nothing. Knows nothing
 * of the JSON keys of a kind: a source_form has them.
 */
#ifndef VMWIRE_SCHEMA_SOURCE_WALK_H
#define VMWIRE_SCHEMA_SOURCE_WALK_H

#include <jansson.h>

#include "schema/loading.h"

struct source_walk;

/* A kind of source: the JSON keys of a structure, and the functions that load a field. */
struct source_form {
    const char *name, *version, *fields, *subsections; /* JSON keys */
    const char *minimum_version; /* likewise; NULL: the source does not have it */
    /* The keys of what says that a function decides whether it is sent, and that it cannot be migrated; NULL: nothing does. */
    const char *conditional, *unmigratable;
    bool fields_optional;
    /* At most so many structures and fields are loaded, where one can stand in many places; 0: the source's length bounds
     * them. */
    size_t structures_limit, fields_limit;
    size_t own_fields_limit; /* of one structure; 0: likewise */
    bool
        made; /* vmwire has made it: a field can tell its class, and whether it decides what follows */
    bool declares; /* a structure lists the subsections that it can send, not those that it sent */
    /* Sets whether the field is not on the wire. NULL: each one is. */
    bool (*is_absent)(struct source_walk *walk, const json_t *json, bool *absent);
    /* Replaces what the list of subsections has by the JSON of the structure. NULL: it is that. */
    bool (*load_subsection)(struct source_walk *walk, const json_t **subsection);
    /* Fills in the field. Sets `inner` to the JSON of the structure embedded in it, or leaves it
     * NULL. */
    bool (*load_field)(struct source_walk *walk, const json_t *json, struct vmwire_field *field,
                       const json_t **inner);
    /* Fills in what the source does not say, after all fields and the embedded structures are
     * loaded. */
    bool (*complete_fields)(struct source_walk *walk, struct vmwire_structure *structure);
    /* Checks or sets the field's size, after the structure embedded in the field is loaded. */
    bool (*fit_embedded_size)(struct source_walk *walk, struct vmwire_field *field,
                              const struct layout *layout);
};

/* A structure whose loading has begun and not ended. */
struct open_structure {
    struct layout *layout;
    const json_t *fields, *subsections;
    size_t next_field, next_subsection;
    bool measured;
    struct vmwire_field *embedding; /* the field that it is embedded in, or NULL */
};

/* One step of a path in the JSON. Its text is `key[index] "name" / inner`; all but the key can be
 * missing. */
struct path_step {
    const char *key;
    bool indexed;
    size_t index;
    const char *name;
    const char *inner;
};

/* A walk over one source. */
struct source_walk {
    struct vmwire_schema *schema;
    const struct source_form *form;
    const json_t *root; /* for a form whose structures refer to others by their place in it */
    const struct vmwire_program_facts *facts; /* of a form that has them; else NULL */
    const char *name; /* of the next structure that is in none; NULL: the source has it */
    struct vmwire_error *error;

    struct open_structure open[VMWIRE_SCHEMA_NESTING_LIMIT];
    size_t open_count;
    struct path_step
        steps[VMWIRE_SCHEMA_NESTING_LIMIT + 2]; /* the device, the open structures, a field */
    size_t step_count;

    size_t structure_count, field_count;

    /* Loaded, but not yet in the schema. */
    struct vmwire_structure *structures, **structures_end;
    struct loaded_device *devices, **devices_end;
    size_t device_count;
};

/* Begins a walk. All that it loads lives in the schema's arena. */
void walk_begin(struct source_walk *walk, struct vmwire_schema *schema,
                const struct source_form *form, struct vmwire_error *error);

/* Sets the walk's error, with the walk's path in the JSON and `key`, which may be NULL. Returns
 * false. */
bool walk_fail(struct source_walk *walk, enum vmwire_error_kind kind, const char *key,
               const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Load a member of an object. They return false with the error set (VMWIRE_ERROR_SCHEMA) when the member
 * is missing or has a wrong type or value. A missing array that is optional is no error; `array` is
 * then NULL. */
bool walk_name(struct source_walk *walk, const json_t *object, const char *key,
               struct symbol **symbol);
bool walk_number(struct source_walk *walk, const json_t *object, const char *key, uint32_t *number);
bool walk_array(struct source_walk *walk, const json_t *object, const char *key, bool optional,
                const json_t **array);

/* Loads a structure with its embedded structures and subsections. An `anonymous` structure has no
 * name and no version (an old-style section). Returns NULL with the walk's error set on errors. */
struct layout *walk_structure(struct source_walk *walk, const json_t *object, bool anonymous);

/* Adds a device, or a device type, to the devices that the walk has loaded. Returns it. */
struct loaded_device *walk_add_device(struct source_walk *walk, struct vmwire_device device,
                                      bool type);

#endif
