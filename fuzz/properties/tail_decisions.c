/* SPDX-License-Identifier: MIT */
/* Makes and compares lists of decisions; see tail_decisions.h. */
#include "properties/tail_decisions.h"

#include <string.h>

static void record_event(void *context, const struct vmwire_tail_event *event)
{
    struct tail_decisions *decisions = context;
    decisions->events = vmwire_arena_grow(decisions->arena, decisions->events, decisions->count,
                                          &decisions->room, sizeof(*decisions->events));
    struct vmwire_tail_event *noted = &decisions->events[decisions->count++];
    *noted = *event;
    if (event->name)
        noted->name = vmwire_arena_string(decisions->arena, event->name, strlen(event->name));
}

struct vmwire_tail_observer record_decisions(struct tail_decisions *decisions)
{
    return (struct vmwire_tail_observer){decisions, record_event};
}

/* Readers compare names as C strings. */
static const char *c_name(struct vmwire_arena *arena, struct vmwire_bytes name)
{
    return vmwire_arena_string(arena, (const char *)name.data, name.length);
}

/* The bytes of the record begin at `offset`. */
static void list_record_decisions(struct tail_decisions *decisions,
                                  const struct vmwire_option *option,
                                  const struct vmwire_record *record, bool section, uint64_t offset)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        struct vmwire_tail_event event = {offset, walk.record->structure, false, NULL};
        if (step == VMWIRE_RECORD_BEGIN && option->framed) {
            /* The version of a section is counted with its header. */
            offset += VMWIRE_FRAMED_HEADER_SIZE - (section && walk.depth == 1 ? 4 : 0);
        } else if (step == VMWIRE_RECORD_VALUE) {
            offset += walk.value->data.length;
        } else if (step == VMWIRE_RECORD_SUBSECTION) {
            event.owner = walk.frames[walk.depth - 1].record->structure;
            event.taken = true;
            event.name = c_name(decisions->arena, walk.subsection->name);
            record_event(decisions, &event);
            offset += 2 + walk.subsection->name.length + (option->framed ? 0 : 4);
        } else if (step == VMWIRE_RECORD_END) {
            if (walk.record->structure->name)
                record_event(decisions, &event);
            offset += option->framed || (option->sentinel && (walk.value || walk.subsection));
        }
    }
}

void list_intended_decisions(struct tail_decisions *decisions, const struct vmwire_option *option,
                             const struct vmwire_template *written_state)
{
    for (size_t i = 0; i < written_state->stream.item_count; i++) {
        const struct vmwire_item *item = written_state->stream.items[i];
        uint64_t begin = (uint64_t)(item->raw.data - written_state->bytes.data);
        decisions->footers |= item->footer;
        if (!item->record)
            continue;
        if (item->kind == VMWIRE_ITEM_CONFIGURATION)
            decisions->footers_known_after = decisions->section_count + 1;
        decisions->sections =
            vmwire_arena_grow(decisions->arena, decisions->sections, decisions->section_count,
                              &decisions->section_room, sizeof(*decisions->sections));
        decisions->sections[decisions->section_count++] = decisions->count;
        list_record_decisions(decisions, option, item->record,
                              item->kind == VMWIRE_ITEM_SECTION_FULL,
                              begin + vmwire_item_header_length(item));
    }
}

static bool same_name(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_decision(const struct vmwire_tail_event *a, const struct vmwire_tail_event *b,
                          bool by_name)
{
    bool same_owner = by_name ? same_name(a->owner->name, b->owner->name) : a->owner == b->owner;
    return same_owner && a->offset == b->offset && a->taken == b->taken &&
           same_name(a->name, b->name);
}

size_t find_first_difference(const struct tail_decisions *a, const struct tail_decisions *b,
                             bool by_name)
{
    size_t first = 0;
    while (first < a->count && first < b->count &&
           same_decision(&a->events[first], &b->events[first], by_name))
        first++;
    return first;
}

static struct decision_difference skip_equal_decisions(const struct tail_decisions *intended,
                                                       const struct tail_decisions *actual,
                                                       struct decision_difference from)
{
    while (from.intended < intended->count && from.actual < actual->count &&
           same_decision(&intended->events[from.intended], &actual->events[from.actual], false)) {
        from.intended++;
        from.actual++;
    }
    return from;
}

/* Whether the reader correctly began one of the first `count` sections after the difference: it came to the section's
 * first tail. Moves `difference` there. */
static bool resynchronize(const struct tail_decisions *intended,
                          const struct tail_decisions *actual, size_t count,
                          struct decision_difference *difference)
{
    for (size_t i = 0; i < count; i++) {
        struct decision_difference again = {intended->sections[i], difference->actual};
        if (again.intended <= difference->intended || again.intended >= intended->count)
            continue;
        const struct vmwire_tail_event *first = &intended->events[again.intended];
        while (again.actual < actual->count && actual->events[again.actual].offset < first->offset)
            again.actual++;
        if (again.actual < actual->count && actual->events[again.actual].offset == first->offset &&
            actual->events[again.actual].owner == first->owner) {
            *difference = again;
            return true;
        }
    }
    return false;
}

struct decision_difference find_last_difference(const struct tail_decisions *intended,
                                                const struct tail_decisions *actual, bool footers)
{
    bool learned_wrongly =
        footers != intended->footers && intended->footers_known_after < intended->section_count;
    size_t count = learned_wrongly ? intended->footers_known_after + 1 : intended->section_count;
    struct decision_difference difference =
        skip_equal_decisions(intended, actual, (struct decision_difference){0, 0});
    for (struct decision_difference again = difference;
         difference.intended < intended->count && resynchronize(intended, actual, count, &again);
         difference = again) {
        again = skip_equal_decisions(intended, actual, again);
        if (again.intended == intended->count)
            break;
    }
    return difference;
}
