/* SPDX-License-Identifier: MIT */
/*
 * Makes each allocation of a program fail, one after another, and checks how the program ends. tests/allocation.sh loads
 * this file into the program, which knows nothing of it.
 *
 * At an allocation the process forks. In the child the allocation fails, and the child runs on to its end; the parent
 * then goes on to the next allocation. A child may end in two ways:
 *
 *     the error    exit status 2, and one line on standard error that says that memory has run out
 *     the same     exit status, output and errors are those of a run without failure: the allocation was one that can be
 *                  done without, such as a buffer of stdio
 *
 * All that the program has allocated must be released at its end, but for what the C library keeps for itself. The
 * settings are environment variables (struct settings). Each child that ends otherwise is a line in FAILING_REPORT, with
 * the call stack.
 *
 * With -DWRAPPED the linker puts these functions in place of the allocator (--wrap), and a sanitizer looks for leaks.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef WRAPPED
#include <jansson.h>
#define OURS(name) __wrap_##name
#define REAL(name) __real_##name
#else
#define OURS(name) name
#define REAL(name) __libc_##name
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t count, size_t size);
void *REAL(realloc)(void *memory, size_t size);
void REAL(free)(void *memory);

void *OURS(malloc)(size_t size);
void *OURS(calloc)(size_t count, size_t size);
void *OURS(realloc)(void *memory, size_t size);
void OURS(free)(void *memory);
void *OURS(mmap)(void *address, size_t size, int protection, int flags, int file, off_t offset);
int OURS(munmap)(void *address, size_t size);
int OURS(rename)(const char *from, const char *to);
int OURS(openat)(int folder, const char *name, int flags, ...);

enum { STACK_LIMIT = 64, SITES = 1 << 16, PATIENCE = 120 /* seconds for a child */ };

static struct settings {
    const char *report;   /* FAILING_REPORT: a file to append to */
    const char *output;   /* FAILING_OUTPUT: the standard output of a run without failure */
    int status;           /* FAILING_STATUS: its exit status */
    bool every;           /* FAILING_EVERY: every allocation, not only one of each call stack */
    bool rest;            /* FAILING_REST: all allocations behind it fail, too */
    bool partial;         /* FAILING_PARTIAL: with the error, the output may have begun */
    const char *children; /* FAILING_CHILDREN: the folder for what the children print */
} settings;

/* What a child tells its parent at its end. */
static struct ending {
    int64_t blocks; /* of the program that are not released */
    int64_t maps;
    bool reached; /* the child has ended in the ordinary way */
    bool renamed; /* it would have put a file in its place */
} * ending;

static bool ready;    /* the settings are read */
static bool is_child; /* of a fork below */
static bool failing;  /* FAILING_REST, behind the first failure */
static bool inside;   /* in a function of this file */
static size_t allocations, tried, wrong;
static int64_t blocks, maps;

/* ---- Children ----------------------------------------------------------------------------------- */

static int open_child_file(const char *name, int flags)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", settings.children, name);
    return open(path, flags, 0600);
}

/* Opens the files of the parent again: otherwise the child would move the place where the parent reads. */
static void reopen(int file)
{
    char path[64];
    off_t place = lseek(file, 0, SEEK_CUR);
    if (place < 0)
        return;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    int again = open(path, fcntl(file, F_GETFL) & (O_ACCMODE | O_APPEND));
    if (again < 0 || lseek(again, place, SEEK_SET) != place || dup2(again, file) != file)
        _exit(99);
    close(again);
}

/* Gives the child files and a folder of its own. Its output begins with what the parent has written. */
static void redirect(void)
{
    char buffer[1 << 16];
    int output = open_child_file("out", O_RDWR | O_CREAT | O_TRUNC);
    int errors = open_child_file("err", O_RDWR | O_CREAT | O_TRUNC);
    off_t written = lseek(STDOUT_FILENO, 0, SEEK_CUR);
    for (off_t at = 0; at < written;) {
        size_t room =
            written - at < (off_t)sizeof(buffer) ? (size_t)(written - at) : sizeof(buffer);
        ssize_t got = pread(STDOUT_FILENO, buffer, room, at);
        if (got <= 0 || write(output, buffer, (size_t)got) != got)
            _exit(99);
        at += got;
    }
    if (output < 0 || errors < 0 || dup2(output, STDOUT_FILENO) < 0 ||
        dup2(errors, STDERR_FILENO) < 0)
        _exit(99);
    close(output);
    close(errors);
    for (int file = 3; file < 32; file++)
        reopen(file);
    if (chdir(settings.children) != 0)
        _exit(99);
    alarm(PATIENCE);
}

