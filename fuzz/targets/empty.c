/* SPDX-License-Identifier: MIT */
/*
 * Property: none. This target does nothing, to measure the throughput of the fuzzing engine itself.
 *
 * It only reports which shipped schema an input has. So the engine keeps inputs of all schemas, as in the other
 * targets. Otherwise it would mutate only one of them, perhaps the cheapest.
 */
#include "inputs/test_case.h"
#include "targets/target.h"

enum { MOST_SCHEMAS = 1 << 10 };

__attribute__((section("__libfuzzer_extra_counters"))) static volatile uint8_t seen[MOST_SCHEMAS];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= TEST_CASE_HEADER && vmwire_be16(data) < MOST_SCHEMAS)
        seen[vmwire_be16(data)] = 1;
    return 0;
}
