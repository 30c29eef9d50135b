/* SPDX-License-Identifier: MIT */
/*
 * Loaded into a QEMU with LD_PRELOAD: lets it stand by, and copy itself for each stream.
 *
 * QEMU is started with "-incoming fd:N", and VMWIRE_STANDBY is N. When its main loop first waits for N, the machine is
 * as it should be for a stream. There QEMU stays. N is a socket to the one who asks:
 *
 *     QEMU    a byte: it stands by
 *     asker   a byte with two descriptors: of the stream, and for messages and trace events
 *     asker   a byte: it has heard enough
 *     QEMU    the status of the copy, as waitpid(2) has it
 *
 * For the descriptors QEMU forks. The copy has the stream as N and returns to its main loop, which loads it. So a stream
 * costs no start, and a load finds the same state of the machine as the one before. The copy has the main thread only.
 * That is enough to load most states: the guest does not run, and its processors wait. What needs another thread hangs.
 *
 * It calls nothing that C libraries before 2.34 lack, and names no version of a symbol: the QEMU may be of an older
 * system.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct io_uring;

int __ppoll_chk(struct pollfd *polled, nfds_t count, const struct timespec *limit,
                const sigset_t *mask, size_t size);
int io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags);

enum { KERNEL_SIGNALS = 64 };

static bool stood_by; /* it has stood by, also in a copy */
static bool is_copy;

/* ---- Standing by ------------------------------------------------------------------------------- */

/* The copies of two descriptors that the asker sends. Returns false if it sends none more. */
static bool receive_descriptors(int control, int descriptors[2])
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(2 * sizeof(int))];
    } rights;
    char byte;
    struct iovec body = {&byte, 1};
    struct msghdr message = {.msg_iov = &body,
                             .msg_iovlen = 1,
                             .msg_control = &rights,
                             .msg_controllen = sizeof(rights)};
    if (recvmsg(control, &message, 0) != 1 || rights.header.cmsg_len != CMSG_LEN(2 * sizeof(int)))
        return false;
    memcpy(descriptors, CMSG_DATA(&rights.header), 2 * sizeof(int));
    return true;
}

/* A line of a trace is a system call where standard error has no buffer, and there are tens of thousands. What is in the
 * buffer when the copy crashes or hangs is lost; then a fresh process is asked. */
static void become_copy(int control, const int descriptors[2])
{
    static char buffer[1 << 16];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(descriptors[0], control);
    dup2(descriptors[1], STDERR_FILENO);
    setvbuf(stderr, buffer, _IOFBF, sizeof(buffer));
    is_copy = true;
}

/* Waits until the asker has heard enough of the copy, and tells how it ended: -1, if there was none. */
static bool end_copy(int control, pid_t pid)
{
    int status = -1;
    char byte;
    bool asked = recv(control, &byte, 1, 0) == 1;
    if (pid > 0) {
        kill(pid, SIGKILL); /* without effect on one that has ended */
        waitpid(pid, &status, 0);
    }
    return asked && send(control, &status, sizeof(status), MSG_NOSIGNAL) == sizeof(status);
}

/* Returns in the copies only. */
static void make_copies(int control)
{
    int descriptors[2];
    while (receive_descriptors(control, descriptors)) {
        pid_t pid = fork();
        if (pid == 0)
            become_copy(control, descriptors);
        close(descriptors[0]);
        close(descriptors[1]);
        if (pid == 0)
            return;
        if (!end_copy(control, pid))
            break;
    }
    _exit(0);
}

static long long read_processor_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* A lock that another thread holds is never free again in a copy. So waits until all have done what the start left them. */
static void wait_for_threads(void)
{
    enum { ROUNDS = 50, QUIET = 2, IDLE = 300000 /* nanoseconds */ };
    static const struct timespec pause = {.tv_nsec = 10000000};
    int quiet = 0;
    for (int i = 0; i < ROUNDS && quiet < QUIET; i++) {
        long long before = read_processor_time();
        nanosleep(&pause, NULL);
        quiet = read_processor_time() - before < IDLE ? quiet + 1 : 0;
    }
}

static void stand_by(int control)
{
    stood_by = true;
    wait_for_threads();
    send(control, "", 1, MSG_NOSIGNAL);
    make_copies(control);
}

static bool waits_for(const struct pollfd *polled, nfds_t count, int descriptor)
{
    for (nfds_t i = 0; i < count; i++)
        if (polled[i].fd == descriptor)
            return true;
    return false;
}

/* ---- Functions of the C library and of liburing ------------------------------------------------- */

int ppoll(struct pollfd *polled, nfds_t count, const struct timespec *limit, const sigset_t *mask)
{
    const char *number = stood_by ? NULL : getenv("VMWIRE_STANDBY");
    struct timespec left = {0, 0}; /* the kernel changes it */
    if (number && waits_for(polled, count, atoi(number)))
        stand_by(atoi(number));
    if (is_copy)
        fflush_unlocked(stderr);
    if (limit)
        left = *limit;
    return (int)syscall(SYS_ppoll, polled, count, limit ? &left : NULL, mask, KERNEL_SIGNALS / 8);
}

/* ppoll() in a program that was compiled with checks. */
int __ppoll_chk(struct pollfd *polled, nfds_t count, const struct timespec *limit,
                const sigset_t *mask, size_t size)
{
    (void)size;
    return ppoll(polled, count, limit, mask);
}

/* Newer releases of QEMU do this behind each line of a trace. */
int fflush(FILE *file)
{
    if (is_copy && file == stderr)
        return 0;
    if (file)
        flockfile(file);
    int result = fflush_unlocked(file);
    if (file)
        funlockfile(file);
    return result;
}

/* QEMU wants no RAM of the guest in a child; a copy needs it. */
int madvise(void *start, size_t length, int advice)
{
    return advice == MADV_DONTFORK ? 0 : (int)syscall(SYS_madvise, start, length, advice);
}

/* Copies would share the ring. Without one QEMU waits with ppoll(). */
int io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags)
{
    (void)entries, (void)ring, (void)flags;
    return -ENOSYS;
}
