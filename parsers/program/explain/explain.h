/* SPDX-License-Identifier: MIT */
/*
 * vmwire explain: why a reader refuses this very stream, or does not.
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_EXPLAIN_H
#define VMWIRE_PROGRAM_EXPLAIN_EXPLAIN_H

#include "program/shared/arguments.h"

/* Returns an exit status: EXIT_CLEAN: the reader accepts it; EXIT_FINDINGS: it fails, or is silently wrong. */
int run_explain(const struct arguments *arguments);

#endif
