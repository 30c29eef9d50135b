/* SPDX-License-Identifier: MIT */
/*
 * The files of a QEMU: its executable and its modules. Knows where packages put modules, and nothing of what is in them.
 */
#ifndef VMWIRE_PROGRAM_SHARED_PROGRAM_FILES_H
#define VMWIRE_PROGRAM_SHARED_PROGRAM_FILES_H

#include <sys/types.h>

#include "vmwire/vmwire.h"

enum { PROGRAM_FILES_LIMIT = 256 /* QEMU 11.1 has about 50 modules */ };

/* The first one is the program. The names live in an arena, the inputs until close_program_files(). */
struct program_files {
    const char *
        program; /* the program's name in the root folder, with a folder of its own: so it can be run */
    const char *names[PROGRAM_FILES_LIMIT];
    struct vmwire_input inputs[PROGRAM_FILES_LIMIT];
    struct file_identity {
        dev_t device;
        ino_t number;
    } identities[PROGRAM_FILES_LIMIT];
    size_t count;
};

/* What to open. */
struct program_request {
    const char *
        root; /* the folder that has the program and its modules, as chroot(2) sees it; NULL: that of the process */
    const char *program;
    char *const *modules;
    size_t module_count; /* 0: those of the program's module folders that the program would load */
};

/*
 * Opens a program and its modules. A program's name without a folder is that of a file here or, if there is none, of one in
 * the folders of PATH. Returns false with `error` set and its file named.
 */
bool open_program_files(struct program_files *files, const struct program_request *request,
                        struct vmwire_arena *arena, struct vmwire_error *error);

void close_program_files(struct program_files *files);

#endif
