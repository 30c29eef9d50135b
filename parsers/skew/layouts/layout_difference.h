/* SPDX-License-Identifier: MIT */
/*
 * Begins a difference of a structure, and says when it holds. What differs is the caller's matter.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_LAYOUT_DIFFERENCE_H
#define VMWIRE_SKEW_LAYOUTS_LAYOUT_DIFFERENCE_H

#include "skew/layouts/compared_rows.h"

/* Of this rule: the reader refuses, whenever the stream has the structures. */
struct vmwire_difference begin_difference(const struct comparison *comparison,
                                          const struct waiting *of, const char *rule);

/* What QEMU prints where a section is not as long as the reader takes its fields to be. */
const char *footer_message(const struct comparison *comparison);

/* Makes it hold only when something is so, or only perhaps. */
void set_when(struct vmwire_difference *difference, enum vmwire_certainty certainty,
              const struct skew *skew, const char *when);

/* Likewise: the function that decides over the element says so, or the contrary. `otherwise`: where nothing tells what it
 * asks. */
void set_asked(struct vmwire_difference *difference, const struct skew *skew,
               const struct element *element, bool says, const char *otherwise);

#endif
