/*
 * Property: whatever the bytes, a description is found at the end of a stream, and taken or refused, with the
 * place in it, within bounds of memory; what is taken is what it says (said.h), and can be used: what its
 * devices can send comes back under the options that claim it (sources.h).
 */
#include "said.h"
#include "sources.h"
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct subject subject;
    require_located((struct bytes){data, size});
    if (!source_taken(&subject, (struct bytes){data, size}, schema_add_description))
        return 0;
    require_described(&subject);
    for (size_t i = 0; i < subject.schema->device_count; i++)
        device_usable(&subject, &subject.schema->devices[i], true);
    arena_destroy(subject.arena);
    return 0;
}
