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
json_t *load_record(const struct arguments *arguments, const char *folder, const char *name,
                    struct vmwire_arena *arena, struct vmwire_error *error);

/* The same objects, each with "kind" in front; one that has a kind gets this one. A new list; NULL: memory ran out. */
json_t *name_kind(const json_t *record, const char *kind);

#endif
