/* SPDX-License-Identifier: MIT */
/*
 * Reads the stream in all ways, compares the sides, and draws the conclusion.
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_EXPLAIN_STREAM_H
#define VMWIRE_PROGRAM_EXPLAIN_EXPLAIN_STREAM_H

#include "program/explain/explanation.h"

/* Explains; `arguments`, `writer`, `reader` and `arena` (the writer's) are set. Everything is in `arena`, within an attempt of the
 * caller. Returns false with the error reported. */
bool explain_stream(struct explanation *explanation);

#endif
