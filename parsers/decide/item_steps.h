/* SPDX-License-Identifier: MIT */
/*
 * Steps of the search behind a section: the reader has ended a section that the writer has not ended. It
 * reads a footer and items out of bytes that are the writer's fields. It must not know what is in a record.
 */
#ifndef VMWIRE_DECIDE_ITEM_STEPS_H
#define VMWIRE_DECIDE_ITEM_STEPS_H

#include "decide/tail_rules.h"

/* The reader has read the record of `section`: it expects a footer, or the next item. */
void follow_end_of_section(struct engine *engine, size_t before, const struct passed_tails *passed,
                           uint64_t offset, const struct call_frame *section);

/* The reader is between two items. It can end the stream, reject, or read another item. `seen`: SEEN_... */
void follow_item(struct engine *engine, size_t before, uint64_t offset, enum footer footer,
                 size_t seen);

#endif
