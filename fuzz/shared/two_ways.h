/*
 * The ways in which a stream can be read under its writer's grammar: at each tail where a header of a
 * subsection of the owner stands, it may be one, or the bytes of what follows. What a writer sends besides
 * is known: its subsections in the order of the schema and each at most once, their versions, zeros and
 * bools as such.
 */
#ifndef VMWIRE_FUZZ_TWO_WAYS_H
#define VMWIRE_FUZZ_TWO_WAYS_H

#include "decisions.h"
#include "subject.h"

struct way {
    const struct stream *stream;
    struct decisions decisions;
};

struct two_ways {
    struct way ways[2]; /* of the two, the first passes where they part first, the second takes */
    unsigned count;     /* how many there are: 0, 1, or 2 for more than one */
    bool in_step;       /* each section begins and ends in both at the same place */
    const struct tail_event *part;
};

/* Of the bytes, under an option that sends subsections inline; gives up after so many readings. */
struct two_ways two_ways(const struct subject *subject, const struct protocol_option *option,
                         struct bytes bytes);

#endif
