/* SPDX-License-Identifier: MIT */
/*
 * Collects what can be the cause, and chooses: the first one in the stream is what QEMU says.
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_CAUSES_H
#define VMWIRE_PROGRAM_EXPLAIN_CAUSES_H

#include "program/explain/explanation.h"

/* Collects the causes of the stream, of its misreading and of the differences. */
void collect_causes(struct explanation *explanation);

/* Sets where it is in the stream. */
struct found_cause place_cause(const struct explanation *explanation, struct found_cause cause);

/* Chooses one, and sets the outcome. */
void choose_cause(struct explanation *explanation);

/* What refuses for certain before the cause does, in another section. NULL: nothing. */
const struct found_cause *find_before_cause(const struct explanation *explanation);

/* Sets those that refuse when the cause is out of the way: of each name of a section and rule the first one. */
void list_later(struct explanation *explanation);

/* How many devices more the stream's description has than there are sections before its end. */
size_t count_left_devices(const struct explanation *explanation);

/* The section that an error is about: its idstr, and its instance. NULL: none. */
const char *section_of_error(const struct vmwire_error *error, struct vmwire_arena *arena,
                             uint32_t *instance_id);

#endif
