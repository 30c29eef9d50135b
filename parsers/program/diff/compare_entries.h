/* SPDX-License-Identifier: MIT */
/*
 * Compares the entries of iterable sections: blocks and pages of RAM, chunks of bitmaps, entries of the hash table of pseries,
 * storage attributes of s390, chunks of disks. What was sent last counts. Memory does not grow with RAM.
 */
#ifndef VMWIRE_PROGRAM_DIFF_COMPARE_ENTRIES_H
#define VMWIRE_PROGRAM_DIFF_COMPARE_ENTRIES_H

#include "program/diff/take_entries.h"

/* Adds the differences. Returns false with `error` set when memory runs out. */
bool compare_entries(struct differences *differences, const struct entry_source sources[SIDE_COUNT],
                     struct vmwire_error *error);

#endif
