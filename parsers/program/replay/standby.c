/* SPDX-License-Identifier: MIT */
/*
 * QEMUs that stand by, and their copies.
 */
#include "program/replay/standby.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    START_PATIENCE = 20000, /* milliseconds until it stands by */
    END_PATIENCE = 5000,    /* milliseconds until it has ended a copy */
};

/* ---- Standing by ------------------------------------------------------------------------------- */

static bool receive(int socket, void *data, size_t size, int patience)
{
    struct pollfd polled = {.fd = socket, .events = POLLIN};
    return poll(&polled, 1, patience) == 1 &&
           recv(socket, data, size, MSG_DONTWAIT) == (ssize_t)size;
}

static void end_standby(struct standby *standby)
{
    if (standby->command)
        end_qemu(&standby->process, true);
    *standby = (struct standby){.command = NULL};
}

static bool start_standby(struct standby *standby, const struct standbys *standbys,
                          const struct qemu_launch *launch, struct vmwire_arena *arena,
                          struct vmwire_error *error)
{
    struct qemu_launch standing = *launch;
    char byte;
    standing.standby = standbys->library;
    if (!start_qemu(&standby->process, &standing, arena, error))
        return false;
    standby->command = launch->command;
    standby->ready = receive(standby->process.stream, &byte, sizeof(byte), START_PATIENCE);
    return true;
}

static struct standby *find_standby(struct standbys *standbys, const json_t *command)
{
    for (size_t i = 0; i < STANDBY_LIMIT; i++) {
        struct standby *standby = &standbys->standbys[i];
        if (standby->command && json_equal(standby->command, command))
            return standby;
    }
    return NULL;
}

void end_standbys(struct standbys *standbys)
{
    for (size_t i = 0; i < STANDBY_LIMIT; i++)
        end_standby(&standbys->standbys[i]);
}

/* ---- Copies ------------------------------------------------------------------------------------ */

static bool send_descriptors(int socket, const int descriptors[2])
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(2 * sizeof(int))];
    } rights = {.header = {.cmsg_len = CMSG_LEN(2 * sizeof(int)),
                           .cmsg_level = SOL_SOCKET,
                           .cmsg_type = SCM_RIGHTS}};
    struct iovec body = {(char[]){0}, 1};
    struct msghdr message = {.msg_iov = &body,
                             .msg_iovlen = 1,
                             .msg_control = &rights,
                             .msg_controllen = sizeof(rights)};
    memcpy(CMSG_DATA(&rights.header), descriptors, 2 * sizeof(int));
    return sendmsg(socket, &message, MSG_NOSIGNAL) == 1;
}

static bool make_copy(struct qemu_process *copy, int socket)
{
    int stream[2], errors[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stream) != 0)
        return false;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, errors) != 0) {
        close(stream[0]);
        close(stream[1]);
        return false;
    }
    *copy = (struct qemu_process){
        .qmp_input = -1, .qmp_output = -1, .errors = errors[0], .stream = stream[0]};
    bool sent = send_descriptors(socket, (int[]){stream[1], errors[1]});
    close(stream[1]);
    close(errors[1]);
    if (!sent)
        close_qemu(copy);
    return sent;
}

bool start_copy(struct standby **standby, struct qemu_process *copy, struct standbys *standbys,
                const struct qemu_launch *launch, struct vmwire_arena *arena,
                struct vmwire_error *error)
{
    struct standby *found = find_standby(standbys, launch->command);
    *standby = NULL;
    if (found && found->ready && make_copy(copy, found->process.stream)) {
        *standby = found;
        return true;
    }
    if (found && !found->ready)
        return true;
    if (!found)
        found = &standbys->standbys[standbys->started++ % STANDBY_LIMIT];
    end_standby(found); /* it has died, or another one needs its place */
    if (!start_standby(found, standbys, launch, arena, error))
        return false;
    if (found->ready && make_copy(copy, found->process.stream))
        *standby = found;
    return true;
}

int end_copy(struct standby *standby, struct qemu_process *copy)
{
    int socket = standby->process.stream, status = -1;
    close_qemu(copy);
    if (send(socket, "", 1, MSG_NOSIGNAL) == 1 &&
        receive(socket, &status, sizeof(status), END_PATIENCE))
        return status;
    end_standby(standby);
    return -1;
}
