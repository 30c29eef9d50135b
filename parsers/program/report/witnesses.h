/* SPDX-License-Identifier: MIT */
/*
 * The witnesses of a folder, for the viewer and the grid of the report. Knows nothing of the table.
 */
#ifndef VMWIRE_PROGRAM_REPORT_WITNESSES_H
#define VMWIRE_PROGRAM_REPORT_WITNESSES_H

#include <jansson.h>

#include "program/shared/arguments.h"

/* Whether the entries of the manifest are witnesses: each has an original, and outcomes that are expected. */
bool holds_witnesses(const json_t *manifest);

/* Reads the witnesses of the folder under each option that shares their wire, and appends one object for each stream to the
 * list. `list` becomes NULL where memory runs out. Returns an exit status; other errors are reported. */
int add_witnesses(json_t **list, const char *folder, const json_t *manifest,
                  const struct arguments *arguments, struct vmwire_arena *arena);

/* The outcome of each witness of the list for each reader, the options and the real QEMUs that were asked: an object with
 * "readers" and "rows". NULL: memory ran out. */
json_t *make_grid(const json_t *witnesses);

#endif
