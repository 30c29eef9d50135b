/*
 * Reads on within a record, node by node of its program.
 */
#include "decide/record_steps.h"

#include "decide/item_steps.h"
#include "decide/tail_steps.h"
#include "vmwire/wire.h"

static void follow_list(struct engine *engine, size_t before, const struct passed_tails *passed,
                        uint64_t offset, size_t frame, size_t node)
{
    const struct field *field = node_at(&engine->reader, frame, node)->field;
    struct demands end = {.count = 0}, more = {.count = 0};
    if (offset >= engine->writer.limit)
        record_outcome(engine, before, &more, OUTCOME_REJECT);
    if (require_byte(engine, &end, offset, 0))
        add_pair(engine, before, &end, offset + 1, frame, node + 1, 0);
    if (!require_other_byte(engine, &more, offset, 0) ||
        !require_passing(engine, passed, &more, offset))
        return;
    if (!field->structure) {
        engine->undecided = "the elements of a list are not described";
        return;
    }
    if (!has_room(&engine->reader, field->structure, frame, node)) {
        record_outcome(engine, before, &more, OUTCOME_REJECT);
        return;
    }
    size_t inner = frame_of(&engine->reader, field->structure, frame, node, 0, true);
    add_pair(engine, before, &more, offset + 1, inner, 0, 0);
}

static bool looks_like_marker(const struct writer_side *writer, uint64_t offset)
{
    return offset < writer->limit && writer->bytes.data[offset] == QEMU_VM_SUBSECTION;
}

/* Tails that know no subsection can only be passed or reject. Once a way to reject is known, the reader
 * runs over them without a choice, up to one before which a byte looks like a marker as it is. */
static bool run_over_data(const struct engine *engine, const struct passed_tails *passed,
                          uint64_t *offset, size_t frame, size_t *node)
{
    const struct node *nodes = engine->reader.frames[frame].program->nodes;
    size_t start = *node, choice = nodes[start].next_choice;
    if (!engine->best[OUTCOME_REJECT].found || engine->reader.writes ||
        (passed->count && looks_like_marker(&engine->writer, *offset)))
        return false;
    uint64_t limit = next_skip(&engine->writer, *offset);
    if (limit > engine->writer.limit)
        limit = engine->writer.limit;
    for (size_t i = start; i < choice; i++) {
        if (nodes[i].kind == NODE_TAIL && looks_like_marker(&engine->writer, *offset))
            break;
        if (nodes[i].kind != NODE_DATA)
            continue;
        if (nodes[i].length >= limit - *offset)
            break;
        *offset += nodes[i].length;
        *node = i + 1; /* what is passed behind the last bytes must be remembered */
    }
    return *node > start;
}

/* What a writer's field of this class can hold is less than what a reader takes. */
static bool require_class(const struct engine *engine, struct demands *demands, uint64_t offset,
                          enum field_class class)
{
    if (class == FIELD_FREE || class == FIELD_OPAQUE || class == FIELD_CONSTANT)
        return true;
    if (byte_possible(&engine->writer, offset, 0))
        return require_byte(engine, demands, offset, 0);
    return class == FIELD_BOOL && require_byte(engine, demands, offset, 1);
}

/* Each byte of a field that does not take them all: one a step. */
static void follow_narrow(struct engine *engine, size_t before, const struct node *narrow,
                          struct demands *demands, const struct state *state)
{
    bool whole = state->done + 1 == narrow->length;
    if (narrow->kind == NODE_NULLS) {
        struct demands other = {.count = 0};
        if (require_other_byte(engine, &other, state->offset, VMS_NULLPTR_MARKER))
            record_outcome(engine, before, &other, OUTCOME_REJECT);
        if (!require_byte(engine, demands, state->offset, VMS_NULLPTR_MARKER))
            return;
    } else if (!require_class(engine, demands, state->offset, narrow->class)) {
        return;
    }
    add_pair(engine, before, demands, state->offset + 1, state->frame, state->node + whole,
             whole ? 0 : state->done + 1);
}

