/* SPDX-License-Identifier: MIT */
/*
 * vmwire parse: prints a stream as a tree, or what reading it cost.
 */
#ifndef VMWIRE_PROGRAM_PARSE_PARSE_H
#define VMWIRE_PROGRAM_PARSE_PARSE_H

#include "program/shared/arguments.h"

int run_parse(const struct arguments *arguments);

#endif
