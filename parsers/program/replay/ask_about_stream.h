/* SPDX-License-Identifier: MIT */
/*
 * Asks a real QEMU about a stream of the manifest.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_ASK_ABOUT_STREAM_H
#define VMWIRE_PROGRAM_REPLAY_ASK_ABOUT_STREAM_H

#include "program/replay/qemu_answer.h"
#include "program/replay/replay_stream.h"
#include "program/replay/standby.h"

/* Feeds `bytes`, the stream itself or its original, to the QEMU of --qemu: a fresh process, or a copy of one of the
 * `standbys` if they are not NULL. The answer lives in the stream's arena. Sets `error` and returns false if the program cannot run. */
bool ask_about_stream(struct qemu_answer *answer, const struct replay_stream *stream,
                      struct vmwire_bytes bytes, struct standbys *standbys,
                      struct vmwire_error *error);

#endif
