/* SPDX-License-Identifier: MIT */
/*
 * Compares two sides: what their streams and declarations have otherwise.
 */
#include "vmwire/skew.h"

#include <stdlib.h>

#include "skew/devices.h"
#include "skew/sections.h"
#include "skew/shared/found.h"
#include "skew/shared/message.h"
#include "skew/shared/release.h"
#include "skew/values/values.h"

static int order_of(const struct vmwire_difference *a, const struct vmwire_difference *b)
{
    if (a->certainty != b->certainty)
        return a->certainty < b->certainty ? -1 : 1;
    return (a->section_offset > b->section_offset) - (a->section_offset < b->section_offset);
}

/* Certain ones first, then as the stream has them; otherwise they stay as they were found. */
static void sort(struct skew *skew)
{
    struct vmwire_difference *sorted =
        vmwire_arena_alloc(skew->arena, skew->count * sizeof(*sorted));
    struct vmwire_difference *from = skew->list, *to = sorted;
    for (size_t width = 1; width < skew->count; width *= 2) {
        for (size_t begin = 0; begin < skew->count; begin += 2 * width) {
            size_t middle = begin + width < skew->count ? begin + width : skew->count;
            size_t end = begin + 2 * width < skew->count ? begin + 2 * width : skew->count;
            for (size_t i = begin, k = middle, next = begin; next < end; next++)
                to[next] = k == end || (i < middle && order_of(&from[i], &from[k]) <= 0)
                               ? from[i++]
                               : from[k++];
        }
        struct vmwire_difference *swapped = from;
        from = to;
        to = swapped;
    }
    skew->list = from;
}

static bool compare_sides(void *context)
{
    struct skew *skew = context;
    if (skew->writer->stream)
        compare_sections(skew);
    else
        compare_devices(skew);
    find_value_differences(skew);
    sort(skew);
    return true;
}

bool vmwire_skew(const struct vmwire_side *writer, const struct vmwire_side *reader,
                 struct vmwire_arena *arena, struct vmwire_differences *differences,
                 struct vmwire_error *error)
{
    struct skew skew = {.writer = writer, .reader = reader, .arena = arena};
    if (!vmwire_arena_attempt(arena, compare_sides, &skew, error))
        return false;
    *differences = (struct vmwire_differences){skew.list, skew.count};
    return true;
}

const char *vmwire_skew_message(const struct vmwire_skew_rule *rule,
                                const struct vmwire_side *reader, const char *const *values,
                                size_t count, struct vmwire_arena *arena)
{
    const struct skew skew = {.reader = reader, .arena = arena};
    return fill_message(arena, reader_message(&skew, rule), values, count);
}

const char *vmwire_certainty_name(enum vmwire_certainty certainty)
{
    static const char *const names[] = {
        [VMWIRE_CERTAIN] = "certain",
        [VMWIRE_WHEN_NEEDED] = "when",
        [VMWIRE_NOT_DECIDED] = "undecided",
    };
    return names[certainty];
}
