/*
 * Property: whatever the bytes, a description is taken or refused, with the place in it, within bounds of
 * memory; and what is taken can be used: what its devices can send comes back under the options that claim
 * it (sources.h).
 */
#include "sources.h"
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct subject subject;
    if (!source_taken(&subject, (struct bytes){data, size}, schema_add_description))
        return 0;
    for (size_t i = 0; i < subject.schema->device_count; i++)
        device_usable(&subject, &subject.schema->devices[i], true);
    arena_destroy(subject.arena);
    return 0;
}
