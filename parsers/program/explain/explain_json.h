/* SPDX-License-Identifier: MIT */
/*
 * Prints an explanation for machines.
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_EXPLAIN_JSON_H
#define VMWIRE_PROGRAM_EXPLAIN_EXPLAIN_JSON_H

#include "program/explain/explanation.h"

/* Returns false if memory ran out. */
bool print_explain_json(const struct explanation *explanation);

#endif
