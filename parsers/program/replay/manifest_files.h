/* SPDX-License-Identifier: MIT */
/*
 * Says whether the files that a manifest names are the manifest's own: regular files inside of its
 * folder. A manifest may come from anybody.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_MANIFEST_FILES_H
#define VMWIRE_PROGRAM_REPLAY_MANIFEST_FILES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Returns true if the file is a regular file inside of the folder, or there is none. No link leads out
 * of the folder. Opens nothing. Otherwise writes into `problem` what is wrong. */
bool is_file_inside(const char *folder, const char *name, char *problem, size_t size);

/* Checks "file", "original" and "schemas" of an entry in this way. The schemas may also be in the folder
 * "schemas" beside it, "../schemas/NAME", where corpus/capture puts them. */
bool are_files_inside(const char *folder, const json_t *entry, char *problem, size_t size);

#endif
