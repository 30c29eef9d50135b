/* SPDX-License-Identifier: MIT */
/*
 * The types of a QEMU (QEMU include/qom/object.h, TypeInfo), with the structures and the properties that their classes refer to.
 */
#ifndef VMWIRE_SCHEMA_TYPE_INFO_H
#define VMWIRE_SCHEMA_TYPE_INFO_H

#include "schema/machine_code.h"

/* A type as the program has it. */
struct found_type {
    const char *name, *parent;
    uint64_t class_init, instance_init; /* 0: none */
    bool abstract;
    bool has_data; /* class_init gets data: several types can have one function */
};

struct found_types {
    struct found_type *list; /* sorted by name; no name twice */
    size_t count;
    uint16_t class_init, instance_init; /* where they lie in a TypeInfo */
};

/* Finds the types by fit. `named`: the words of the image that refer to a name. */
struct found_types find_types(const struct program_image *image, struct vmwire_arena *arena,
                              const uint64_t *named, size_t named_count);

/* Adds others, of which the first of a name counts, and those that are there before. */
void merge_types(struct vmwire_arena *arena, struct found_types *types,
                 const struct found_type *others, size_t count);

/* The type of this name; NULL: there is none. */
const struct found_type *find_type(const struct found_types *types, const char *name);

/* Adds the types whose classes refer to structures, and those that they are derived from, to the facts. `structures` are the
 * addresses of all, in ascending order. */
void add_types(struct code_reader *reader, const struct found_types *types,
               const uint64_t *structures, size_t structure_count,
               struct vmwire_program_facts *facts);

#endif
