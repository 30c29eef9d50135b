/* SPDX-License-Identifier: MIT */
/*
 * A real QEMU as one more reader: feeds it a stream and returns its verdict and its decision at each
 * tail. Knows nothing of the reference readers.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_ASK_QEMU_H
#define VMWIRE_PROGRAM_REPLAY_ASK_QEMU_H

#include "program/replay/qemu_answer.h"
#include "program/replay/qemu_process.h"
#include "program/replay/qemu_trace.h"
#include "program/replay/standby.h"

struct qemu_question {
    struct qemu_launch launch;
    struct standbys *standbys;  /* QEMUs of which to ask a copy; NULL: ask a fresh process */
    const json_t *capabilities; /* to set, a list of strings; NULL: none */
    struct vmwire_bytes stream;
    int patience; /* seconds for the stream */
    struct private_encodings private_encodings;
};

/* Feeds the stream to a new QEMU, or to a copy of one that stands by, and waits for its end. The answer lives in `arena`.
 * Sets `error` and returns false if the program cannot run, or memory runs out. */
bool ask_qemu(const struct qemu_question *question, struct vmwire_arena *arena,
              struct qemu_answer *answer, struct vmwire_error *error);

#endif
