/*
 * QEMU's types of fields: how many bytes each has on the wire, and what they can be.
 */
#ifndef VMWIRE_SCHEMA_FIELD_TYPES_H
#define VMWIRE_SCHEMA_FIELD_TYPES_H

#include "schema/loading.h"

/* A name of a VMStateInfo, or what vmfield_get_type_name() says of structures. */
struct field_type {
    const char *name;
    enum field_class class;
    uint32_t size; /* bytes on the wire; 0: not always the same */
};

/* The type of this name; one that is not known is opaque. */
const struct field_type *field_type(struct symbol *symbol);

#endif
