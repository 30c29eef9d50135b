/* SPDX-License-Identifier: MIT */
/*
 * Asks a QEMU for its dump. Knows nothing of what is in it.
 */
#ifndef VMWIRE_PROGRAM_SCHEMA_RUN_DUMP_H
#define VMWIRE_PROGRAM_SCHEMA_RUN_DUMP_H

#include <jansson.h>

#include "vmwire/error.h"

/* Runs `PROGRAM -dump-vmstate FILE` in the folder `root` (NULL: where we are), for some seconds at most, and returns the
 * JSON, which the caller releases. Returns NULL with `error` set. */
json_t *run_dump(const char *program, const char *root, struct vmwire_error *error);

#endif