static bool is_narrow(const struct engine *engine, const struct node *node)
{
    return node->kind == NODE_NULLS ||
           (engine->reader.writes && (node->class == FIELD_ZEROS || node->class == FIELD_BOOL));
}

static void follow_data(struct engine *engine, size_t before, const struct passed_tails *passed,
                        const struct state *state)
{
    const struct node *data = node_at(&engine->reader, state->frame, state->node);
    struct demands demands = {.count = 0};
    if (!require_passing(engine, passed, &demands, state->offset))
        return;
    uint64_t left = data->length - state->done;
    if (left > engine->writer.limit - state->offset) {
        record_outcome(engine, before, &demands, OUTCOME_REJECT);
        return;
    }
    if (is_narrow(engine, data)) {
        follow_narrow(engine, before, data, &demands, state);
        return;
    }
    uint64_t room = next_skip(&engine->writer, state->offset) - state->offset;
    if (room < left)
        add_pair(engine, before, &demands, state->offset + room, state->frame, state->node,
                 state->done + room);
    else
        add_pair(engine, before, &demands, state->offset + left, state->frame, state->node + 1, 0);
}

/* The byte 00 behind an embedded record. */
static void follow_sentinel(struct engine *engine, size_t before, const struct passed_tails *passed,
                            uint64_t offset, size_t frame, size_t node)
{
    struct demands sentinel = {.count = 0}, other = {.count = 0};
    (void)passed; /* a tail that is passed reads its own sentinel first */
    if (require_byte(engine, &sentinel, offset, FLAGDAY_END_OF_STRUCT))
        add_pair(engine, before, &sentinel, offset + 1, frame, node + 1, 0);
    if (offset >= engine->writer.limit || require_byte(engine, &other, offset, 0xff) ||
        (engine->writer.bytes.data[offset] != FLAGDAY_END_OF_STRUCT &&
         engine->writer.bytes.data[offset] != QEMU_VM_SUBSECTION))
        record_outcome(engine, before, &other, OUTCOME_REJECT);
}

static void remember_passed(struct engine *engine, struct passed_tails *passed, size_t frame,
                            size_t node)
{
    passed_add(engine, passed, frame, node);
    if (passed->full)
        engine->undecided = TAILS_FULL;
}

/* From a pair of positions on, to all that the reader can reach by reading one thing. */
void follow_reader(struct engine *engine, size_t before, struct passed_tails *passed,
                   struct state state)
{
    for (;;) {
        const struct node *here = node_at(&engine->reader, state.frame, state.node);
        switch (here->kind) {
        case NODE_DATA:
        case NODE_NULLS:
            if (state.done ||
                !run_over_data(engine, passed, &state.offset, state.frame, &state.node)) {
                follow_data(engine, before, passed, &state);
                return;
            }
            passed_forget(passed);
            break;
        case NODE_LIST:
            follow_list(engine, before, passed, state.offset, state.frame, state.node);
            return;
        case NODE_BLIND:
            engine->undecided = "the reader runs into a field of which the length is not known";
            return;
        case NODE_VERSION:
            follow_version(engine, before, &state);
            return;
        case NODE_TAIL:
            take_subsections(engine, before, passed, state.offset, state.frame, state.node,
                             state.done);
            remember_passed(engine, passed, state.frame, state.node);
            if (engine->reader.option->sentinel && is_embedded(engine, state.frame, state.node)) {
                follow_sentinel(engine, before, passed, state.offset, state.frame, state.node);
                return;
            }
            state.node++;
            state.done = 0;
            break;
        case NODE_END: {
            const struct frame_position *frame = &engine->reader.frames[state.frame];
            if (frame->parent == NO_FRAME) {
                follow_end_of_section(engine, before, passed, state.offset, frame);
                return;
            }
            state.node = frame->return_node;
            state.done = frame->return_done;
            state.frame = frame->parent;
            break;
        }
        }
    }
}
