/* SPDX-License-Identifier: MIT */
/*
 * Mutates one byte of the framing: a marker, an id, a length, an owner's path or place, a version or a footer. The tree can only be
 * written as a writer does. This mutation leaves all other bytes alone, so that readers also meet streams that are
 * almost correct.
 */
#ifndef VMWIRE_FUZZ_FRAMING_H
#define VMWIRE_FUZZ_FRAMING_H

#include "inputs/test_case.h"
#include "mutator/fuzzing_engine.h"

/* Changes one byte of `bytes`, a copy of the stream that `state` was read from. */
void mutate_framing(struct chooser *chooser, const struct test_case *test_case,
                    const struct vmwire_stream *state, uint8_t *bytes);

#endif
