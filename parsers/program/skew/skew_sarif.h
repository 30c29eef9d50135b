/* SPDX-License-Identifier: MIT */
/*
 * Prints what differs as SARIF 2.1.0 (OASIS): one run, a result a difference.
 */
#ifndef VMWIRE_PROGRAM_SKEW_SKEW_SARIF_H
#define VMWIRE_PROGRAM_SKEW_SKEW_SARIF_H

#include "program/skew/crossing.h"

/* Allocates from `arena` within an attempt of the caller, and from nothing of jansson's meanwhile. Returns false if memory runs
 * out: nothing is printed then. */
bool print_skew_sarif(const struct crossing *crossings, size_t count, struct vmwire_arena *arena);

#endif
