/* SPDX-License-Identifier: MIT */
/*
 * Starts a QEMU that waits for a stream, and ends it.
 */
#include "program/replay/qemu_process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "program/shared/confined_file.h"

static const char *const traced_events[] = {"vmstate_subsection_load*", "vmstate_load_state*",
                                            "qemu_loadvm_state_section*", "vmstate_n_elems"};

enum { DESCRIPTOR_SIZE = 32 }; /* bytes of the word that names the stream's descriptor */

/* Without a word of the manifest about it, a QEMU may use /dev/kvm. */
static bool names_accelerator(const json_t *command)
{
    for (size_t i = 1; i < json_array_size(command); i++) {
        const char *word = json_string_value(json_array_get(command, i));
        if (strstr(word, "accel"))
            return true;
    }
    return false;
}

static bool is_trusted(const struct qemu_launch *launch)
{
    return !launch->safeguards[0];
}

/* Returns the capture's command line with another program, trace events and "-incoming defer": QEMU
 * waits until QMP tells it where the stream is. One that is to stand by knows it from the beginning, and tells on its
 * standard error what QMP would. The caller fills in `descriptor` later. */
static const char **make_command_line(const struct qemu_launch *launch, struct vmwire_arena *arena,
                                      char descriptor[DESCRIPTOR_SIZE])
{
    size_t count = json_array_size(launch->command);
    size_t traces = sizeof(traced_events) / sizeof(traced_events[0]);
    size_t safeguards = 0;
    while (launch->safeguards[safeguards])
        safeguards++;
    const char **words =
        vmwire_arena_alloc(arena, (count + safeguards + 2 * traces + 9) * sizeof(*words));
    size_t used = 0;
    words[used++] = launch->program;
    for (size_t i = 1; i < count; i++)
        words[used++] = json_string_value(json_array_get(launch->command, i));
    for (size_t i = 0; i < safeguards; i++)
        words[used++] = launch->safeguards[i];
    if (!is_trusted(launch) && !names_accelerator(launch->command)) {
        words[used++] = "-accel";
        words[used++] = "tcg";
    }
    words[used++] = "-incoming";
    words[used++] = launch->standby ? descriptor : "defer";
    for (size_t i = 0; i < traces; i++) {
        words[used++] = "-trace";
        words[used++] = traced_events[i];
    }
    if (launch->standby) {
        words[used++] = "-trace";
        words[used++] = "migrate_set_state";
    }
    if (launch->seekable) {
        words[used++] = "-add-fd";
        words[used++] = descriptor;
    }
    words[used] = NULL;
    return words;
}

/* ---- Descriptors ------------------------------------------------------------------------------- */

/* Two connected descriptors. */
struct pair {
    int ours, theirs;
};

enum { QMP_INPUT, QMP_OUTPUT, ERRORS, START_ERROR, STREAM, PAIR_COUNT };

static void close_descriptor(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

static void close_pairs(struct pair pairs[PAIR_COUNT])
{
    for (int i = 0; i < PAIR_COUNT; i++) {
        close_descriptor(&pairs[i].ours);
        close_descriptor(&pairs[i].theirs);
    }
}

static bool open_pair(struct pair *pair)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    *pair = (struct pair){ends[0], ends[1]};
    return true;
}

/* Opens the descriptors of both sides. On failure sets `error` and returns false; the caller closes what is open. */
static bool open_pairs(struct pair pairs[PAIR_COUNT], const struct qemu_launch *launch,
                       struct vmwire_error *error)
{
    const struct place place = {launch->folder, NULL};
    bool opened = true;
    for (int i = 0; i < PAIR_COUNT; i++)
        pairs[i] = (struct pair){-1, -1};
    for (int i = 0; opened && i < STREAM; i++)
        opened = open_pair(&pairs[i]);
    if (opened && launch->seekable) {
        pairs[STREAM].theirs = open_confined(&place, launch->file, error);
        return pairs[STREAM].theirs >= 0;
    }
    return (opened && open_pair(&pairs[STREAM])) ||
           vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                            "cannot connect to %s: %s", launch->program, strerror(errno));
}

/* ---- The process ------------------------------------------------------------------------------- */

/* Variables of the environment that QEMU gets: to be found with its libraries, for temporary files,
 * and for builds with sanitizers. LC_ALL makes it speak the language of qemu_messages.c. */
static const char *const kept_variables[] = {
    "PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"};

enum { KEPT_COUNT = sizeof(kept_variables) / sizeof(kept_variables[0]) };

static bool is_kept(const char *variable)
{
    size_t length = strcspn(variable, "=");
    for (size_t i = 0; i < KEPT_COUNT; i++)
        if (strlen(kept_variables[i]) == length && memcmp(kept_variables[i], variable, length) == 0)
            return true;
    return false;
}

/* QEMU up to 8.1 asks this variable which sounds to make where no -audiodev tells it. */
static void clean_environment(void)
{
    size_t used = 0;
    for (size_t i = 0; environ && environ[i]; i++)
        if (is_kept(environ[i]))
            environ[used++] = environ[i];
    if (environ)
        environ[used] = NULL;
    setenv("LC_ALL", "C", 1);
    setenv("QEMU_AUDIO_DRV", "none", 1);
}

/* A group of its own, so that what a wrapper has started ends too; no core file of a crash. */
static void set_limits(void)
{
    static const struct rlimit no_core = {0, 0};
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &no_core);
    clean_environment();
}

