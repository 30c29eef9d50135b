/* SPDX-License-Identifier: MIT */
/*
 * Prints the answers for machines.
 */
#ifndef VMWIRE_PROGRAM_CHECK_ANSWERS_JSON_H
#define VMWIRE_PROGRAM_CHECK_ANSWERS_JSON_H

#include "program/check/conclusion.h"

/* Prints an object for each group of findings, then one for each group of undecided tails and for each device
 * with states that are not followed, then the summary. Returns false if memory ran out. */
bool print_answers_json(const struct examination *examination, const struct conclusion *conclusion);

/* Prints the one finding of two options with different stream versions, and the summary. Returns false if
 * memory ran out. */
bool print_rejected_version_json(const struct examination *examination,
                                 const struct conclusion *conclusion);

#endif
