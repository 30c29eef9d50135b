/* SPDX-License-Identifier: MIT */
/*
 * Property: any bytes are found as the description at the end of a stream, and loaded or refused with the place of
 * the error, within bounds of memory.
 *
 * A loaded schema must match the description (schema_source_check.h). The state of every device comes back under
 * the options that claim to be exact (schema_use_check.h).
 */
#include "properties/schema_source_check.h"
#include "properties/schema_use_check.h"
#include "targets/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_case test_case;
    require_description_found((struct vmwire_bytes){data, size});
    if (!load_source(&test_case, (struct vmwire_bytes){data, size}, vmwire_schema_add_description))
        return 0;
    require_matches_description(&test_case);
    for (size_t i = 0; i < test_case.schema->device_count; i++)
        require_device_usable(&test_case, &test_case.schema->devices[i], true);
    vmwire_arena_destroy(test_case.arena);
    return 0;
}
