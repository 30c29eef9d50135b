/* SPDX-License-Identifier: MIT */
/*
 * In how many ways bytes can be a field of a private encoding, as the reader of one program takes them: grammar/layouts tells
 * the encoding, the program declares the structures in it. Knows nothing of what is before the field.
 */
#ifndef VMWIRE_READ_PRIVATE_WAYS_H
#define VMWIRE_READ_PRIVATE_WAYS_H

#include "read/found_ways.h"
#include "vmwire/arena.h"
#include "vmwire/bytes.h"
#include "vmwire/schema.h"

struct private_field {
    const struct vmwire_schema *schema; /* finished; with what the program declares */
    const char *idstr;                  /* of the section */
    const char *structure, *type;       /* the structure that has it; QEMU's name of its type */
    const char *name;                   /* its own; NULL: that of its type */
    struct vmwire_bytes bytes;
    bool
        takes_any; /* as QEMU's reader, which does not look whether its own release would write the values */
};

/* Finds the ways that take at most these bytes, in the arena; with `exact`, those that take all of them. Of a type without a
 * layout there is none, and they are not complete. */
struct private_ways find_private_ways(const struct private_field *field, bool exact,
                                      struct vmwire_arena *arena);

/* A value in the field. Its bytes are those of the field. */
struct private_value {
    const char *structure, *path; /* from the structure that has the field; in the arena */
    const struct vmwire_field *field;
    struct vmwire_bytes bytes;
};

struct private_values {
    struct private_value *list;
    size_t count, room;
};

/* The values of the field that `wants` takes, read in this way, in the arena. None where it has too many tokens. */
struct private_values
read_private_values(const struct private_field *field, const struct private_way *way,
                    bool (*wants)(const char *structure, const struct vmwire_field *field),
                    struct vmwire_arena *arena);

#endif
