/* SPDX-License-Identifier: MIT */
/*
 * Compares a real QEMU with the heuristic reader, decision by decision.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_COMPARE_READERS_H
#define VMWIRE_PROGRAM_REPLAY_COMPARE_READERS_H

#include "program/replay/replay_result.h"
#include "program/replay/replay_stream.h"

/* Asks the QEMU of --qemu about the stream and fills in the row from `asked` on. Texts live in `kept`.
 * Sets `error` and returns false if the program cannot run. */
bool compare_with_qemu(struct replay_row *row, const struct replay_stream *stream,
                       struct vmwire_arena *kept, struct vmwire_error *error);

#endif
