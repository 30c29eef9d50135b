/* SPDX-License-Identifier: MIT */
/*
 * Runs a QEMU that writes its dump into a file and ends.
 */
#include "program/schema/run_dump.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vmwire/input.h"
#include "vmwire/json.h"

enum { PATIENCE = 6000 /* hundredths of a second */ };

/* The file of the dump: its name here, and in the root folder. */
struct dump_file {
    char path[PATH_MAX];
    const char *inside;
};

static bool make_file(struct dump_file *file, const char *root, struct vmwire_error *error)
{
    const char *folder = root || !getenv("TMPDIR") ? "/tmp" : getenv("TMPDIR");
    int length = snprintf(file->path, sizeof(file->path), "%s%s/vmwire-dump-XXXXXX",
                          root ? root : "", folder);
    int descriptor = length > 0 && (size_t)length < sizeof(file->path) ? mkstemp(file->path) : -1;
    if (descriptor < 0)
        return vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                                "cannot make a file for the dump in %s%s: %s", root ? root : "",
                                folder, strerror(errno));
    close(descriptor);
    file->inside = file->path + (root ? strlen(root) : 0);
    return true;
}

/* What the new process returns when it cannot become the program. */
enum { NO_ROOT = 126, NOT_RUN = 127 };

/* Runs in the new process and does not return. What QEMU says goes to standard error. */
static void become_program(const char *program, const char *root, const char *file)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, STDIN_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    if (root && (chroot(root) != 0 || chdir("/") != 0))
        _exit(NO_ROOT);
    execl(program, program, "-machine", "none", "-display", "none", "-dump-vmstate", file,
          (char *)NULL);
    _exit(NOT_RUN);
}

/* Waits for the end of the process; kills it when that takes too long. Returns the status of waitpid(2). */
static int wait_for_end(pid_t pid, bool *late)
{
    static const struct timespec pause = {.tv_nsec = 10000000};
    int status = 0;
    for (int i = 0; i < PATIENCE; i++) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            return status;
        nanosleep(&pause, NULL);
    }
    *late = true;
    kill(-pid, SIGKILL);
    waitpid(pid, &status, 0);
    return status;
}

/* Says why there is no dump; `status` is that of waitpid(2). */
static const char *name_failure(int status, bool late)
{
    if (late)
        return "does not end within 60 seconds";
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_ROOT)
        return "cannot be run in the root folder: only root may do that";
    return WIFEXITED(status) && WEXITSTATUS(status) == NOT_RUN ? "cannot be run" : "fails";
}

static bool run_program(const char *program, const char *root, const char *file,
                        struct vmwire_error *error)
{
    bool late = false;
    pid_t pid = fork();
    if (pid == 0)
        become_program(program, root, file);
    if (pid < 0)
        return vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                                "no new process: %s", strerror(errno));
    int status = wait_for_end(pid, &late);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET, "%s -dump-vmstate %s",
                            program, name_failure(status, late));
}

json_t *run_dump(const char *program, const char *root, struct vmwire_error *error)
{
    struct dump_file file;
    struct vmwire_input input = {{NULL, 0}};
    json_t *dump = NULL;
    if (!make_file(&file, root, error))
        return NULL;
    if (run_program(program, root, file.inside, error) &&
        vmwire_input_open(&input, file.path, NULL, error))
        dump = vmwire_json_parse(input.bytes, 0, error);
    vmwire_input_close(&input);
    unlink(file.path);
    return dump;
}
