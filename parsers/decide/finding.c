/* SPDX-License-Identifier: MIT */
/*
 * Walks back from an outcome to its tail, and gathers the bytes that the steps required. It must not add
 * pairs.
 */
#include "decide/finding.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int compare_offsets(const void *a, const void *b)
{
    const struct vmwire_required_byte *x = a, *y = b;
    if (x->offset == y->offset)
        return (x->value > y->value) - (x->value < y->value);
    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* The required bytes of all steps to the outcome, in the order of the stream. */
static void gather_required_bytes(const struct engine *engine, const struct best *best,
                                  struct vmwire_finding *finding)
{
    struct vmwire_required_byte *required =
        vmwire_arena_alloc(engine->arena, best->cost * sizeof(*required));
    size_t count = best->required_count;
    unpack_bytes(required, best->required, best->required_count, best->reached);
    for (size_t i = best->pair; i != NO_PAIR; i = pair_at(engine, i)->before) {
        const struct pair *pair = pair_at(engine, i);
        unpack_bytes(required + count, pair->required, pair->required_count, pair->from);
        count += pair->required_count;
        if (pair->required_count)
            required[count - 1].value = (uint8_t)pair->last;
    }
    assert(count == best->cost);
    qsort(required, best->cost, sizeof(*required), compare_offsets);
    /* Two steps can require the same value of one byte: a section's id is repeated in its footer. */
    count = 0;
    for (size_t i = 0; i < best->cost; i++)
        if (!count || required[i].offset != required[count - 1].offset ||
            required[i].value != required[count - 1].value)
            required[count++] = required[i];
    finding->required = required;
    finding->required_count = count;
}

static bool is_inside(const struct vmwire_extent *span, uint64_t offset)
{
    return offset >= span->from && offset < span->to;
}

static bool contains_offset(const uint64_t *visited, size_t count, const struct vmwire_extent *span)
{
    for (size_t i = 0; i < count; i++)
        if (visited[i] == span->from)
            return true;
    return false;
}

/* Whether the first step of the way reads on in bytes of this subsection. */
static bool begins_inside(const struct engine *engine, const struct tail *tail,
                          const struct best *best, const struct vmwire_extent *span)
{
    uint64_t from = best->reached;
    for (size_t i = best->pair; i != NO_PAIR; i = pair_at(engine, i)->before)
        from = pair_at(engine, i)->from;
    return tail->parting == PART_AT_FIELD && is_inside(span, from);
}

/* Whether the way to the outcome needs the optional subsection at `span`: the tail is in it, a required
 * byte is in it, or a step read it. */
static bool needs_subsection(const struct engine *engine, const struct tail *tail,
                             const struct best *best, const struct vmwire_finding *finding,
                             const struct vmwire_extent *span)
{
    for (size_t i = 0; i < tail->within_count; i++)
        if (tail->within[i].from == span->from)
            return true;
    for (size_t i = 0; i < finding->required_count; i++)
        if (is_inside(span, finding->required[i].offset))
            return true;
    if (contains_offset(best->optionals, best->optional_count, span))
        return true;
    for (size_t i = best->pair; i != NO_PAIR; i = pair_at(engine, i)->before)
        if (is_inside(span, pair_at(engine, i)->offset) ||
            contains_offset(pair_at(engine, i)->optionals, pair_at(engine, i)->optional_count,
                            span))
            return true;
    return begins_inside(engine, tail, best, span);
}

/* A stream can have many optional subsections, and a finding needs few of them. */
static void gather_sent_subsections(const struct engine *engine, const struct tail *tail,
                                    const struct best *best, struct vmwire_finding *finding)
{
    const struct writer_side *writer = &engine->writer;
    struct vmwire_extent *sends = NULL;
    size_t room = 0;
    for (size_t i = 0; i < writer->skip_count; i++)
        if (needs_subsection(engine, tail, best, finding, &writer->skips[i])) {
            sends =
                vmwire_arena_grow(engine->arena, sends, finding->send_count, &room, sizeof(*sends));
            sends[finding->send_count++] = writer->skips[i];
        }
    finding->sends = sends;
}

static bool frame_is_assumed(const struct engine *engine, size_t frame)
{
    for (; frame != NO_FRAME; frame = engine->reader.frames[frame].parent) {
        const struct vmwire_structure *structure = engine->reader.frames[frame].program->structure;
        if (structure && structure->assumed)
            return true;
    }
    return false;
}

static bool reads_assumed_layout(const struct engine *engine, const struct best *best)
{
    for (size_t i = best->pair; i != NO_PAIR; i = pair_at(engine, i)->before)
        if (frame_is_assumed(engine, pair_at(engine, i)->frame))
            return true;
    return false;
}

struct vmwire_finding *make_finding(const struct engine *engine, enum vmwire_outcome outcome,
                                    const struct tail *tail)
{
    const struct vmwire_tail_verdict *verdict = tail->verdict;
    const struct best *best = &engine->best[outcome];
    struct vmwire_finding *finding = vmwire_arena_alloc(engine->arena, sizeof(*finding));
    *finding = (struct vmwire_finding){
        .item = verdict->item,
        .owner = verdict->owner,
        .path = verdict->path,
        .differs = verdict->differs,
        .offset = verdict->offset,
        .outcome = outcome,
    };
    finding->assumed = reads_assumed_layout(engine, best);
    gather_required_bytes(engine, best, finding);
    gather_sent_subsections(engine, tail, best, finding);
    return finding;
}

bool wants_two_values(const struct vmwire_finding *finding)
{
    for (size_t i = 1; i < finding->required_count; i++)
        if (finding->required[i].offset == finding->required[i - 1].offset)
            return true;
    return false;
}
