/* Mutators and engines; see engine.h. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

/* libFuzzer's own mutations; absent under AFL++. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size) __attribute__((weak));

unsigned choose(struct chooser *chooser, size_t count)
{
    /* splitmix64 */
    uint64_t value = chooser->state += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return (unsigned)(((value ^ value >> 31) >> 32) % count);
}

size_t mutate_bytes(struct chooser *chooser, uint8_t *data, size_t size, size_t max_size)
{
    if (LLVMFuzzerMutate)
        return LLVMFuzzerMutate(data, size, max_size);
    for (unsigned count = 1 + choose(chooser, 4); size && count; count--)
        data[choose(chooser, size)] = (uint8_t)choose(chooser, 256);
    return size;
}

/* ---- AFL++ ----------------------------------------------------------------------------------------- */

struct afl_mutator {
    struct chooser chooser;
    uint8_t *out;
    size_t size;
};

void *afl_custom_init(void *afl, unsigned seed);
size_t afl_custom_fuzz(struct afl_mutator *mutator, uint8_t *data, size_t size, uint8_t **out,
                       uint8_t *other, size_t other_size, size_t max_size);
void afl_custom_deinit(struct afl_mutator *mutator);

void *afl_custom_init(void *afl, unsigned seed)
{
    (void)afl;
    struct afl_mutator *mutator = calloc(1, sizeof(*mutator));
    if (mutator)
        mutator->chooser.state = seed;
    return mutator;
}

size_t afl_custom_fuzz(struct afl_mutator *mutator, uint8_t *data, size_t size, uint8_t **out,
                       uint8_t *other, size_t other_size, size_t max_size)
{
    if (mutator->size < max_size) {
        free(mutator->out);
        mutator->out = malloc(max_size);
        mutator->size = mutator->out ? max_size : 0;
    }
    *out = mutator->out;
    if (!mutator->out)
        return 0;
    unsigned seed = choose(&mutator->chooser, UINT32_MAX);
    if (other && LLVMFuzzerCustomCrossOver && !choose(&mutator->chooser, 8))
        return LLVMFuzzerCustomCrossOver(data, size, other, other_size, mutator->out, max_size,
                                         seed);
    size = size < max_size ? size : max_size;
    memcpy(mutator->out, data, size);
    return LLVMFuzzerCustomMutator(mutator->out, size, max_size, seed);
}

void afl_custom_deinit(struct afl_mutator *mutator)
{
    free(mutator->out);
    free(mutator);
}
