/* SPDX-License-Identifier: MIT */
/*
 * Makes the schema of a release that differs in one structure. Knows nothing of options and streams.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_OTHER_RELEASE_H
#define VMWIRE_PROGRAM_COMPARE_OTHER_RELEASE_H

#include "vmwire/schema.h"

/* What the other release's structure has, or lacks. */
enum release_difference {
    RELEASE_FIELD_MORE,      /* a field of four bytes at its end */
    RELEASE_FIELD_FEWER,     /* not its last plain field */
    RELEASE_STRUCTURE_MORE,  /* an embedded structure of four bytes at its end */
    RELEASE_STRUCTURE_FEWER, /* not its last embedded structure */
    RELEASE_DIFFERENCES,
};

/* For instance "a field more". The string is constant. */
const char *release_difference_name(enum release_difference difference);

/*
 * Returns the schema of a release that has one device, whose structures are those of `device` but for the difference in each one of
 * the name `changed`. It lives in `arena`, and points into `schema`, which must outlive it. NULL: no structure of that name has
 * such a field.
 */
const struct vmwire_schema *make_other_release(const struct vmwire_schema *schema,
                                               const struct vmwire_device *device,
                                               const char *changed,
                                               enum release_difference difference,
                                               struct vmwire_arena *arena);

#endif
