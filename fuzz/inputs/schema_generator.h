/* SPDX-License-Identifier: MIT */
/*
 * Generates small schemas, each from its number: one to three structures, embedded in one another alone or as arrays;
 * up to two subsections, or three with one nested in another; and names that may begin with other names. From
 * FIRST_DEPENDENT on, a field decides how many elements other fields have. Only the number decides, so a kept input always
 * has the same schema.
 *
 * Knows JSON, and nothing of the library: the result is a description as QEMU writes it, or as vmwire makes it of a stream
 * that was read by what a program declares.
 */
#ifndef VMWIRE_FUZZ_SCHEMA_GENERATOR_H
#define VMWIRE_FUZZ_SCHEMA_GENERATOR_H

enum {
    FIRST_GENERATED = 0x8000, /* this number and all above it */
    FIRST_DEPENDENT = 0xfa00, /* likewise: a field decides how many elements others have */
};

/* How a release differs from the one before it. */
enum difference {
    DIFFERENCE_NONE,
    DIFFERENCE_SUBSECTION, /* a structure has one more */
    DIFFERENCE_FIELD,      /* a structure has one more at its end */
    DIFFERENCE_VERSION,    /* the version id of the device, or of a subsection, is one higher */
    DIFFERENCE_EMBEDDED,   /* a structure embeds one more */
    DIFFERENCE_COUNT,
};

const char *difference_name(enum difference difference);

/* The name of a field that decides begins with this, and with the value that a state of this description has in it: with
 * another value, other fields would have other lengths. */
#define DECIDING_FIELD "n"

/* Returns the JSON. The caller frees it. */
char *generate_description(unsigned number, enum difference difference);

#endif
