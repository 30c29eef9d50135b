/* SPDX-License-Identifier: MIT */
/*
 * Prints findings for people: the tail, and the field that must hold each byte.
 */
#ifndef VMWIRE_PROGRAM_CHECK_FINDINGS_TEXT_H
#define VMWIRE_PROGRAM_CHECK_FINDINGS_TEXT_H

#include "program/check/examination.h"

void print_findings_text(const struct examination *examination);

#endif
