/* SPDX-License-Identifier: MIT */
/*
 * QEMU's types of fields: the size of each on the wire, and the bytes that it can hold. Knows
 * nothing of JSON.
 */
#ifndef VMWIRE_SCHEMA_FIELD_TYPES_H
#define VMWIRE_SCHEMA_FIELD_TYPES_H

#include "schema/loading.h"

/* A type. Its name is a VMStateInfo's, or one that QEMU's vmfield_get_type_name() has for
 * structures (migration/vmstate.c). */
struct field_type {
    const char *name;
    enum vmwire_field_class class;
    uint32_t size;       /* bytes on the wire; 0: the size varies */
    bool declared_size;  /* it is the one that the field's declaration has */
    uint32_t word_limit; /* the reader refuses a be32 of it that is larger; 0: none */
};

/* Returns the type of this name. An unknown type is VMWIRE_FIELD_OPAQUE. */
const struct field_type *field_type(struct symbol *symbol);

#endif
