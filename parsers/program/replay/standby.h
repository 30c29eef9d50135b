/* SPDX-License-Identifier: MIT */
/*
 * QEMUs that stand by: each has started its machine, and makes a copy of itself for each stream. A copy begins as a fresh
 * process does, without the time of a start, and a load leaves nothing to the next one. But it lacks the threads of a fresh
 * process, so what it says is less certain. parsers/preload/standby.c is the part in QEMU.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_STANDBY_H
#define VMWIRE_PROGRAM_REPLAY_STANDBY_H

#include "program/replay/qemu_process.h"

struct standby {
    const json_t *command; /* NULL: none stands by here */
    struct qemu_process process;
    bool ready; /* it can make copies */
};

enum { STANDBY_LIMIT = 8 /* command lines at a time */ };

struct standbys {
    const char *library; /* path of the part in QEMU, in the folder of --root */
    const char *version; /* of QEMU */
    struct standby standbys[STANDBY_LIMIT];
    size_t started;
};

/* Makes a copy of the QEMU of this launch, which it starts if it does not stand by yet. *standby is that QEMU, NULL if it
 * cannot stand by. Sets `error` and returns false if the program cannot run. */
bool start_copy(struct standby **standby, struct qemu_process *copy, struct standbys *standbys,
                const struct qemu_launch *launch, struct vmwire_arena *arena,
                struct vmwire_error *error);

/* Ends the copy and closes its descriptors. Returns the status of waitpid(2), -1 if nobody knows it. */
int end_copy(struct standby *standby, struct qemu_process *copy);

void end_standbys(struct standbys *standbys);

#endif
