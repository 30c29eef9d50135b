/* SPDX-License-Identifier: MIT */
/*
 * The names of the parts of a stream, and the sum of their bytes. Knows nothing of the readers that
 * count.
 */
#include "vmwire/cost.h"

const char *vmwire_account_name(enum vmwire_account account)
{
    static const char *const names[] = {
        [VMWIRE_ACCOUNT_FRAMING] = "framing",        [VMWIRE_ACCOUNT_FIELD] = "fields",
        [VMWIRE_ACCOUNT_SUBSECTION] = "subsections", [VMWIRE_ACCOUNT_RAM] = "ram",
        [VMWIRE_ACCOUNT_ITERABLE] = "iterables",     [VMWIRE_ACCOUNT_DESCRIPTION] = "description",
        [VMWIRE_ACCOUNT_UNREAD] = "unread",
    };
    return names[account];
}

uint64_t vmwire_cost_bytes_read(const struct vmwire_cost *cost)
{
    uint64_t bytes = 0;
    for (int account = 0; account < VMWIRE_ACCOUNT_COUNT; account++)
        bytes += cost->accounted[account];
    return bytes;
}
