/* SPDX-License-Identifier: MIT */
/*
 * A side of a comparison on the command line: a file, or several with `+` between them. Knows nothing of what is in them.
 */
#ifndef VMWIRE_PROGRAM_SHARED_SIDE_NAMES_H
#define VMWIRE_PROGRAM_SHARED_SIDE_NAMES_H

#include "program/shared/arguments.h"

/* The names live in an arena. There is at least one. */
struct side_names {
    const char **names;
    size_t count;
};

/* Splits a word at each `+`. A name may have a `+` of its own: each name is the longest one that is a file, or up to the next
 * `+` where none is. Returns false with `error` set when memory runs out, or when a name is empty. */
bool split_side(struct side_names *side, const char *word, struct vmwire_arena *arena,
                struct vmwire_error *error);

#endif
