/* SPDX-License-Identifier: MIT */
/*
 * Loads the manifest.json of a folder of streams: a list of entries, each with a "file" and the
 * "schemas" that it needs besides its own description. Their paths start at the folder. A manifest may
 * come from anybody: unless --trust is given, it and its files must lie in the folder; see
 * confined_file.h. Knows no command.
 */
#ifndef VMWIRE_PROGRAM_SHARED_MANIFEST_H
#define VMWIRE_PROGRAM_SHARED_MANIFEST_H

#include <jansson.h>
#include <stdbool.h>

#include "program/shared/arguments.h"

/* Returns FOLDER/NAME; it lives in `arena`. */
char *join_path(struct vmwire_arena *arena, const char *folder, const char *name);

/* Loads the manifest `file` of the folder: a list with at least one entry. The caller owns it. Sets `error` and
 * returns NULL if the file is no manifest. */
json_t *load_manifest(const struct arguments *arguments, const char *folder, const char *file,
                      struct vmwire_error *error);

/* Checks that each member of entry `number` that a command reads has the right type, and that its files can be
 * opened. Other members may be there, and do not count. Copies the arguments, puts the entry's schemas before
 * those of --schema, and has load_stream() open the entry's files in the folder only. The new lists live in `arena`.
 * Returns false with `error` set, which names the entry and the member, if something is wrong. */
bool check_manifest_entry(struct arguments *with, const struct arguments *arguments,
                          const char *folder, const json_t *entry, size_t number,
                          struct vmwire_arena *arena, struct vmwire_error *error);

/* Returns the type and, of a number, the value of what stands there: "7.5", "a list", "null"; NULL is "nothing". The
 * text lives in `text`, or is static. */
const char *describe_json(const json_t *value, char text[64]);

#endif
