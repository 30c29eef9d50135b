/* SPDX-License-Identifier: MIT */
/*
 * vmwire check: decides for each tail whether a state can mislead the reader.
 */
#ifndef VMWIRE_PROGRAM_CHECK_CHECK_H
#define VMWIRE_PROGRAM_CHECK_CHECK_H

#include "program/shared/arguments.h"

int run_check(const struct arguments *arguments);

#endif
