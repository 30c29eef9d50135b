/*
 * The ways in which a stream can be read under its writer's grammar: at each tail where a header of a
 * subsection of the owner stands, it may be one, or the bytes of what follows. What a writer sends besides
 * is known: its subsections in the order of the schema and each at most once, their versions, zeros and
 * bools as such.
 */
#ifndef VMWIRE_FUZZ_TWO_WAYS_H
#define VMWIRE_FUZZ_TWO_WAYS_H

#include "inputs/test_case.h"
#include "properties/tail_decisions.h"

struct alternative {
    const struct stream *stream;
    struct tail_decisions decisions;
};

struct ambiguous_readings {
    struct alternative
        alternatives[2];  /* of the two, the first passes where they part first, the second takes */
    unsigned count;       /* how many there are: 0, 1, or 2 for more than one */
    bool same_boundaries; /* each section begins and ends in both at the same place */
    const struct tail_event *difference;
};

/* Of the bytes, under an option that sends subsections inline; gives up after so many readings. */
struct ambiguous_readings find_ambiguous_readings(const struct test_case *test_case,
                                                  const struct protocol_option *option,
                                                  struct bytes bytes);

#endif
