/*
 * The names of the parts of a stream, and the sum of their bytes. Knows nothing of the readers that
 * count.
 */
#include "vmwire/cost.h"

const char *account_name(enum account account)
{
    static const char *const names[] = {
        [ACCOUNT_FRAMING] = "framing",        [ACCOUNT_FIELD] = "fields",
        [ACCOUNT_SUBSECTION] = "subsections", [ACCOUNT_RAM] = "ram",
        [ACCOUNT_ITERABLE] = "iterables",     [ACCOUNT_DESCRIPTION] = "description",
        [ACCOUNT_UNREAD] = "unread",
    };
    return names[account];
}

uint64_t cost_bytes_read(const struct cost *cost)
{
    uint64_t bytes = 0;
    for (int account = 0; account < ACCOUNT_COUNT; account++)
        bytes += cost->accounted[account];
    return bytes;
}
