/* SPDX-License-Identifier: MIT */
/*
 * Copies an item with some values changed. Knows nothing of options and answers.
 */
#ifndef VMWIRE_DECIDE_CHANGED_ITEM_H
#define VMWIRE_DECIDE_CHANGED_ITEM_H

#include "vmwire/decide.h"

/* The item in that state; the item itself where none of the changes is of it. The copy lives in `arena`, and has the item's `raw`. */
const struct vmwire_item *change_item(const struct vmwire_item *item,
                                      const struct vmwire_changed_value *changes,
                                      size_t change_count, struct vmwire_arena *arena);

#endif
