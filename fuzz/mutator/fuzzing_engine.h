/* SPDX-License-Identifier: MIT */
/*
 * The interface between a mutator and a fuzzing engine. A mutator has the functions that libFuzzer calls. afl.c makes
 * them available to AFL++.
 */
#ifndef VMWIRE_FUZZ_FUZZING_ENGINE_H
#define VMWIRE_FUZZ_FUZZING_ENGINE_H

#include <stddef.h>
#include <stdint.h>

/* Changes the input in place, to at most `max_size` bytes, and returns its size. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

/* Makes one input of two. A mutator need not have this function. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data, size_t size, const uint8_t *other,
                                 size_t other_size, uint8_t *out, size_t max_size, unsigned seed)
    __attribute__((weak));

/* Returns the kind of an input, below INPUT_KINDS; or INPUT_KINDS if it has none. Every kind must be mutated,
 * although an engine cannot tell them apart by their coverage. */
enum { INPUT_KINDS = 1 << 10 };
unsigned input_kind(const uint8_t *data, size_t size);

/* A source of choices. The same seed gives the same choices. */
struct chooser {
    uint64_t state;
};

/* Returns a number below `count`, which is not 0. */
unsigned choose(struct chooser *chooser, size_t count);

/* Mutates bytes with libFuzzer's own mutations. Under AFL++ it changes, removes and repeats bytes. */
size_t mutate_bytes(struct chooser *chooser, uint8_t *data, size_t size, size_t max_size);

#endif
