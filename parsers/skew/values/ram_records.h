/* SPDX-License-Identifier: MIT */
/*
 * Records of RAM in the writer's stream that not every reader takes. Knows which records there are; nothing of their pages.
 */
#ifndef VMWIRE_SKEW_VALUES_RAM_RECORDS_H
#define VMWIRE_SKEW_VALUES_RAM_RECORDS_H

#include "skew/shared/found.h"

/* Adds a difference for each kind. The writer has a stream. */
void check_ram_records(struct skew *skew);

#endif
