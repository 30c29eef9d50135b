/* SPDX-License-Identifier: MIT */
/*
 * The columns of `vmwire compare`: the protocol options, and variants of them. A variant is data: who writes, who
 * reads, and what is done to the stream before. Knows nothing of how a column is measured.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_VARIANTS_H
#define VMWIRE_PROGRAM_COMPARE_VARIANTS_H

#include <stddef.h>

#include "vmwire/option.h"

/* What is done to the stream, or to its schema. */
enum variant_change {
    CHANGE_NOTHING,
    CHANGE_VERSIONS,     /* each section that can send subsections has a version one higher */
    CHANGE_EXISTING,     /* what the release before declares is marked as existing */
    CHANGE_NEW_MACHINES, /* streams of old machine types are written by `old`, new ones by `writes` */
    CHANGE_FIELDS, /* each declared subsection becomes fields, which are always sent, and the version is one higher */
};

struct variant {
    const char *name;
    const char *about; /* a line for a person */
    const struct vmwire_option *writes;
    const struct vmwire_option *reads;  /* the option of its own reader */
    const struct vmwire_option *before; /* the option that the release before reads with */
    const struct vmwire_option *old;    /* CHANGE_NEW_MACHINES */
    enum variant_change change;
};

size_t count_variants(void);

/* First the options, in the order of their table, then the others. */
struct variant variant_at(size_t index);

#endif
