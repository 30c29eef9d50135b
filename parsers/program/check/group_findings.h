/* SPDX-License-Identifier: MIT */
/*
 * Puts findings that differ in array indices only into one group.
 */
#ifndef VMWIRE_PROGRAM_CHECK_GROUP_FINDINGS_H
#define VMWIRE_PROGRAM_CHECK_GROUP_FINDINGS_H

#include "program/check/examination.h"

/* Fills in `groups` from the decisions of all parts. */
void group_findings(struct examination *examination);

#endif
