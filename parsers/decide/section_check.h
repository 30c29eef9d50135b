/* SPDX-License-Identifier: MIT */
/*
 * Has the reader read one section of the stream alone. Knows nothing of searches and answers.
 */
#ifndef VMWIRE_DECIDE_SECTION_CHECK_H
#define VMWIRE_DECIDE_SECTION_CHECK_H

#include "base/arena.h"
#include "vmwire/decide.h"

/* Whether the question's reader takes a stream of this item alone, as the question's writer sends it. Memory that is only
 * needed meanwhile is taken within `work`. */
bool reader_takes_section(const struct vmwire_question *question, const struct vmwire_item *item,
                          struct vmwire_arena *work);

#endif
