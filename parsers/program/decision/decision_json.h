/* SPDX-License-Identifier: MIT */
/*
 * The decision for machines: as JSON, and the table as CSV.
 */
#ifndef VMWIRE_PROGRAM_DECISION_DECISION_JSON_H
#define VMWIRE_PROGRAM_DECISION_DECISION_JSON_H

#include "program/decision/decision.h"

/* Puts the parts that a report has: "columns", "questions", ... */
void put_decision(json_t **report, const struct decision *decision);

/* Prints a line for each row, as RFC 4180 has it: the question, then the value of each column. */
void print_decision_csv(const struct decision *decision);

#endif
