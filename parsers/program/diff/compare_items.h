/* SPDX-License-Identifier: MIT */
/*
 * Compares the items of two streams: the configuration, sections by idstr and instance, commands, footers, the description.
 * Entries of iterable sections are compared elsewhere.
 */
#ifndef VMWIRE_PROGRAM_DIFF_COMPARE_ITEMS_H
#define VMWIRE_PROGRAM_DIFF_COMPARE_ITEMS_H

#include "program/diff/difference.h"

/* Adds the sections and what differs in them. Both arenas must be within an attempt; `scratch` is reset. */
void compare_items(struct differences *differences, struct vmwire_arena *scratch,
                   const struct vmwire_stream *a, const struct vmwire_stream *b);

#endif
