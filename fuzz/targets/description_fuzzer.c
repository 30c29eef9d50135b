/*
 * Property: whatever the bytes, a description is found at the end of a stream, and taken or refused, with the
 * place in it, within bounds of memory; what is taken is what it says (said.h), and can be used: what its
 * devices can send comes back under the options that claim it (sources.h).
 */
#include "properties/schema_source_check.h"
#include "properties/schema_use_check.h"
#include "targets/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_case test_case;
    require_description_found((struct bytes){data, size});
    if (!load_source(&test_case, (struct bytes){data, size}, schema_add_description))
        return 0;
    require_matches_description(&test_case);
    for (size_t i = 0; i < test_case.schema->device_count; i++)
        require_device_usable(&test_case, &test_case.schema->devices[i], true);
    arena_destroy(test_case.arena);
    return 0;
}
