/* SPDX-License-Identifier: MIT */
/*
 * Starts a QEMU that waits for a stream, and ends it. QEMU speaks QMP on its standard input and output,
 * and writes trace events and errors to its standard error. It inherits the socket or file of the
 * stream, so the folder of --root need not have it.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_QEMU_PROCESS_H
#define VMWIRE_PROGRAM_REPLAY_QEMU_PROCESS_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "vmwire/vmwire.h"

struct qemu_launch {
    const char *program;
    const char *root;              /* folder for chroot(2); NULL: none */
    const json_t *command;         /* command line of the capture: a list of strings; NULL: none */
    const char *const *safeguards; /* words behind the command; ends with NULL */
    const char *folder; /* in which the file must be; see confined_file.h; NULL: anywhere */
    const char *file;   /* path of the stream */
    bool seekable;      /* QEMU inherits the file and not a socket, as mapped-ram needs */
    const char *
        standby; /* the library with which QEMU stands by; NULL: it waits for one stream. See standby.h */
};

/* Descriptors of this process; -1: closed. */
struct qemu_process {
    pid_t pid;      /* 0: a copy, which the QEMU that it was copied from ends; see standby.h */
    int qmp_input;  /* to QEMU */
    int qmp_output; /* from QEMU */
    int errors;     /* from QEMU: trace events and messages */
    int stream;     /* to QEMU */
    int inherited;  /* number of the stream's descriptor in QEMU */
};

/* Starts QEMU in a process group of its own. It gets a few variables of the environment, and ends when
 * this process ends. Sets `error` and returns false if the program cannot run. */
bool start_qemu(struct qemu_process *process, const struct qemu_launch *launch,
                struct vmwire_arena *arena, struct vmwire_error *error);

/* Tells QEMU that the stream ends here. */
void close_qemu_stream(struct qemu_process *process);

/* Closes all descriptors. */
void close_qemu(struct qemu_process *process);

/* Kills QEMU if asked to, or if it does not end within a few seconds; then kills what is left of its
 * process group. Closes all descriptors. Returns the status of waitpid(2). */
int end_qemu(struct qemu_process *process, bool kill_it);

#endif
