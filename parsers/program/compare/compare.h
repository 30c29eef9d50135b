/* SPDX-License-Identifier: MIT */
/*
 * vmwire compare: writes each stream under each option, reads it back, and prints outcomes and costs.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_COMPARE_H
#define VMWIRE_PROGRAM_COMPARE_COMPARE_H

#include "program/shared/arguments.h"

int run_compare(const struct arguments *arguments);

#endif
