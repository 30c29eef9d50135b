/* SPDX-License-Identifier: MIT */
/*
 * Compares a structure of the writer with that of the reader: versions, fields, subsections, and all structures within.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_H
#define VMWIRE_SKEW_LAYOUTS_H

#include "skew/elements.h"
#include "skew/found.h"

/* A section of the writer's stream, or a device of its program. */
struct compared_section {
    const char *idstr;
    uint32_t instance_id;
    const struct vmwire_item *written; /* in the writer's stream; NULL: it has none */
    const struct vmwire_item *own;     /* the reader's own section of it; NULL: none is known */
};

/* Adds what differs. The views are those of the section's structure. */
void compare_layouts(struct skew *skew, const struct compared_section *section, struct view writer,
                     struct view reader);

#endif
