/* SPDX-License-Identifier: MIT */
/*
 * Where something stands in a side's stream, and what its bytes say. Compares nothing.
 */
#ifndef VMWIRE_SKEW_SHARED_PLACES_H
#define VMWIRE_SKEW_SHARED_PLACES_H

#include "skew/shared/found.h"

/* The offset of a place in the side's stream; VMWIRE_ERROR_NO_OFFSET: it is not there. */
uint64_t offset_in(const struct vmwire_side *side, const uint8_t *place);

/* The bytes as a C string, up to a NUL. */
const char *text_of_bytes(const struct skew *skew, struct vmwire_bytes bytes);

/* An unsigned big-endian number of at most 8 bytes; of longer ones the last 8 count. */
uint64_t number_of_bytes(struct vmwire_bytes bytes);

/* The first item of this kind and idstr (NULL: any); NULL: none. */
const struct vmwire_item *first_item(const struct vmwire_stream *stream, enum vmwire_item_kind kind,
                                     const char *idstr);

/* Where the first subsection of this name begins in the section; VMWIRE_ERROR_NO_OFFSET: it has none. */
uint64_t offset_of_subsection(const struct vmwire_side *side, const struct vmwire_item *item,
                              const char *name);

/* Whether an idstr is this text, as C strings. */
bool idstr_is(struct vmwire_bytes idstr, const char *text);

/* Whether the item is the first one of its section, with its idstr. */
bool begins_section(const struct vmwire_item *item);

/* A difference by this rule in the writer's section: the reader always refuses. */
struct vmwire_difference section_difference(const struct skew *skew, const char *rule,
                                            const struct vmwire_item *item);

#endif
