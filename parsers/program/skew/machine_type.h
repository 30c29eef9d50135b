/* SPDX-License-Identifier: MIT */
/*
 * The machine type of --machine.
 */
#ifndef VMWIRE_PROGRAM_SKEW_MACHINE_TYPE_H
#define VMWIRE_PROGRAM_SKEW_MACHINE_TYPE_H

#include "program/shared/arguments.h"
#include "program/shared/side_files.h"

/* Gives the two sides the machine type. Returns false with the error reported when a program of theirs does not have it, or none
 * tells its machine types. */
bool choose_machine(struct side_files sides[2], const struct arguments *arguments);

#endif
