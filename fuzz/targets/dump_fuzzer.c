/*
 * Property: whatever the bytes, a dump is taken or refused, with the place in it, within bounds of memory;
 * what is taken is what it says (said.h), and can be used: what a device of its types can send can be written
 * under each option (sources.h).
 */
#include "properties/schema_source_check.h"
#include "properties/schema_use_check.h"
#include "targets/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_case test_case;
    if (!load_source(&test_case, (struct bytes){data, size}, schema_add_dump))
        return 0;
    require_matches_dump(&test_case);
    for (size_t i = 0; i < test_case.schema->type_count; i++)
        require_device_usable(&test_case, &test_case.schema->types[i], false);
    arena_destroy(test_case.arena);
    return 0;
}
