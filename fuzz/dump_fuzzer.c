/*
 * Property: whatever the bytes, a dump is taken or refused, with the place in it, within bounds of memory;
 * what is taken is what it says (said.h), and can be used: what a device of its types can send can be written
 * under each option (sources.h).
 */
#include "said.h"
#include "sources.h"
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct subject subject;
    if (!source_taken(&subject, (struct bytes){data, size}, schema_add_dump))
        return 0;
    require_declared(&subject);
    for (size_t i = 0; i < subject.schema->type_count; i++)
        device_usable(&subject, &subject.schema->types[i], false);
    arena_destroy(subject.arena);
    return 0;
}
