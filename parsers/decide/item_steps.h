/*
 * The steps of a reader that has ended a section which the writer has not ended: what it reads of footers and
 * items then.
 */
#ifndef VMWIRE_DECIDE_ITEM_STEPS_H
#define VMWIRE_DECIDE_ITEM_STEPS_H

#include "decide/tail_rules.h"

/* Behind the record of a section. */
void follow_end_of_section(struct engine *engine, size_t before, const struct passed_tails *passed,
                           uint64_t offset, const struct call_frame *section);

/* Between two items: in step with the writer again, at the end, or reading what is no item. `seen`: SEEN_... */
void follow_item(struct engine *engine, size_t before, uint64_t offset, enum footer footer,
                 unsigned seen);

#endif
