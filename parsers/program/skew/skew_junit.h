/* SPDX-License-Identifier: MIT */
/*
 * Prints what differs as JUnit XML: a test suite a direction, a test case a device.
 */
#ifndef VMWIRE_PROGRAM_SKEW_SKEW_JUNIT_H
#define VMWIRE_PROGRAM_SKEW_SKEW_JUNIT_H

#include "program/skew/crossing.h"

/* Allocates from `arena` within an attempt of the caller, before it prints. */
void print_skew_junit(const struct crossing *crossings, size_t count, struct vmwire_arena *arena);

#endif
