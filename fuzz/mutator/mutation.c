/* SPDX-License-Identifier: MIT */
/* Holds the stream that is being changed; see mutation.h. */
#include "mutator/mutation.h"

#include <string.h>

struct vmwire_stream mutation_stream(const struct mutation *mutation)
{
    return (struct vmwire_stream){(const struct vmwire_item **)mutation->items, mutation->count};
}

uint8_t *bytes_of_value(const struct vmwire_value *value)
{
    return (uint8_t *)(uintptr_t)value->data.data;
}

void insert_item(struct mutation *mutation, size_t place, const struct vmwire_item *item)
{
    struct vmwire_item *copy = vmwire_arena_alloc(mutation->arena, sizeof(*copy));
    *copy = *item;
    mutation->items = vmwire_arena_grow(mutation->arena, mutation->items, mutation->count,
                                        &mutation->room, sizeof(struct vmwire_item *));
    memmove(mutation->items + place + 1, mutation->items + place,
            (mutation->count++ - place) * sizeof(struct vmwire_item *));
    mutation->items[place] = copy;
}

void mutation_begin(struct mutation *mutation, const struct vmwire_stream *state)
{
    for (size_t i = 0; i < state->item_count; i++)
        insert_item(mutation, mutation->count, state->items[i]);
}

void mutation_fresh(struct mutation *mutation)
{
    struct vmwire_error error;
    const struct vmwire_option *option = vmwire_option_find("heuristic");
    const struct vmwire_item *end = NULL;
    for (size_t i = 0; i < mutation->schema->device_count; i++) {
        struct vmwire_template made;
        if (!vmwire_template_of_device(&made, option, &mutation->schema->devices[i],
                                       mutation->arena, &error))
            continue;
        insert_item(mutation, mutation->count, made.stream.items[0]);
        mutation->items[mutation->count - 1]->section_id = (uint32_t)i + 1;
        end = made.stream.items[1];
    }
    if (end)
        insert_item(mutation, mutation->count, end);
}
