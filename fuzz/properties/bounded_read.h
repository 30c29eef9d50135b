/*
 * A reading that is checked: whatever the bytes are, it stays within the bounds below, and says what is
 * wrong with them. Everything is kept in the subject's arena.
 */
#ifndef VMWIRE_FUZZ_CHECKED_H
#define VMWIRE_FUZZ_CHECKED_H

#include "inputs/test_case.h"

struct read_result {
    const struct stream *stream; /* NULL: rejected */
    struct cost cost;
    struct error error;
};

/* Reads with the reading's option and what of input and schema is given; else the subject's. */
struct read_result read_within_bounds(const struct test_case *test_case, struct reading reading);

/* What it costs to read as the program does, which keeps no more than an item; likewise checked. */
struct cost cost_within_bounds(const struct test_case *test_case, struct reading reading);

/* Puts the option's stream version where the subject's bytes have one, so that its reader reads on. */
void set_stream_version(const struct test_case *test_case, const struct protocol_option *option);

#endif
