/* SPDX-License-Identifier: MIT */
/*
 * Compares a structure of the writer with that of the reader: versions, fields, subsections, and all structures within.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_LAYOUTS_H
#define VMWIRE_SKEW_LAYOUTS_LAYOUTS_H

#include "skew/layouts/compared_section.h"
#include "skew/layouts/elements.h"
#include "skew/shared/found.h"

/* Adds what differs. The views are those of the section's structure. */
void compare_layouts(struct skew *skew, const struct compared_section *section, struct view writer,
                     struct view reader);

#endif
