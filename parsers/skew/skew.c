/* SPDX-License-Identifier: MIT */
#include "vmwire/skew.h"

#include "skew/found.h"
#include "skew/values.h"

const char *vmwire_certainty_name(enum vmwire_certainty certainty)
{
    static const char *const names[] = {
        [VMWIRE_CERTAIN] = "certain",
        [VMWIRE_WHEN_NEEDED] = "when",
        [VMWIRE_NOT_DECIDED] = "undecided",
    };
    return names[certainty];
}

static bool compare(void *context)
{
    find_value_differences(context);
    return true;
}

bool vmwire_skew(const struct vmwire_side *writer, const struct vmwire_side *reader,
                 struct vmwire_arena *arena, struct vmwire_differences *differences,
                 struct vmwire_error *error)
{
    struct skew skew = {.writer = writer, .reader = reader, .arena = arena};
    if (!vmwire_arena_attempt(arena, compare, &skew, error))
        return false;
    *differences = (struct vmwire_differences){skew.list, skew.count};
    return true;
}
