/*
 * Two releases: the schemas of the one that writes, the input's, and of the one that reads, which differs as
 * the input says, and what reading with the one does to what was written with the other.
 */
#ifndef VMWIRE_FUZZ_SKEW_H
#define VMWIRE_FUZZ_SKEW_H

#include "properties/roundtrip.h"

struct release_skew {
    const char *difference; /* that between the releases */
    const struct schema *writer, *reader;
    const struct protocol_option *option; /* of the writer */
};

/* False where there is no other release: a shipped schema of which no other one has a device. */
bool find_releases(struct release_skew *skew, const struct test_case *test_case);

/* Reads what was written of the state, with the reader's schema. Records are the same where all they have
 * on the wire is. */
struct roundtrip read_across_releases(const struct test_case *test_case,
                                      const struct release_skew *skew, const struct stream *state,
                                      struct bytes bytes, const struct protocol_option *option);

/* What the engine says of an outcome that is not exact, at the first tail at which the reader decides
 * otherwise than was meant, or at a difference before it. The writer sends inline. */
enum possibility ask_engine_about_skew(const struct test_case *test_case,
                                       const struct release_skew *skew, const struct stream *state,
                                       const struct roundtrip *roundtrip);

#endif
