/* SPDX-License-Identifier: MIT */
/*
 * A direction of a migration, what differs in it, and what that means. Knows nothing of how it is printed.
 */
#ifndef VMWIRE_PROGRAM_SKEW_CROSSING_H
#define VMWIRE_PROGRAM_SKEW_CROSSING_H

#include "program/shared/arguments.h"
#include "program/shared/side_files.h"
#include "program/skew/baseline.h"

enum { CERTAINTIES = VMWIRE_NOT_DECIDED + 1 };

struct crossing {
    const struct side_files *writer, *reader;
    const struct vmwire_option *writes, *reads; /* theirs */
    const char *direction; /* for machines: "forward", from A to B; "backward" */
    const struct vmwire_difference *
        *list; /* those that no baseline accepts; in the order of vmwire_skew() */
    size_t count;
    size_t counts[CERTAINTIES]; /* of them */
    size_t accepted;            /* those that the baseline accepts */
    const char *sentence;       /* the conclusion; no capital, no full stop */
};

/* Rules of this command, beside vmwire_skew_rules: what the option of each side has otherwise. */
enum { OPTION_RULES = 2 };
extern const struct vmwire_skew_rule option_rules[OPTION_RULES];

/* Finds what differs; both sides, their options and the direction are set. Everything is in `arena`, within an attempt of the
 * caller. Returns false with `error` set when memory runs out. */
bool cross(struct crossing *crossing, struct baseline *baseline, struct vmwire_arena *arena,
           struct vmwire_error *error);

/* The difference's offset in the file of the writer's stream; VMWIRE_ERROR_NO_OFFSET: none. */
uint64_t offset_in_stream_file(const struct crossing *crossing, uint64_t offset);

#endif
