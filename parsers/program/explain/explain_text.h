/* SPDX-License-Identifier: MIT */
/*
 * Prints an explanation for people.
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_EXPLAIN_TEXT_H
#define VMWIRE_PROGRAM_EXPLAIN_EXPLAIN_TEXT_H

#include "program/explain/explanation.h"

/* Allocates nothing. */
void print_explain_text(const struct explanation *explanation);

#endif
