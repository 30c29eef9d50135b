/* SPDX-License-Identifier: MIT */
/*
 * vmwire skew: decides the same as check, where the reader has another schema or another option.
 */
#ifndef VMWIRE_PROGRAM_CHECK_SKEW_H
#define VMWIRE_PROGRAM_CHECK_SKEW_H

#include "program/shared/arguments.h"

int run_skew(const struct arguments *arguments);

#endif
