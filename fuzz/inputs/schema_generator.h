/*
 * Small schemas, each drawn by its number: one to three structures, embedded in one another alone or as
 * arrays, with up to two subsections or a nest of three, and names of which some begin with others. The number alone
 * decides, so an input that names it means the same tomorrow.
 *
 * Knows JSON and nothing of the library: what comes out is a description as QEMU writes it.
 */
#ifndef VMWIRE_FUZZ_DRAWN_H
#define VMWIRE_FUZZ_DRAWN_H

enum { FIRST_GENERATED = 0x8000 }; /* numbers from here on */

/* How a release differs from the one before it. */
enum difference {
    DIFFERENCE_NONE,
    DIFFERENCE_SUBSECTION, /* a structure has one more */
    DIFFERENCE_FIELD,      /* a structure has one more at its end */
    DIFFERENCE_VERSION,    /* the version id of the device, or of a subsection, is one higher */
    DIFFERENCE_EMBEDDED,   /* a structure is embedded anew */
    DIFFERENCE_COUNT,
};

const char *difference_name(enum difference difference);

/* The caller frees it. */
char *generate_description(unsigned number, enum difference difference);

#endif
