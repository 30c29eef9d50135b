/* SPDX-License-Identifier: MIT */
/*
 * A witness as JSON: what it does, some of its bytes, and what each reader takes them for.
 */
#ifndef VMWIRE_PROGRAM_REPORT_WITNESS_JSON_H
#define VMWIRE_PROGRAM_REPORT_WITNESS_JSON_H

#include <jansson.h>

#include "program/report/readings.h"

/* Makes the object of the entries first to first + count - 1 of a manifest, which have the same stream. NULL: memory ran out. */
json_t *make_witness_json(const json_t *const *entries, size_t count,
                          const struct witness_readings *readings, struct vmwire_bytes stream);

#endif
