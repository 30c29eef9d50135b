/* SPDX-License-Identifier: MIT */
/*
 * Writes the report as one page that needs nothing else. Knows nothing of what is in the report: page.js does.
 */
#ifndef VMWIRE_PROGRAM_REPORT_PAGE_H
#define VMWIRE_PROGRAM_REPORT_PAGE_H

#include <jansson.h>

#include "program/shared/arguments.h"

/* Writes page.html with page.css, the scripts and this object in it. A regular file gets its new content only when all of it is
 * written. Returns false with `error` set if that fails; the caller keeps the report. */
bool write_page(const char *file, const json_t *report, struct vmwire_error *error);

#endif
