/*
 * Property: none. What an engine does when the target does nothing: what throughput is held against. It only
 * tells the engine one shipped schema from another, so that it goes on with all kinds of seeds, as it does in
 * other targets; where all inputs look alike it would mutate but one, perhaps the cheapest.
 */
#include "inputs/test_case.h"
#include "targets/target.h"

enum { MOST_SCHEMAS = 1 << 10 };

__attribute__((section("__libfuzzer_extra_counters"))) static volatile uint8_t seen[MOST_SCHEMAS];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= TEST_CASE_HEADER && be16(data) < MOST_SCHEMAS)
        seen[be16(data)] = 1;
    return 0;
}
