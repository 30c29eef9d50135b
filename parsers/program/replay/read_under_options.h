/* SPDX-License-Identifier: MIT */
/*
 * Reads a stream under every option of its stream version.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_READ_UNDER_OPTIONS_H
#define VMWIRE_PROGRAM_REPLAY_READ_UNDER_OPTIONS_H

#include "program/replay/replay_result.h"
#include "program/replay/replay_stream.h"

/* Fills in the cells. Their texts live in `kept`. Returns false if no option has the version. */
bool read_under_options(struct replay_row *row, const struct replay_stream *stream,
                        struct vmwire_arena *kept);

#endif
