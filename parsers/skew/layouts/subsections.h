/* SPDX-License-Identifier: MIT */
/*
 * Compares the subsections of the structures of a row: which ones the reader knows. Knows nothing of fields.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_SUBSECTIONS_H
#define VMWIRE_SKEW_LAYOUTS_SUBSECTIONS_H

#include "skew/layouts/compared_rows.h"

/* Of all structures whose fields are in the rows. Those that the reader knows are compared later. */
void compare_parts(const struct rows *rows);

/* What decides whether the subsection is sent, as grammar/loader.toml has it. NULL: nothing is known. */
const char *need_of_subsection(const char *name);

/* Whether the stream sends a subsection of the elements from `first` up to `end`. */
bool sends_subsections(const struct elements *elements, size_t first, size_t end);

#endif
