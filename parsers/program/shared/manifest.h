/* SPDX-License-Identifier: MIT */
/*
 * Loads the manifest.json of a folder of streams: a list of entries, each with a "file" and the
 * "schemas" that it needs besides its own description. Their paths start at the folder. Knows no
 * command.
 */
#ifndef VMWIRE_PROGRAM_SHARED_MANIFEST_H
#define VMWIRE_PROGRAM_SHARED_MANIFEST_H

#include <jansson.h>
#include <stdbool.h>

#include "program/shared/arguments.h"

/* Returns FOLDER/NAME; it lives in `arena`. */
char *join_path(struct vmwire_arena *arena, const char *folder, const char *name);

/* Loads a manifest: a list with at least one entry. The caller owns it. Sets `error` and returns NULL
 * if the file is no manifest. */
json_t *load_manifest(const char *file, struct vmwire_error *error);

/* Copies the arguments and puts the entry's schemas before those of --schema. Returns false if
 * "schemas" is not a list of strings. The new list lives in `arena`. */
bool add_entry_schemas(struct arguments *with, const struct arguments *arguments,
                       const char *folder, const json_t *entry, struct vmwire_arena *arena);

#endif
