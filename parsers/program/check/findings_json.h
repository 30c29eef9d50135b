/* SPDX-License-Identifier: MIT */
/*
 * Prints findings for machines.
 */
#ifndef VMWIRE_PROGRAM_CHECK_FINDINGS_JSON_H
#define VMWIRE_PROGRAM_CHECK_FINDINGS_JSON_H

#include "program/check/examination.h"

/* Prints a JSON object a group. */
void print_findings_json(const struct examination *examination);

#endif
