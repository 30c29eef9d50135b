/* SPDX-License-Identifier: MIT */
/*
 * What a program has beside its declarations, and what decides over them: what its functions ask before a field or a
 * subsection is sent, the properties of its device types, and the values that its machine types give them. Knows nothing
 * of executables.
 */
#ifndef VMWIRE_PROGRAM_FACTS_H
#define VMWIRE_PROGRAM_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

enum vmwire_test_kind {
    VMWIRE_TEST_PLACE,   /* of bits in the structure in QEMU's memory */
    VMWIRE_TEST_VERSION, /* of the version that is sent */
    VMWIRE_TEST_UNKNOWN, /* of something else, or in a way that is not understood */
};

enum vmwire_test_relation {
    VMWIRE_TEST_EQUAL,
    VMWIRE_TEST_NOT_EQUAL,
    VMWIRE_TEST_BELOW,
    VMWIRE_TEST_AT_LEAST,
    VMWIRE_TEST_ABOVE,
    VMWIRE_TEST_AT_MOST,
};

/* A comparison of an integer with `number`. */
struct vmwire_test {
    enum vmwire_test_kind kind;
    enum vmwire_test_relation relation;
    uint64_t offset; /* VMWIRE_TEST_PLACE: bytes from the start of the structure */
    uint8_t size;    /* likewise: bytes, 1 to 8 */
    uint64_t mask;   /* likewise: the bits that are looked at */
    int64_t number;
};

/* It holds where all tests do: so one without tests always does. */
struct vmwire_tests {
    const struct vmwire_test *list;
    size_t count;
};

/* What a function says: yes, where one of the ways holds; so never, if it has none. */
struct vmwire_condition {
    bool understood; /* false: nothing is known */
    const struct vmwire_tests *ways;
    size_t way_count;
};

/* A property of a device type (QEMU include/hw/qdev-properties.h), or one that code adds (include/qom/object.h,
 * object_property_add_bool). */
struct vmwire_property {
    const char *name;
    const char *type; /* "bool", "uint32", "OnOffAuto", ... */
    uint64_t offset;  /* bytes from the start of the device in QEMU's memory */
    uint8_t size;     /* bytes of the integer there; 0: it is none */
    bool is_bit;      /* it is only the bit `bit` of it */
    uint32_t bit;
    bool has_default; /* false: 0, or as QEMU's code says */
    bool by_code;     /* only code tells the default */
    int64_t value;    /* the default */
};

/* A device type (QEMU include/qom/object.h, TypeInfo). */
struct vmwire_type {
    const char *name;
    const char *parent; /* NULL: none */
    const struct vmwire_type
        *is_a;                /* the parent, where it is one of these types; NULL: it is not */
    const size_t *structures; /* the numbers of those that its class refers to */
    size_t structure_count;
    const struct vmwire_property *properties;
    size_t property_count;
};

/* A value that a machine type gives a property (QEMU's GlobalProperty). */
struct vmwire_machine_property {
    const char *driver; /* the type, or one that it is derived from */
    const char *property;
    const char *value;
};

/* Values that several machine types share. */
struct vmwire_machine_properties {
    const struct vmwire_machine_property *list;
    size_t count;
};

struct vmwire_machine {
    const char *name; /* for instance "pc-i440fx-7.2" */
    /* Of the values below: a later one replaces an earlier one. */
    const struct vmwire_machine_properties *const *properties;
    size_t property_count;
};

/* All of a program. */
struct vmwire_program_facts {
    const struct vmwire_condition *conditions; /* condition number 1 is the first */
    size_t condition_count;
    const struct vmwire_type *types; /* sorted by name */
    size_t type_count;
    const struct vmwire_machine_properties *values;
    size_t value_count;
    const struct vmwire_machine *machines; /* sorted by name */
    size_t machine_count;
};

/* The relation's sign, for instance ">=". The string is constant. */
const char *vmwire_test_relation_sign(enum vmwire_test_relation relation);

/* The type, or machine type, of this name; NULL: there is none. */
const struct vmwire_type *vmwire_program_type(const struct vmwire_program_facts *facts,
                                              const char *name);
const struct vmwire_machine *vmwire_program_machine(const struct vmwire_program_facts *facts,
                                                    const char *name);

#pragma GCC visibility pop

#endif
