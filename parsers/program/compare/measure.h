/* SPDX-License-Identifier: MIT */
/*
 * Writes one stream under one option, reads it back and measures that.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_MEASURE_H
#define VMWIRE_PROGRAM_COMPARE_MEASURE_H

#include "program/compare/table.h"

/* Fills in the cell. `footers` says whether the stream has section footers; `left_out`: the bytes of pages that it has
 * in the file, and under each option. Returns false with cell->error set when memory runs out. */
bool measure_cell(struct cell *cell, const struct vmwire_option *option,
                  const struct vmwire_stream *stream, bool footers,
                  const struct vmwire_schema *schema, uint64_t left_out);

#endif
