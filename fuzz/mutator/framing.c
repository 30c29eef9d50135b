/* SPDX-License-Identifier: MIT */
/* Finds the bytes of the framing and changes one; see framing.h. */
#include "mutator/framing.h"

#include "vmwire/wire.h"

/* The last byte of each number. */
struct places {
    const uint8_t **at;
    size_t count, room;
    struct vmwire_arena *arena;
};

static void add(struct places *places, const uint8_t *at)
{
    places->at = vmwire_arena_grow(places->arena, places->at, places->count, &places->room,
                                   sizeof(const uint8_t *));
    places->at[places->count++] = at;
}

static void add_integers(struct places *places, const uint8_t *first, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        add(places, first + (size_t)4 * i + 3);
}

/* Adds the marker, the length of the name and the version. Behind a section also the section's id, the owner's path and
 * where the owner ends. */
static void add_subsection(struct places *places, const struct vmwire_subsection_value *value)
{
    const uint8_t *begin = value->raw.data, *behind = value->name.data + value->name.length;
    bool section = *begin == VMWIRE_QEMU_VM_SECTION_FULL;
    bool item = !section && value->name.data != begin + 1 + 1;
    add(places, begin);
    add_integers(places, behind, section ? 2 : 1);
    if (!section)
        add(places, value->name.data - 1);
    if (!section && !item)
        return;
    add_integers(places, begin + 1, 1);
    const uint8_t *path_end = item ? value->name.data - 1 - 4 : value->name.data;
    for (const uint8_t *at = begin + 1 + 4; at < path_end; at++)
        add(places, at);
    if (item)
        add_integers(places, path_end, 1);
}

static void add_item(struct places *places, const struct vmwire_item *item)
{
    const uint8_t *begin = item->raw.data, *end = begin + item->raw.length;
    bool named = item->kind == VMWIRE_ITEM_SECTION_START || item->kind == VMWIRE_ITEM_SECTION_FULL;
    bool section =
        item->kind >= VMWIRE_ITEM_SECTION_START && item->kind <= VMWIRE_ITEM_SECTION_FULL;
    if (!item->raw.length)
        return;
    add(places, begin);
    if (section)
        add_integers(places, begin + 1, 1);
    if (named) {
        add(places, begin + 1 + 4);
        add_integers(places, begin + 1 + 4 + 1 + item->idstr.length, 2);
    }
    if (item->footer) {
        add(places, end - 5);
        add_integers(places, end - 4, 1);
    }
    for (const struct vmwire_entry *entry = item->entries; entry; entry = entry->next)
        for (size_t i = 0; i < entry->raw.length && i < 8; i++)
            add(places, entry->raw.data + i);
}

void mutate_framing(struct chooser *chooser, const struct test_case *test_case,
                    const struct vmwire_stream *state, uint8_t *bytes)
{
    struct places places = {.arena = test_case->arena};
    for (size_t i = 0; i < state->item_count; i++) {
        struct vmwire_record_walk walk;
        add_item(&places, state->items[i]);
        if (!state->items[i]->record)
            continue;
        vmwire_record_walk_begin(&walk, state->items[i]->record);
        for (enum vmwire_record_step step;
             (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
            if (step == VMWIRE_RECORD_SUBSECTION)
                add_subsection(&places, walk.subsection);
    }
    if (!places.count)
        return;
    uint8_t *place = bytes + (places.at[choose(chooser, places.count)] - test_case->bytes.data);
    const uint8_t values[] = {(uint8_t)(*place + 1), (uint8_t)(*place - 1), 0, UINT8_MAX};
    *place = values[choose(chooser, choose(chooser, 4) ? 2 : sizeof(values))];
}
