/* SPDX-License-Identifier: MIT */
/*
 * Leaves answers open that rest on bytes which stand elsewhere in another state.
 */
#include "decide/other_states.h"

#include <stdio.h>
#include <string.h>

/* ---- What was looked at ----------------------------------------------------------------------------- */

void begin_to_look(struct engine *engine, const struct tail *tail)
{
    *engine->writer.moved_at = UINT64_MAX;
    *engine->writer.furthest = tail->verdict->offset;
    engine->tail_frame = tail->frame;
    engine->others = NULL;
}

/* The search has gone past bytes without asking them. */
void note_looked_at(const struct engine *engine)
{
    for (size_t i = 0; i < engine->pair_count; i++)
        if (*engine->writer.furthest < pair_at(engine, i)->offset)
            *engine->writer.furthest = pair_at(engine, i)->offset;
}

/* ---- What an answer rests on ---------------------------------------------------------------------- */

bool has_all_outcomes(const struct vmwire_tail_verdict *verdict)
{
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++)
        if (!verdict->findings[outcome])
            return false;
    return true;
}

/* A reason with a name in it. */
static const char *reason_with(const struct engine *engine, const char *format, const char *name)
{
    size_t room = strlen(format) + strlen(name) + 1;
    char *reason = vmwire_arena_alloc(engine->arena, room);
    snprintf(reason, room, format, name);
    return reason;
}

static bool was_moved(const struct engine *engine)
{
    return *engine->writer.moved_at != UINT64_MAX;
}

static const char *why_moved(const struct engine *engine)
{
    return reason_with(engine, "another value of the field \"%s\" would move what is behind it",
                       name_of_moving_field(&engine->writer, *engine->writer.moved_at));
}

static bool is_blocked(const struct vmwire_tail_verdict *verdict)
{
    return verdict->verdict == VMWIRE_VERDICT_CLEAN && verdict->clean == VMWIRE_CLEAN_BLOCKED;
}

/* Whether a look-ahead from here can run beyond the end of a state that has fewer bytes. */
static bool can_be_near_end(const struct engine *engine)
{
    enum { LONGEST_LOOK = 2 + 255 };
    const struct writer_side *writer = &engine->writer;
    return writer->other_count && writer->limit < writer->steady_from + LONGEST_LOOK;
}

/* Up to where the answer rests on the bytes that the stream has; 0: it does not. */
static uint64_t find_end_of_reason(const struct engine *engine, const struct tail *tail)
{
    const struct vmwire_tail_verdict *verdict = tail->verdict;
    const struct vmwire_bytes section = verdict->item->raw;
    if (verdict->verdict != VMWIRE_VERDICT_CLEAN)
        return *engine->writer.furthest;
    switch (verdict->clean) {
    case VMWIRE_CLEAN_BLOCKED:
        return verdict->clean_at > verdict->offset + 1 && can_be_near_end(engine)
                   ? engine->writer.limit
                   : verdict->clean_at;
    case VMWIRE_CLEAN_TAKEN_BEFORE:
        return verdict->offset;
    case VMWIRE_CLEAN_ONLY_READING:
        return (uint64_t)(section.data + section.length - engine->writer.bytes.data);
    case VMWIRE_CLEAN_NOT_CERTIFIED:
        return *engine->writer.furthest;
    default:
        return 0;
    }
}

/* Whether a record that ends where this structure does is there in some states only. */
static bool ends_unsteadily(const struct vmwire_structure *structure)
{
    bool unsteady = false;
    for (size_t i = structure->field_count;
         i > 0 && !unsteady && structure->fields[i - 1].class == VMWIRE_FIELD_RECORD; i--)
        unsteady = structure->fields[i - 1].unsteady;
    return unsteady;
}

/* Whether in another state some of the tails that were passed at this offset are not there. */
static bool passes_unsteady_tails(const struct tail *tail)
{
    bool unsteady = tail->passed.count && ends_unsteadily(tail->verdict->owner);
    for (size_t i = 0; !unsteady && i < tail->passed.count; i++)
        unsteady = ends_unsteadily(tail->passed.tails[i].owner);
    return unsteady;
}

/* Where in another state other bytes can stand that the answer rests on; NULL: nowhere. */
static const struct other_bytes *find_open_place(const struct engine *engine,
                                                 const struct tail *tail, uint64_t end)
{
    const struct vmwire_tail_verdict *verdict = tail->verdict;
    /* The answer can rest on tails that were passed at this offset: in another state they stand elsewhere. */
    unsigned depth = !is_blocked(verdict) && tail->passed.count ? WITHIN_ANY : tail->depth;
    return find_other_bytes(&engine->writer, verdict->offset, depth, end);
}

/* Why something, or more, can happen in states with other values of fields that decide what follows; NULL: it cannot. */
static const char *find_open_states(const struct engine *engine, const struct tail *tail)
{
    const uint64_t end = find_end_of_reason(engine, tail);
    const struct other_bytes *others = find_open_place(engine, tail, end);
    if (was_moved(engine))
        return why_moved(engine);
    if (!end)
        return NULL;
    if (others)
        return reason_with(engine,
                           others->ends
                               ? "in another state other bytes can stand at the end of \"%s\""
                               : "in another state other bytes can stand at the field \"%s\"",
                           others->name);
    if (!is_blocked(tail->verdict) && passes_unsteady_tails(tail))
        return reason_with(engine, "in another state fewer structures end with \"%s\"",
                           tail->verdict->owner->name);
    return engine->others
               ? reason_with(engine, "in another state the reader reads other bytes at \"%s\"",
                             engine->others)
               : NULL;
}

void leave_states_open(const struct engine *engine, const struct tail *tail)
{
    struct vmwire_tail_verdict *verdict = tail->verdict;
    const char *reason =
        verdict->reason || has_all_outcomes(verdict) ? NULL : find_open_states(engine, tail);
    if (!reason)
        return;
    verdict->reason = reason;
    if (verdict->verdict != VMWIRE_VERDICT_CLEAN)
        return;
    verdict->clean = VMWIRE_CLEAN_NOT_CERTIFIED;
    verdict->verdict = VMWIRE_VERDICT_UNDECIDED;
}