/* The number of bytes in which both files begin alike; -1: the first is longer than that. */
static off_t compare_files(int found, int expected)
{
    static char a[1 << 16], b[1 << 16];
    off_t at = 0;
    for (;;) {
        ssize_t got = pread(found, a, sizeof(a), at);
        if (got <= 0)
            return at;
        if (pread(expected, b, sizeof(b), at) < got || memcmp(a, b, (size_t)got) != 0)
            return -1;
        at += got;
    }
}

/* What is wrong with the output; NULL: nothing. `complete`: it must be that of a run without failure. */
static const char *judge_output(bool complete)
{
    int found = open_child_file("out", O_RDONLY), expected = open(settings.output, O_RDONLY);
    off_t alike = compare_files(found, expected);
    bool all = alike == lseek(expected, 0, SEEK_END);
    close(found);
    close(expected);
    if (alike < 0)
        return "other output";
    if (complete)
        return all ? NULL : "part of the output only";
    return alike && !settings.partial ? "output beside the error" : NULL;
}

static const char *judge_error(const char *errors)
{
    const char *end = strchr(errors, '\n');
    if (!end || end[1])
        return "not one line of error";
    if (!strstr(errors, "out of memory") && !strstr(errors, "Cannot allocate memory"))
        return "another error";
    if (ending->renamed)
        return "a file beside the error";
    return judge_output(false);
}

/* What is wrong with how the child has ended; NULL: nothing. */
static const char *judge(int status, const char *errors)
{
    if (!WIFEXITED(status))
        return "a signal";
    if (!ending->reached)
        return "no ordinary end";
    if (ending->blocks > 0)
        return "memory that is not released";
    if (ending->maps > 0)
        return "a mapped file that is not released";
    if (WEXITSTATUS(status) == 2)
        return judge_error(errors);
    if (WEXITSTATUS(status) != settings.status)
        return "another exit status";
    if (errors[0])
        return "an error, but the exit status is that of success";
    return judge_output(true);
}

