/* SPDX-License-Identifier: MIT */
/*
 * vmwire skew: tells what goes wrong when the machine of the second side reads what the first one writes.
 */
#ifndef VMWIRE_PROGRAM_SKEW_SKEW_H
#define VMWIRE_PROGRAM_SKEW_SKEW_H

#include "program/shared/arguments.h"

int run_skew(const struct arguments *arguments);

#endif
