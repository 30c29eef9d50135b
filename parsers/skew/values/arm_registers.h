/* SPDX-License-Identifier: MIT */
/*
 * The lists of system registers of an Arm processor: their numbers, and the values that no guest can change.
 */
#ifndef VMWIRE_SKEW_VALUES_ARM_REGISTERS_H
#define VMWIRE_SKEW_VALUES_ARM_REGISTERS_H

#include "skew/shared/found.h"

/* Adds what differs between a section of the writer and the same one of the reader; nothing if they are of no Arm
 * processor. */
void compare_arm_registers(struct skew *skew, const struct vmwire_item *writer,
                           const struct vmwire_item *reader);

#endif
