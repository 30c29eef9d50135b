/*
 * What a mutator and a fuzzing engine know of one another. A mutator is what libFuzzer asks for; to AFL++ it is
 * shown as that asks for it (afl.c).
 */
#ifndef VMWIRE_FUZZ_ENGINE_H
#define VMWIRE_FUZZ_ENGINE_H

#include <stddef.h>
#include <stdint.h>

/* Changes the input in place, to at most `max_size` bytes, and returns its size. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

/* Makes one input of two; a mutator may be without it. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data, size_t size, const uint8_t *other,
                                 size_t other_size, uint8_t *out, size_t max_size, unsigned seed)
    __attribute__((weak));

/* Which of the kinds an input is of that all should have their turns, though an engine cannot tell them apart by what
 * they reach: a number below INPUT_KINDS, or that. */
enum { INPUT_KINDS = 1 << 10 };
unsigned input_kind(const uint8_t *data, size_t size);

/* A source of choices: the same seed makes the same choices. */
struct chooser {
    uint64_t state;
};

/* Below `count`, which is not 0. */
unsigned choose(struct chooser *chooser, size_t count);

/* Mutates bytes: libFuzzer's own mutations; under AFL++, bytes changed, cut out and repeated. */
size_t mutate_bytes(struct chooser *chooser, uint8_t *data, size_t size, size_t max_size);

#endif
