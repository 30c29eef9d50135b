/* SPDX-License-Identifier: MIT */
/*
 * Prints what differs for people: the conclusion first.
 */
#ifndef VMWIRE_PROGRAM_SKEW_SKEW_TEXT_H
#define VMWIRE_PROGRAM_SKEW_SKEW_TEXT_H

#include "program/skew/group_differences.h"

void print_skew_text(const struct crossing *crossing, const struct difference_groups *groups,
                     const struct arguments *arguments);

#endif
