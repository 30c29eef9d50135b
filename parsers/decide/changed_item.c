/* SPDX-License-Identifier: MIT */
/*
 * Copies the records of an item. It must not know why a value changes.
 */
#include "decide/changed_item.h"

#include <string.h>

struct copying {
    const struct vmwire_changed_value *changes;
    size_t change_count;
    struct vmwire_arena *arena;
    struct open_copy {
        struct vmwire_record *record;
        struct vmwire_value **values_end, *value; /* the last one */
        struct vmwire_subsection_value **subsections_end, *subsection;
    } open[VMWIRE_SCHEMA_NESTING_LIMIT];
};

static void *copy(struct copying *copying, const void *node, size_t size)
{
    return memcpy(vmwire_arena_alloc(copying->arena, size), node, size);
}

static struct vmwire_bytes bytes_in_state(const struct copying *copying,
                                          const struct vmwire_value *value)
{
    for (size_t i = 0; i < copying->change_count; i++)
        if (copying->changes[i].value == value)
            return copying->changes[i].holds;
    return value->data;
}

static void add_value(struct copying *copying, struct open_copy *open,
                      const struct vmwire_value *value)
{
    open->value = copy(copying, value, sizeof(*value));
    open->value->data = bytes_in_state(copying, value);
    open->value->next = NULL;
    *open->values_end = open->value;
    open->values_end = &open->value->next;
}

static void add_subsection(struct copying *copying, struct open_copy *open,
                           const struct vmwire_subsection_value *subsection)
{
    open->subsection = copy(copying, subsection, sizeof(*subsection));
    open->subsection->next = NULL;
    *open->subsections_end = open->record->last_subsection = open->subsection;
    open->subsections_end = &open->subsection->next;
}

static void open_record(struct copying *copying, const struct vmwire_record_walk *walk)
{
    struct open_copy *open = &copying->open[walk->depth - 1];
    struct vmwire_record *record = copy(copying, walk->record, sizeof(*record));
    *open = (struct open_copy){
        .record = record, .values_end = &record->values, .subsections_end = &record->subsections};
    if (walk->depth == 1)
        return;
    struct open_copy *around = open - 1;
    if (walk->subsection) {
        around->subsection->record = record;
        return;
    }
    if (!walk->value->data.length) /* else it was a step of its own */
        add_value(copying, around, walk->value);
    around->value->record = record;
}

const struct vmwire_item *change_item(const struct vmwire_item *item,
                                      const struct vmwire_changed_value *changes,
                                      size_t change_count, struct vmwire_arena *arena)
{
    size_t own = 0;
    while (own < change_count && changes[own].item != item)
        own++;
    if (own == change_count)
        return item;
    struct copying copying = {changes, change_count, arena, {{0}}};
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_BEGIN)
            open_record(&copying, &walk);
        else if (step == VMWIRE_RECORD_VALUE)
            add_value(&copying, &copying.open[walk.depth - 1], walk.value);
        else if (step == VMWIRE_RECORD_SUBSECTION)
            add_subsection(&copying, &copying.open[walk.depth - 1], walk.subsection);
    struct vmwire_item *changed = copy(&copying, item, sizeof(*item));
    changed->record = copying.open[0].record;
    return changed;
}
