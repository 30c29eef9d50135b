/* SPDX-License-Identifier: MIT */
/*
 * vmwire convert: reads a stream under one option and writes it under another.
 */
#ifndef VMWIRE_PROGRAM_CONVERT_CONVERT_H
#define VMWIRE_PROGRAM_CONVERT_CONVERT_H

#include "program/shared/arguments.h"

int run_convert(const struct arguments *arguments);

#endif
