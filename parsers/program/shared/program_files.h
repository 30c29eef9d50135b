/* SPDX-License-Identifier: MIT */
/*
 * The files of a QEMU: its executable and its modules. Knows where packages put modules, and nothing of what is in them.
 */
#ifndef VMWIRE_PROGRAM_SHARED_PROGRAM_FILES_H
#define VMWIRE_PROGRAM_SHARED_PROGRAM_FILES_H

#include "vmwire/vmwire.h"

enum { PROGRAM_FILES_LIMIT = 256 /* QEMU 11.1 has about 50 modules */ };

/* The first one is the program. The names live in an arena, the inputs until close_program_files(). */
struct program_files {
    const char *names[PROGRAM_FILES_LIMIT];
    struct vmwire_input inputs[PROGRAM_FILES_LIMIT];
    size_t count;
};

/*
 * Opens a program, and these modules; where `module_count` is 0, those of the program's module folders whose names the
 * program knows. Returns false with `error` set and its file named.
 */
bool open_program_files(struct program_files *files, const char *program,
                        char *const *modules, size_t module_count, struct vmwire_arena *arena,
                        struct vmwire_error *error);

void close_program_files(struct program_files *files);

#endif
