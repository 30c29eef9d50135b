/* SPDX-License-Identifier: MIT */
/*
 * The kind of a PowerPC processor (PVR), of which a reader's model takes some. Knows no other processor.
 */
#ifndef VMWIRE_SKEW_VALUES_PPC_PROCESSORS_H
#define VMWIRE_SKEW_VALUES_PPC_PROCESSORS_H

#include "skew/shared/found.h"

/* Adds what differs between a section of the writer and the same one of the reader; nothing if they are of no PowerPC
 * processor. */
void compare_ppc_processors(struct skew *skew, const struct vmwire_item *writer,
                            const struct vmwire_item *reader);

#endif
