/* SPDX-License-Identifier: MIT */
/*
 * Prints what reading a stream cost (vmwire parse --stats).
 */
#ifndef VMWIRE_PROGRAM_PARSE_STATISTICS_H
#define VMWIRE_PROGRAM_PARSE_STATISTICS_H

#include "program/shared/arguments.h"

/* Prints the costs. Returns false if memory ran out for a JSON object. */
bool print_statistics(const struct arguments *arguments, const char *file,
                      const struct vmwire_cost *cost);

/* Prints how many bytes each account has, a line an account; leaves out empty ones. */
void print_accounts(const struct vmwire_cost *cost);

#endif
