/* SPDX-License-Identifier: MIT */
/*
 * Reads a stream under every option of its stream version.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_READ_UNDER_OPTIONS_H
#define VMWIRE_PROGRAM_REPLAY_READ_UNDER_OPTIONS_H

#include "program/replay/replay_result.h"
#include "program/replay/replay_stream.h"

/* Fills in the cells. Their texts live in `kept`. Sets `error` and returns false if no option has the version, or memory
 * runs out. */
bool read_under_options(struct replay_row *row, const struct replay_stream *stream,
                        struct vmwire_arena *kept, struct vmwire_error *error);

#endif
