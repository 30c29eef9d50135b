/* Holds the stream that is being changed; see mutation.h. */
#include "mutator/mutation.h"

#include <string.h>

struct stream mutation_stream(const struct mutation *mutation)
{
    return (struct stream){(const struct item **)mutation->items, mutation->count};
}

uint8_t *bytes_of_value(const struct value *value)
{
    return (uint8_t *)(uintptr_t)value->data.data;
}

void insert_item(struct mutation *mutation, size_t place, const struct item *item)
{
    struct item *copy = arena_alloc(mutation->arena, sizeof(*copy));
    *copy = *item;
    mutation->items = arena_grow(mutation->arena, mutation->items, mutation->count, &mutation->room,
                                 sizeof(struct item *));
    memmove(mutation->items + place + 1, mutation->items + place,
            (mutation->count++ - place) * sizeof(struct item *));
    mutation->items[place] = copy;
}

void mutation_begin(struct mutation *mutation, const struct stream *state)
{
    for (size_t i = 0; i < state->item_count; i++)
        insert_item(mutation, mutation->count, state->items[i]);
}

void mutation_fresh(struct mutation *mutation)
{
    struct error error;
    const struct protocol_option *option = protocol_option_find("heuristic");
    const struct item *end = NULL;
    for (size_t i = 0; i < mutation->schema->device_count; i++) {
        struct template made;
        if (!template_of_device(&made, option, &mutation->schema->devices[i], mutation->arena,
                                &error))
            continue;
        insert_item(mutation, mutation->count, made.stream.items[0]);
        mutation->items[mutation->count - 1]->section_id = (uint32_t)i + 1;
        end = made.stream.items[1];
    }
    if (end)
        insert_item(mutation, mutation->count, end);
}
