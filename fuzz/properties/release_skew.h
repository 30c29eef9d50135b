/* SPDX-License-Identifier: MIT */
/*
 * Reads a state with the schema of another release than the one that wrote it. The test case says how the two
 * releases differ.
 */
#ifndef VMWIRE_FUZZ_RELEASE_SKEW_H
#define VMWIRE_FUZZ_RELEASE_SKEW_H

#include "inputs/test_case.h"
#include "properties/roundtrip.h"

struct release_skew {
    const char *difference; /* between the releases */
    const struct vmwire_schema *writer, *reader;
    const struct vmwire_option *option; /* of the writer */
};

/* Returns false if there is no other release: no other shipped schema has one of the devices. */
bool find_releases(struct release_skew *skew, const struct test_case *test_case);

/* Reads the written state with the reader's schema. Two records are the same if all their bytes on the wire are. */
struct roundtrip read_across_releases(const struct test_case *test_case,
                                      const struct release_skew *skew,
                                      const struct vmwire_stream *state, struct vmwire_bytes bytes,
                                      const struct vmwire_option *option);

/* Asks the engine whether an outcome other than exact is possible: at the first tail where the reader decides
 * otherwise than intended, or at a difference before it. The writer must send inline. */
enum possibility ask_engine_about_skew(const struct test_case *test_case,
                                       const struct release_skew *skew,
                                       const struct vmwire_stream *state,
                                       const struct roundtrip *roundtrip);

#endif
