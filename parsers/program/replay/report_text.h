/* SPDX-License-Identifier: MIT */
/*
 * Prints the results of a replay for people.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_REPORT_TEXT_H
#define VMWIRE_PROGRAM_REPLAY_REPORT_TEXT_H

#include "program/replay/replay_result.h"

/* Prints a summary, each difference, and the grid: a row a stream, a column a reader. */
void print_replay_text(const struct replay *replay);

#endif