static void report(const char *what, int status, const char *errors, void *const *stack, int depth)
{
    int file = open(settings.report, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dprintf(file, "allocation %zu: %s (status %x, %lld blocks, %lld maps): %s\n", allocations, what,
            (unsigned)status, (long long)ending->blocks, (long long)ending->maps, errors);
    backtrace_symbols_fd(stack, depth, file);
    close(file);
    wrong++;
}

static void await_child(pid_t child, void *const *stack, int depth)
{
    char errors[4096] = "";
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    int file = open_child_file("err", O_RDONLY);
    ssize_t got = read(file, errors, sizeof(errors) - 1);
    errors[got > 0 ? got : 0] = '\0';
    close(file);
    const char *what = judge(status, errors);
    if (what && wrong < 20)
        report(what, status, errors, stack, depth);
}

/* ---- Each allocation ---------------------------------------------------------------------------- */

/* Whether the call stack is a new one. */
static bool is_new_site(void *const *stack, int depth)
{
    static uint64_t sites[SITES];
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (int i = 0; i < depth; i++)
        hash = (hash ^ (uintptr_t)stack[i]) * UINT64_C(0x100000001b3);
    hash |= 1;
    for (size_t i = hash >> 48;; i++) {
        uint64_t *site = &sites[i % SITES];
        if (*site == hash)
            return false;
        if (!*site) {
            *site = hash;
            return true;
        }
    }
}

/* Whether this allocation is to fail. */
static bool fails(void)
{
    void *stack[STACK_LIMIT];
    if (!ready || inside || is_child)
        return failing;
    inside = true;
    allocations++;
    int depth = backtrace(stack, STACK_LIMIT);
    bool chosen = settings.children && (is_new_site(stack, depth) || settings.every);
    if (chosen) {
        tried++;
        *ending = (struct ending){0};
        pid_t child = fork();
        if (child == 0) {
            is_child = true;
            failing = settings.rest;
            redirect();
        } else {
            await_child(child, stack, depth);
        }
    }
    inside = false;
    return is_child;
}

static bool refuses(void)
{
    int kept = errno;
    bool refused = fails();
    errno = refused ? ENOMEM : kept;
    return refused;
}

/* ---- The allocator ------------------------------------------------------------------------------ */

#ifdef WRAPPED

void *OURS(malloc)(size_t size)
{
    return refuses() ? NULL : REAL(malloc)(size);
}

void *OURS(calloc)(size_t count, size_t size)
{
    return refuses() ? NULL : REAL(calloc)(count, size);
}

void *OURS(realloc)(void *memory, size_t size)
{
    return refuses() ? NULL : REAL(realloc)(memory, size);
}

void OURS(free)(void *memory)
{
    REAL(free)(memory);
}

#else

/* Before each block. */
struct header {
    size_t size;
    size_t counted; /* 1: of the program or a library; 0: of the C library */
};

/* Whether the block must be released. The C library keeps the buffers of its standard files to the end. */
static bool is_counted(size_t size, void *caller)
{
    Dl_info found;
    bool buffer = size == 1024 || size == 4096;
    return !buffer || !dladdr(caller, &found) || !strstr(found.dli_fname, "/libc.so");
}

static void *keep(struct header *header, size_t size, void *caller)
{
    if (!header)
        return NULL;
    *header = (struct header){size, ready && !inside && is_counted(size, caller)};
    blocks += (int64_t)header->counted;
    return header + 1;
}

void *OURS(malloc)(size_t size)
{
    if (refuses() || size > SIZE_MAX / 2)
        return NULL;
    return keep(REAL(malloc)(sizeof(struct header) + size), size, __builtin_return_address(0));
}

void *OURS(calloc)(size_t count, size_t size)
{
    size_t all;
    if (refuses() || __builtin_mul_overflow(count, size, &all) || all > SIZE_MAX / 2)
        return NULL;
    return keep(REAL(calloc)(1, sizeof(struct header) + all), all, __builtin_return_address(0));
}

void *OURS(realloc)(void *memory, size_t size)
{
    if (refuses() || size > SIZE_MAX / 2)
        return NULL;
    struct header *header = memory ? (struct header *)memory - 1 : NULL;
    size_t counted = header ? header->counted : 0;
    struct header *grown = REAL(realloc)(header, sizeof(struct header) + size);
    if (grown)
        blocks -= (int64_t)counted;
    return keep(grown, size, __builtin_return_address(0));
}

void OURS(free)(void *memory)
{
    if (!memory)
        return;
    struct header *header = (struct header *)memory - 1;
    blocks -= (int64_t)header->counted;
    REAL(free)(header);
}

#endif

void *OURS(mmap)(void *address, size_t size, int protection, int flags, int file, off_t offset)
{
    if (refuses())
        return MAP_FAILED;
    maps += ready && !inside;
    return (void *)syscall(SYS_mmap, address, size, protection, flags, file, offset);
}

int OURS(munmap)(void *address, size_t size)
{
    maps -= ready && !inside;
    return (int)syscall(SYS_munmap, address, size);
}

/* A child has a folder of its own. The file is not in it that the parent had begun to write. */
int OURS(rename)(const char *from, const char *to)
{
    ending->renamed = true;
    int result = renameat(AT_FDCWD, from, AT_FDCWD, to);
    return is_child && errno == ENOENT ? 0 : result;
}

/* New files that a child makes in a folder that its parent has opened: they are removed at its end. */
static char made_files[64][PATH_MAX];
static size_t made_file_count;

int OURS(openat)(int folder, const char *name, int flags, ...)
{
    va_list words;
    va_start(words, flags);
    mode_t mode = flags & O_CREAT ? va_arg(words, mode_t) : 0;
    va_end(words);
    int file = (int)syscall(SYS_openat, folder, name, flags, mode);
    if (is_child && file >= 0 && flags & O_EXCL && made_file_count < 64) {
        char link[64], *path = made_files[made_file_count++];
        snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
        ssize_t length = readlink(link, path, PATH_MAX - 1);
        path[length > 0 ? length : 0] = '\0';
    }
    return file;
}

static void remove_made_files(void)
{
    while (made_file_count)
        unlink(made_files[--made_file_count]);
}

/* Time stands still, so that two runs of compare print the same. */
int OURS(clock_gettime)(clockid_t clock, struct timespec *time);
int OURS(clock_gettime)(clockid_t clock, struct timespec *time)
{
    (void)clock;
    *time = (struct timespec){0};
    return 0;
}

/* ---- Beginning and end -------------------------------------------------------------------------- */

static const char *read_setting(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value ? value : otherwise;
}

__attribute__((constructor)) static void begin(void)
{
    void *stack[STACK_LIMIT];
    settings = (struct settings){
        .report = read_setting("FAILING_REPORT", "/dev/stderr"),
        .output = read_setting("FAILING_OUTPUT", "/dev/null"),
        .status = atoi(read_setting("FAILING_STATUS", "0")),
        .every = getenv("FAILING_EVERY"),
        .rest = getenv("FAILING_REST"),
        .partial = getenv("FAILING_PARTIAL"),
        .children = getenv("FAILING_CHILDREN"),
    };
    ending = (struct ending *)syscall(SYS_mmap, NULL, sizeof(*ending), PROT_READ | PROT_WRITE,
                                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    backtrace(stack, STACK_LIMIT); /* the first call loads a library */
#ifdef WRAPPED
    json_set_alloc_funcs(OURS(malloc), OURS(free));
#endif
    ready = true;
}

__attribute__((destructor)) static void end(void)
{
    inside = true;
    remove_made_files();
    ending->blocks = blocks;
    ending->maps = maps;
    ending->reached = true;
    if (is_child || !settings.children)
        return;
    int file = open_child_file("counts", O_WRONLY | O_CREAT | O_TRUNC);
    dprintf(file, "%zu %zu %zu\n", allocations, tried, wrong);
    close(file);
}
