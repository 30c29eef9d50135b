/* SPDX-License-Identifier: MIT */
/*
 * Alterations that insert, lengthen or remove items: commands, packages, footers, names, RAM.
 * They change the length of the stream, and a reader that looks ahead may then decide otherwise. So they are for
 * options that do not guess.
 */
#ifndef VMWIRE_FUZZ_ALTERATION_ITEMS_H
#define VMWIRE_FUZZ_ALTERATION_ITEMS_H

#include "properties/alteration.h"

/* Ends with NULL. */
extern alteration_function *const alteration_items[];

#endif
