/* SPDX-License-Identifier: MIT */
/*
 * The option asn1: the tags of its items, and which ASN.1 type a field has. grammar/asn1/framing.asn1 is the module of the
 * items; vmwire_asn1_module() makes the module of the records of a schema. Knows nothing of readers and writers.
 */
#ifndef VMWIRE_ASN1_H
#define VMWIRE_ASN1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/error.h"
#include "vmwire/schema.h"
#include "vmwire/writer.h"

#pragma GCC visibility push(default)

/* Identifier octets (X.690, 8.1.2). An item with QEMU's byte N, up to 8, has the tag [APPLICATION N]. */
enum {
    VMWIRE_DER_BOOLEAN = 0x01,
    VMWIRE_DER_INTEGER = 0x02,
    VMWIRE_DER_OCTET_STRING = 0x04,
    VMWIRE_DER_SEQUENCE = 0x30,
    VMWIRE_DER_PACKAGE = 0xa0,       /* [0], constructed */
    VMWIRE_DER_EOF = 0x40,           /* [APPLICATION 0] */
    VMWIRE_DER_SECTION_START = 0x61, /* [APPLICATION 1], constructed, as are the next three, ... */
    VMWIRE_DER_SECTION_PART = 0x62,
    VMWIRE_DER_SECTION_END = 0x63,
    VMWIRE_DER_SECTION_FULL = 0x64,
    VMWIRE_DER_VMDESCRIPTION = 0x46, /* [APPLICATION 6] */
    VMWIRE_DER_CONFIGURATION = 0x67, /* [APPLICATION 7], constructed */
    VMWIRE_DER_COMMAND = 0x68,       /* [APPLICATION 8], constructed */
    VMWIRE_DER_ENTRY = 0x4a,         /* [APPLICATION 10] */
    VMWIRE_DER_FOOTER = 0x6b,        /* [APPLICATION 11], constructed */
    VMWIRE_DER_UNREAD = 0x4d,        /* [APPLICATION 13] */
};

/* [APPLICATION 10700] and [APPLICATION 10707], constructed: SubSecList and SubSection of Gilbert's RFC of March 2014 (framing.asn1). */
#define VMWIRE_DER_SUBSECTION_LIST "\x7f\xd3\x4c"
#define VMWIRE_DER_SUBSECTION      "\x7f\xd3\x53"

enum { VMWIRE_DER_HEADER_MOST = 10 }; /* octets */

/* Writes what stands before the contents of a value, which are so many bytes: the identifier and the length. Returns how
 * many octets it has. */
size_t vmwire_der_header(uint8_t octets[VMWIRE_DER_HEADER_MOST], uint8_t identifier,
                         uint64_t length);

enum vmwire_element_kind {
    VMWIRE_ELEMENT_INTEGER,
    VMWIRE_ELEMENT_BOOLEAN,
    VMWIRE_ELEMENT_OCTETS,  /* OCTET STRING: all bytes of the field */
    VMWIRE_ELEMENT_STRINGS, /* OCTET STRING: a string of a VMWIRE_LENGTH_STR8 field */
    VMWIRE_ELEMENT_RECORD,  /* SEQUENCE */
    VMWIRE_ELEMENT_LIST,    /* SEQUENCE: an element of a qtailq or qlist */
};

/* The ASN.1 type of a field. */
struct vmwire_element {
    enum vmwire_element_kind kind;
    bool is_signed;   /* VMWIRE_ELEMENT_INTEGER */
    bool sequence_of; /* the field is a SEQUENCE OF such elements */
};

/* Returns the type of a field. The types with a sign are those of QEMU's migration/vmstate-types.c. */
struct vmwire_element vmwire_field_element(const struct vmwire_field *field);

enum { VMWIRE_ASN1_NAME_SIZE = 64 }; /* bytes, with the NUL */

/* The names that the module has for a structure, which is the one with this number in schema->structures, from 0; and for
 * a field with this number in its structure. */
void vmwire_asn1_type_name(const struct vmwire_structure *structure, size_t number,
                           char name[VMWIRE_ASN1_NAME_SIZE]);
void vmwire_asn1_field_name(const struct vmwire_structure *structure, size_t number,
                            char name[VMWIRE_ASN1_NAME_SIZE]);

/* Writes the module of all structures of a schema. No type contains itself. Returns false with `error` set when the sink
 * refuses, or memory runs out. */
bool vmwire_asn1_module(const struct vmwire_schema *schema, const struct vmwire_byte_sink *sink,
                        struct vmwire_error *error);

#pragma GCC visibility pop

#endif
