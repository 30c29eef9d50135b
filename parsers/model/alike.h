/* SPDX-License-Identifier: MIT */
/*
 * Structures that are the same on the wire.
 */
#ifndef VMWIRE_MODEL_ALIKE_H
#define VMWIRE_MODEL_ALIKE_H

#include "vmwire/schema.h"

/* Whether two structures of one name are the same on the wire, with all that is embedded in them: two devices can have the
 * same part, and two sources the same device. */
bool are_alike(const struct vmwire_structure *a, const struct vmwire_structure *b);

#endif
