/* SPDX-License-Identifier: MIT */
/*
 * Finds all readings of a stream under its writer's grammar. Where a tail is followed by the header of one of the
 * owner's subsections, the bytes may be that subsection or whatever follows the record. Other rules of a writer
 * limit the readings: it sends subsections in the order of the schema, each at most once, with known versions, and
 * zeros and bools as such.
 */
#ifndef VMWIRE_FUZZ_AMBIGUOUS_READINGS_H
#define VMWIRE_FUZZ_AMBIGUOUS_READINGS_H

#include "inputs/test_case.h"
#include "properties/tail_decisions.h"

struct alternative {
    const struct vmwire_stream *stream;
    struct tail_decisions decisions;
};

struct ambiguous_readings {
    /* At the first difference, the first of two passes by and the second takes a subsection. */
    struct alternative alternatives[2];
    unsigned count;       /* 0, 1, or 2 for more than one */
    bool same_boundaries; /* in both, each section begins and ends at the same place */
    const struct vmwire_tail_event *difference;
};

/* The option must send subsections inline. Gives up after a limited number of readings. */
struct ambiguous_readings find_ambiguous_readings(const struct test_case *test_case,
                                                  const struct vmwire_option *option,
                                                  struct vmwire_bytes bytes);

/* Whether a writer can have sent these records: each byte is one that its field's class allows, and subsections are in the
 * order in which they are declared. */
bool could_be_sent(const struct vmwire_stream *stream);

#endif
