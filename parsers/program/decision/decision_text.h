/* SPDX-License-Identifier: MIT */
/*
 * Prints the decision for people.
 */
#ifndef VMWIRE_PROGRAM_DECISION_DECISION_TEXT_H
#define VMWIRE_PROGRAM_DECISION_DECISION_TEXT_H

#include "program/decision/decision.h"

void print_decision_text(const struct decision *decision);

#endif
