/* SPDX-License-Identifier: MIT */
/*
 * Prints the answers for people: the conclusion; then each finding's tail, and the field that must hold each
 * byte; then what is undecided.
 */
#ifndef VMWIRE_PROGRAM_CHECK_ANSWERS_TEXT_H
#define VMWIRE_PROGRAM_CHECK_ANSWERS_TEXT_H

#include "program/check/conclusion.h"

void print_answers_text(const struct examination *examination, const struct conclusion *conclusion);

/* Prints that two options have different stream versions. */
void print_rejected_version_text(const struct examination *examination,
                                 const struct conclusion *conclusion);

#endif
