/* SPDX-License-Identifier: MIT */
/*
 * Old and new: what the readers that QEMU has had make of a new writer's stream, and a new reader of theirs. Knows nothing of the
 * table.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_CROSSING_H
#define VMWIRE_PROGRAM_COMPARE_CROSSING_H

#include "program/compare/write_and_read.h"

/* The options that releases have had: legacy, guarded, heuristic. */
enum { OLD_OPTIONS = 3 };
const struct vmwire_option *old_option(size_t number);

/* The last of them. */
const struct vmwire_option *todays_option(void);

/* Who writes. */
enum crossing_direction { OLD_TO_NEW, NEW_TO_OLD, CROSSING_DIRECTIONS };

/* The stream's subsections are taken out, or not. */
enum crossing_state { WITHOUT_SUBSECTIONS, WITH_SUBSECTIONS, CROSSING_STATES };

/* Of one stream, or summed over streams. */
struct crossing {
    size_t outcomes[VMWIRE_OUTCOME_CORRUPT + 1];
    size_t not_written; /* the writer's option has no bytes for it */
};

struct crossings {
    struct crossing all[CROSSING_DIRECTIONS][OLD_OPTIONS][CROSSING_STATES];
};

/* The stream without the subsections of its sections; NULL: it has none. Those of the configuration stay: they say how RAM is
 * sent. It lives in `arena`. */
const struct vmwire_stream *strip_subsections(const struct vmwire_stream *stream,
                                              struct vmwire_arena *arena);

/* Adds what becomes of the stream between each old option and a new writer and reader. `old` is what an old release writes of
 * the state, `new` what a new one does; they differ where the new one has other versions. Returns false when memory runs
 * out. */
bool add_crossings(struct crossings *sum, const struct stream_setting *setting,
                   const struct vmwire_option *writes, const struct vmwire_option *reads,
                   const struct vmwire_stream *old, const struct vmwire_stream *new);

void add_crossings_sum(struct crossings *sum, const struct crossings *each);

#endif
