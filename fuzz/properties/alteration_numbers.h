/* SPDX-License-Identifier: MIT */
/*
 * Alterations that change a number of the framing: an id, a version, an owner's path or place, a null pointer.
 */
#ifndef VMWIRE_FUZZ_ALTERATION_NUMBERS_H
#define VMWIRE_FUZZ_ALTERATION_NUMBERS_H

#include "properties/alteration.h"

/* Ends with NULL. */
extern alteration_function *const alteration_numbers[];

#endif
