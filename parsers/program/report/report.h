/* SPDX-License-Identifier: MIT */
/*
 * The report: one object that holds all that the page shows. Knows nothing of how its parts are made.
 */
#ifndef VMWIRE_PROGRAM_REPORT_REPORT_H
#define VMWIRE_PROGRAM_REPORT_REPORT_H

#include <jansson.h>
#include <stddef.h>

/* Makes the report of so many streams. Takes over the witnesses; the caller puts in the other parts. NULL: memory ran out. */
json_t *make_report(size_t streams, json_t *witnesses);

#endif
