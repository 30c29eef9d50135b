/* SPDX-License-Identifier: MIT */
/*
 * A difference between two sides for machines: the keys that skew and explain have in common.
 */
#ifndef VMWIRE_PROGRAM_SHARED_DIFFERENCE_JSON_H
#define VMWIRE_PROGRAM_SHARED_DIFFERENCE_JSON_H

#include "program/shared/json_line.h"
#include "vmwire/skew.h"

/* Puts the difference into an object. `offset`: in the file; VMWIRE_ERROR_NO_OFFSET: it has none. */
void put_difference(json_t **line, const char *direction,
                    const struct vmwire_difference *difference, uint64_t offset);

#endif
