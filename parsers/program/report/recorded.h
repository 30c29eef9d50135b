/* SPDX-License-Identifier: MIT */
/*
 * What real programs were seen to do, as scripts of the corpus have recorded it: guests on QEMUs of today (seen.json beside their
 * manifest), and the loaders of 0.13 to 1.0 (claims.json). Knows nothing of the table.
 */
#ifndef VMWIRE_PROGRAM_REPORT_RECORDED_H
#define VMWIRE_PROGRAM_REPORT_RECORDED_H

#include <jansson.h>

#include "program/shared/arguments.h"

/* Whether the entries of the manifest are streams of old programs, each with its own reader. */
bool holds_eras(const json_t *manifest);

/* Reads the document FOLDER/NAME, a list of objects. NULL with `error` set if that fails. The caller gives it up. */
json_t *load_record(const char *folder, const char *name, struct vmwire_arena *arena,
                    struct vmwire_error *error);

/* A row for each guest: how many of its migrations into each QEMU ended as was decided. NULL: memory ran out. */
json_t *make_guest_rows(const json_t *seen);

/* A row for each claim about the old programs: what each of them did. NULL: memory ran out. */
json_t *make_era_rows(const json_t *claims);

#endif
