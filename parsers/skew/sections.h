/* SPDX-License-Identifier: MIT */
/*
 * Finds for each section of the writer's stream what the reader has for it, and compares the two.
 */
#ifndef VMWIRE_SKEW_SECTIONS_H
#define VMWIRE_SKEW_SECTIONS_H

#include "skew/shared/found.h"

/* Adds what differs in the sections of the writer's stream. */
void compare_sections(struct skew *skew);

#endif
