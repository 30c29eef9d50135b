/* SPDX-License-Identifier: MIT */
/*
 * An entry of a replay's manifest.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_MANIFEST_ENTRY_H
#define VMWIRE_PROGRAM_REPLAY_MANIFEST_ENTRY_H

#include <jansson.h>
#include <stdbool.h>

#include "program/shared/arguments.h"

struct replay_entry {
    const char *folder;
    const json_t *json;
    const char *name;
    char *file;
    char *original;                     /* the stream before it was changed; NULL: none */
    const struct vmwire_option *writer; /* that the original is read under */
    struct arguments with;              /* arguments with the entry's schemas */
};

/* Checks entry `number` of the manifest and fills in the members behind `json`. They live in `arena`.
 * Unless --trust is given, the entry's files must be inside of the folder, and its command and
 * capabilities harmless. Checks also that the file has the size and the SHA-256 that the manifest says. Reports an error and
 * returns false if something is wrong. */
bool check_entry(struct replay_entry *entry, const char *manifest, size_t number,
                 const struct arguments *arguments, struct vmwire_arena *arena);

/* Finds the outcome that is expected under the option. Returns false if the entry expects none. */
bool find_expected(const struct replay_entry *entry, const struct vmwire_option *option,
                   enum vmwire_outcome *expected);

#endif
