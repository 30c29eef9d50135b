/*
 * A folder of streams: its manifest.json is a list of entries, each of which names a file and the
 * schemas that it needs beside its own description, as paths from the folder. Knows no command.
 */
#ifndef VMWIRE_MANIFEST_H
#define VMWIRE_MANIFEST_H

#include <jansson.h>

#include "program.h"

/* The path of `name`, which is given as seen from the folder. */
char *path_in(struct arena *arena, const char *folder, const char *name);

/* The manifest as a list with at least one entry; NULL with `error` set. The caller's. */
json_t *manifest_load(const char *file, struct error *error);

/* The arguments as they are for one entry: with its schemas before those given. False where its
 * "schemas" is not a list of strings. */
bool manifest_arguments(struct arguments *with, const struct arguments *arguments,
                        const char *folder, const json_t *entry, struct arena *arena);

#endif
