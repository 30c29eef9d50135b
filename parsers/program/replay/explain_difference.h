/* SPDX-License-Identifier: MIT */
/*
 * Explains a difference between a real QEMU and the heuristic reader that is no fault of either.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_EXPLAIN_DIFFERENCE_H
#define VMWIRE_PROGRAM_REPLAY_EXPLAIN_DIFFERENCE_H

#include "program/replay/reference_reader.h"
#include "program/replay/replay_result.h"

/* Replaces the row's relation if it finds an explanation: an uncertain layout, another release, or other
 * fields than in the original. Asks QEMU about the original for the last one. Sets `error` and returns
 * false if the program cannot run. */
bool explain_difference(struct replay_row *row, const struct reference *reference,
                        struct vmwire_error *error);

#endif
