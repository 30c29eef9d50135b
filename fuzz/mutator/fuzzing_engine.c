/* SPDX-License-Identifier: MIT */
/* Makes choices, and mutates bytes without a grammar; see fuzzing_engine.h. */
#include "mutator/fuzzing_engine.h"

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

static size_t cut(uint8_t *data, size_t size, size_t place, size_t length)
{
    if (length > size - place)
        length = size - place;
    memmove(data + place, data + place + length, size - place - length);
    return size - length;
}

static size_t repeat(uint8_t *data, size_t size, size_t max_size, size_t place, size_t length)
{
    if (length > size - place)
        length = size - place;
    if (length > max_size - size)
        return size;
    memmove(data + place + length, data + place, size - place);
    return size + length;
}

size_t mutate_bytes(struct chooser *chooser, uint8_t *data, size_t size, size_t max_size)
{
    if (LLVMFuzzerMutate)
        return LLVMFuzzerMutate(data, size, max_size);
    for (unsigned count = 1 + choose(chooser, 4); size && count; count--) {
        size_t place = choose(chooser, size);
        size_t length = 1 + choose(chooser, choose(chooser, 2) ? 8 : size);
        if (choose(chooser, 2))
            data[place] = (uint8_t)choose(chooser, 256);
        else if (choose(chooser, 2))
            size = cut(data, size, place, length);
        else
            size = repeat(data, size, max_size, place, length);
    }
    return size;
}
