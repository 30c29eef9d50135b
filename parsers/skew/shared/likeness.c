/* SPDX-License-Identifier: MIT */
#include "skew/shared/likeness.h"

#include <string.h>

size_t count_shared_fields(const struct vmwire_structure *a, const struct vmwire_structure *b)
{
    size_t shared = 0;
    for (size_t i = 0, k = 0; i < a->field_count && k < b->field_count; i++)
        for (size_t next = k; next < b->field_count; next++)
            if (strcmp(a->fields[i].name, b->fields[next].name) == 0) {
                shared++;
                k = next + 1;
                break;
            }
    return shared;
}

int64_t likeness(const struct vmwire_structure *declared, const struct vmwire_structure *like)
{
    const int64_t shared = (int64_t)count_shared_fields(like, declared);
    const bool named = like->name && declared->name && strcmp(like->name, declared->name) == 0;
    const bool version = like->described_version_id == declared->described_version_id;
    return 8 * shared - 2 * (int64_t)(declared->field_count + like->field_count) + (named ? 2 : 0) +
           version;
}
