/*
 * Private to the schema: the walk over the JSON of a source, whatever kind of source it is. A source is walked to
 * its end first and committed then, so that a source with an error leaves nothing behind.
 */
#ifndef VMWIRE_SCHEMA_SOURCE_WALK_H
#define VMWIRE_SCHEMA_SOURCE_WALK_H

#include <jansson.h>

#include "schema/loading.h"

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

#endif
