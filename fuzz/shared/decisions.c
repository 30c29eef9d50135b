/* Decisions at tails; see decisions.h. */
#include "decisions.h"

#include <string.h>

static void note(void *context, const struct tail_event *event)
{
    struct decisions *decisions = context;
    decisions->events = arena_grow(decisions->arena, decisions->events, decisions->count,
                                   &decisions->room, sizeof(*decisions->events));
    struct tail_event *noted = &decisions->events[decisions->count++];
    *noted = *event;
    if (event->name)
        noted->name = arena_string(decisions->arena, event->name, strlen(event->name));
}

struct tail_observer decisions_observer(struct decisions *decisions)
{
    return (struct tail_observer){decisions, note};
}

/* The name as a C string, as readers compare it. */
static const char *c_name(struct arena *arena, struct bytes name)
{
    return arena_string(arena, (const char *)name.data, name.length);
}

/* The record is laid over the bytes at `offset`. */
static void note_record(struct decisions *decisions, const struct protocol_option *option,
                        const struct record *record, uint64_t offset)
{
    struct record_walk walk;
    record_walk_begin(&walk, record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;) {
        struct tail_event event = {offset, walk.record->structure, false, NULL};
        if (step == RECORD_VALUE) {
            offset += walk.value->data.length;
        } else if (step == RECORD_SUBSECTION) {
            event.owner = walk.frames[walk.depth - 1].record->structure;
            event.taken = true;
            event.name = c_name(decisions->arena, walk.subsection->name);
            note(decisions, &event);
            offset += 2 + walk.subsection->name.length + 4;
        } else if (step == RECORD_END) {
            if (walk.record->structure->name)
                note(decisions, &event);
            offset += option->sentinel && walk.value;
        }
    }
}

void decisions_meant(struct decisions *decisions, const struct protocol_option *option,
                     const struct template *laid)
{
    for (size_t i = 0; i < laid->stream.item_count; i++) {
        const struct item *item = laid->stream.items[i];
        uint64_t begin = (uint64_t)(item->raw.data - laid->bytes.data);
        decisions->footers |= item->footer;
        if (!item->record)
            continue;
        if (item->kind == ITEM_CONFIGURATION)
            decisions->learning = decisions->section_count + 1;
        decisions->sections =
            arena_grow(decisions->arena, decisions->sections, decisions->section_count,
                       &decisions->section_room, sizeof(*decisions->sections));
        decisions->sections[decisions->section_count++] = decisions->count;
        note_record(decisions, option, item->record, begin + item_header_length(item));
    }
}

static bool same_name(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_decision(const struct tail_event *a, const struct tail_event *b, bool by_name)
{
    bool same_owner = by_name ? same_name(a->owner->name, b->owner->name) : a->owner == b->owner;
    return same_owner && a->offset == b->offset && a->taken == b->taken &&
           same_name(a->name, b->name);
}

size_t decisions_part(const struct decisions *a, const struct decisions *b, bool by_name)
{
    size_t first = 0;
    while (first < a->count && first < b->count &&
           same_decision(&a->events[first], &b->events[first], by_name))
        first++;
    return first;
}

static struct part next_part(const struct decisions *meant, const struct decisions *made,
                             struct part from)
{
    while (from.meant < meant->count && from.made < made->count &&
           same_decision(&meant->events[from.meant], &made->events[from.made], false)) {
        from.meant++;
        from.made++;
    }
    return from;
}

/* The reader comes to the first tail of a section that begins behind the part, one of the first `count`. */
static bool in_step_again(const struct decisions *meant, const struct decisions *made, size_t count,
                          struct part *part)
{
    for (size_t i = 0; i < count; i++) {
        struct part again = {meant->sections[i], part->made};
        if (again.meant <= part->meant || again.meant >= meant->count)
            continue;
        const struct tail_event *first = &meant->events[again.meant];
        while (again.made < made->count && made->events[again.made].offset < first->offset)
            again.made++;
        if (again.made < made->count && made->events[again.made].offset == first->offset &&
            made->events[again.made].owner == first->owner) {
            *part = again;
            return true;
        }
    }
    return false;
}

struct part decisions_last_part(const struct decisions *meant, const struct decisions *made,
                                bool footers)
{
    bool learned_wrongly = footers != meant->footers && meant->learning < meant->section_count;
    size_t count = learned_wrongly ? meant->learning + 1 : meant->section_count;
    struct part part = next_part(meant, made, (struct part){0, 0});
    for (struct part again = part;
         part.meant < meant->count && in_step_again(meant, made, count, &again); part = again) {
        again = next_part(meant, made, again);
        if (again.meant == meant->count)
            break;
    }
    return part;
}
