/* SPDX-License-Identifier: MIT */
/*
 * Finds the structure that a side has for a section. Knows one side; compares nothing.
 */
#ifndef VMWIRE_SKEW_SIDE_STRUCTURES_H
#define VMWIRE_SKEW_SIDE_STRUCTURES_H

#include "skew/layouts/elements.h"

/* What the side knows of the structure of a section. `described`: how its stream has it; `like`: how the other side has it, to
 * tell several of one name apart. Both can be NULL. */
struct view view_of_section(const struct vmwire_side *side, const char *idstr,
                            const struct vmwire_structure *described,
                            const struct vmwire_structure *like);

/* The structure of a dump's device types that has the name of this one, and is most like it. NULL: none. Both can be NULL. */
const struct vmwire_structure *dumped_structure(const struct vmwire_schema *schema,
                                                const struct vmwire_structure *like);

/* Whether the side tells all its devices: a dump has only those of device types. */
bool tells_devices(const struct vmwire_side *side);

#endif
