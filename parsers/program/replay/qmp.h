/* SPDX-License-Identifier: MIT */
/*
 * The QMP side of a replay: sets the capabilities, tells QEMU where the stream is, learns whether the
 * migration completed, and tells QEMU to quit.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_QMP_H
#define VMWIRE_PROGRAM_REPLAY_QMP_H

#include <jansson.h>
#include <stdbool.h>

#include "program/replay/qemu_answer.h"
#include "vmwire/vmwire.h"

/* The commands before the stream, in order. Each is sent when QEMU has answered the one before. */
enum qmp_step {
    QMP_NEGOTIATE, /* qmp_capabilities */
    QMP_SET_CAPABILITIES,
    QMP_START_MIGRATION, /* migrate-incoming */
    QMP_LOADING          /* all are sent; QEMU loads the stream, and an event tells its end */
};

struct qmp {
    int socket;                 /* to QEMU */
    const json_t *capabilities; /* to set, a list of strings; NULL: none */
    bool seekable;              /* the stream is a file, not a socket */
    int inherited;              /* number of the stream's descriptor in QEMU */
    struct vmwire_arena *arena;
    struct qemu_answer *answer; /* receives version, and message and QEMU_UNABLE on an error */
    enum qmp_step step;         /* the next command */
    bool greeted;               /* its first line was a QMP greeting */
    bool foreign;               /* its first line was something else: it is no QEMU */
    bool completed;             /* the migration has completed */
    bool ended;                 /* QEMU was told to quit, or has quit */
    bool out_of_memory;         /* a line could not be read or written */
};

/* Takes a line that QEMU wrote, and sends whatever follows on it. */
void hear_qmp_line(struct qmp *qmp, const char *line);

#endif
