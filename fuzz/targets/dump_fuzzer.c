/* SPDX-License-Identifier: MIT */
/*
 * Property: any bytes are loaded as a dump or refused with the place of the error, within bounds of memory.
 *
 * A loaded schema must match the dump (schema_source_check.h). The state of every device can be written under each
 * option (schema_use_check.h).
 */
#include "properties/schema_source_check.h"
#include "properties/schema_use_check.h"
#include "targets/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_case test_case;
    if (!load_source(&test_case, (struct vmwire_bytes){data, size}, vmwire_schema_add_dump))
        return 0;
    require_matches_dump(&test_case);
    for (size_t i = 0; i < test_case.schema->type_count; i++)
        require_device_usable(&test_case, &test_case.schema->types[i], false);
    vmwire_arena_destroy(test_case.arena);
    return 0;
}
