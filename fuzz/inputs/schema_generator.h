/* SPDX-License-Identifier: MIT */
/*
 * Generates small schemas, each from its number: one to three structures, embedded in one another alone or as arrays;
 * up to two subsections, or three with one nested in another; and names that may begin with other names. Only the
 * number decides, so a kept input always has the same schema.
 *
 * Knows JSON, and nothing of the library: the result is a description as QEMU writes it.
 */
#ifndef VMWIRE_FUZZ_SCHEMA_GENERATOR_H
#define VMWIRE_FUZZ_SCHEMA_GENERATOR_H

enum { FIRST_GENERATED = 0x8000 }; /* this number and all above it */

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

/* Returns the JSON. The caller frees it. */
char *generate_description(unsigned number, enum difference difference);

#endif
