/* SPDX-License-Identifier: MIT */
/*
 * Reads a stream and checks the reader's limits: its work and memory stay within bounds, and a rejection has an
 * error with an offset in the stream. Results are kept in the test case's arena.
 */
#ifndef VMWIRE_FUZZ_BOUNDED_READ_H
#define VMWIRE_FUZZ_BOUNDED_READ_H

#include "inputs/test_case.h"

struct read_result {
    const struct vmwire_stream *stream; /* NULL: rejected */
    struct vmwire_cost cost;
    struct vmwire_error error;
};

/* Reads and keeps the stream. If `reading` has no input or schema, those of the test case are used. */
struct read_result read_within_bounds(const struct test_case *test_case,
                                      struct vmwire_reading reading);

/* Reads as the program does, which keeps only one item at a time, and returns the cost. */
struct vmwire_cost cost_within_bounds(const struct test_case *test_case,
                                      struct vmwire_reading reading);

#endif
