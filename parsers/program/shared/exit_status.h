/* SPDX-License-Identifier: MIT */
/*
 * The exit status of a command.
 */
#ifndef VMWIRE_PROGRAM_SHARED_EXIT_STATUS_H
#define VMWIRE_PROGRAM_SHARED_EXIT_STATUS_H

/* Up to EXIT_BAD_INPUT a larger number is worse: a command over several files ends with the worst of them. Only check
 * and skew have EXIT_UNDECIDED (conclusion.h). */
enum { EXIT_CLEAN = 0, EXIT_FINDINGS = 1, EXIT_BAD_INPUT = 2, EXIT_UNDECIDED = 3 };

#endif