static void load_standby(const char *library, int inherited)
{
    char number[DESCRIPTOR_SIZE];
    snprintf(number, sizeof(number), "%d", inherited);
    setenv("LD_PRELOAD", library, 1);
    setenv("VMWIRE_STANDBY", number, 1);
}

/* Goes to a folder in which a manifest has put nothing: QEMU looks for firmware in the current one first. Returns the
 * program's name there. */
static const char *leave_folder(const struct qemu_launch *launch, char program[PATH_MAX])
{
    if (is_trusted(launch) || launch->root)
        return launch->program;
    bool found = strchr(launch->program, '/') && realpath(launch->program, program);
    return chdir("/") == 0 && found ? program : launch->program;
}

/* Runs in the new process and never returns. Writes errno to START_ERROR if it cannot run the
 * program. */
static void become_qemu(const struct qemu_launch *launch, const char **words,
                        const struct pair pairs[PAIR_COUNT])
{
    char program[PATH_MAX];
    set_limits();
    if (launch->standby)
        load_standby(launch->standby, pairs[STREAM].theirs);
    bool ready = dup2(pairs[QMP_INPUT].theirs, STDIN_FILENO) >= 0 &&
                 dup2(pairs[QMP_OUTPUT].theirs, STDOUT_FILENO) >= 0 &&
                 dup2(pairs[ERRORS].theirs, STDERR_FILENO) >= 0 &&
                 fcntl(pairs[STREAM].theirs, F_SETFD, 0) == 0;
    if (ready && (!launch->root || (chroot(launch->root) == 0 && chdir("/") == 0)))
        execvp(leave_folder(launch, program), (char *const *)words);
    int problem = errno;
    ssize_t written = write(pairs[START_ERROR].theirs, &problem, sizeof(problem));
    _exit(written == sizeof(problem) ? 127 : 126);
}

/* Returns 0 if the new process became QEMU: the descriptor then ends without a word. Otherwise its
 * errno. */
static int read_start_error(int descriptor)
{
    int problem = 0;
    ssize_t length;
    do
        length = read(descriptor, &problem, sizeof(problem));
    while (length < 0 && errno == EINTR);
    return length == sizeof(problem) ? problem : 0;
}

/* Returns 0, or the errno of what failed. */
static int fork_qemu(struct qemu_process *process, const struct qemu_launch *launch,
                     struct pair pairs[PAIR_COUNT], const char **words)
{
    int inherited = pairs[STREAM].theirs;
    pid_t pid = fork();
    if (pid == 0)
        become_qemu(launch, words, pairs);
    for (int i = 0; i < PAIR_COUNT; i++)
        close_descriptor(&pairs[i].theirs);
    int problem = pid < 0 ? errno : read_start_error(pairs[START_ERROR].ours);
    close_descriptor(&pairs[START_ERROR].ours);
    *process = (struct qemu_process){pid,
                                     pairs[QMP_INPUT].ours,
                                     pairs[QMP_OUTPUT].ours,
                                     pairs[ERRORS].ours,
                                     pairs[STREAM].ours,
                                     inherited};
    return problem;
}

bool start_qemu(struct qemu_process *process, const struct qemu_launch *launch,
                struct vmwire_arena *arena, struct vmwire_error *error)
{
    struct pair pairs[PAIR_COUNT];
    /* Before the descriptors are opened: if memory runs out, none is left open. */
    char descriptor[DESCRIPTOR_SIZE];
    const char **words = make_command_line(launch, arena, descriptor);
    if (!open_pairs(pairs, launch, error)) {
        close_pairs(pairs);
        return false;
    }
    snprintf(descriptor, sizeof(descriptor), launch->standby ? "fd:%d" : "fd=%d,set=1",
             pairs[STREAM].theirs);
    int problem = fork_qemu(process, launch, pairs, words);
    if (!problem)
        return true;
    close_pairs(pairs);
    if (process->pid > 0)
        waitpid(process->pid, NULL, 0);
    return vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                            "cannot run \"%s\"%s%s: %s", launch->program,
                            launch->root ? " in " : "", launch->root ? launch->root : "",
                            strerror(problem));
}

void close_qemu_stream(struct qemu_process *process)
{
    shutdown(process->stream, SHUT_WR);
    close_descriptor(&process->stream);
}

enum { FAREWELL = 500 /* hundredths of a second that QEMU has to end after its outputs */ };

/* Waits some seconds for the end of QEMU, but does not reap it: its number stays its own. */
static void wait_for_end(pid_t pid)
{
    static const struct timespec pause = {.tv_nsec = 10000000};
    for (int i = 0; i < FAREWELL; i++) {
        siginfo_t ended = {.si_pid = 0};
        if (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid)
            return;
        nanosleep(&pause, NULL);
    }
}

void close_qemu(struct qemu_process *process)
{
    close_descriptor(&process->qmp_input);
    close_descriptor(&process->qmp_output);
    close_descriptor(&process->errors);
    close_descriptor(&process->stream);
}

int end_qemu(struct qemu_process *process, bool kill_it)
{
    int status = 0;
    if (!kill_it)
        wait_for_end(process->pid);
    kill(process->pid, SIGKILL);
    kill(-process->pid, SIGKILL);
    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close_qemu(process);
    return status;
}
