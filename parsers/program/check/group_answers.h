/* SPDX-License-Identifier: MIT */
/*
 * Puts answers that differ in array indices only into one group.
 */
#ifndef VMWIRE_PROGRAM_CHECK_GROUP_ANSWERS_H
#define VMWIRE_PROGRAM_CHECK_GROUP_ANSWERS_H

#include "program/check/examination.h"

/* Fills in `findings` and `undecided` from the decisions of all parts. */
void group_answers(struct examination *examination);

#endif
