/*
 * Property: whatever the bytes, a dump is taken or refused, with the place in it, within bounds of memory;
 * and what is taken can be used: what a device of its types can send can be written under each option
 * (sources.h).
 */
#include "sources.h"
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct subject subject;
    if (!source_taken(&subject, (struct bytes){data, size}, schema_add_dump))
        return 0;
    for (size_t i = 0; i < subject.schema->type_count; i++)
        device_usable(&subject, &subject.schema->types[i], false);
    arena_destroy(subject.arena);
    return 0;
}
