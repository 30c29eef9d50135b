/* SPDX-License-Identifier: MIT */
/*
 * Reads on within a record, node by node of its program. It must not know what a subsection's header or an
 * item looks like.
 */
#include "decide/record_steps.h"

#include <stdio.h>
#include <string.h>

#include "decide/framed_steps.h"
#include "decide/item_steps.h"
#include "decide/tail_steps.h"
#include "vmwire/wire.h"

/* Requires a byte that is not `than` and that no passed tail takes for a marker. */
static bool require_other_and_passing(struct engine *engine, const struct passed_tails *passed,
                                      struct requirements *required, uint64_t offset, uint8_t than)
{
    const uint8_t neither[] = {than, VMWIRE_QEMU_VM_SUBSECTION};
    if (passing_at(engine, passed, offset) == PASSES_OTHER)
        return require_byte_except(engine, required, offset, neither, sizeof(neither));
    return require_other_byte(engine, required, offset, than) &&
           require_passing(engine, passed, required, offset);
}

/* A byte that the class does not have: no reading goes on. */
static void miss_class(struct engine *engine, size_t before, uint64_t offset,
                       enum vmwire_field_class class)
{
    static const uint8_t values[] = {0, 1};
    struct requirements other;
    require_nothing(&other);
    if (require_byte_except(engine, &other, offset, values, class == VMWIRE_FIELD_BOOL ? 2 : 1))
        record_outcome(engine, before, &other, VMWIRE_OUTCOME_REJECT);
}

/* The list ends here, or has another element. */
static void follow_list(struct engine *engine, size_t before, const struct passed_tails *passed,
                        uint64_t offset, size_t frame, size_t node)
{
    const struct vmwire_field *field = node_at(&engine->reader, frame, node)->field;
    struct requirements end, more;
    require_nothing(&end);
    require_nothing(&more);
    if (offset >= engine->writer.limit)
        record_outcome(engine, before, &more, VMWIRE_OUTCOME_REJECT);
    if (require_byte(engine, &end, offset, 0))
        add_pair(engine, before, &end, offset + 1, frame, node + 1, 0);
    if (engine->reader.writes && offset < engine->writer.limit)
        miss_class(engine, before, offset, VMWIRE_FIELD_BOOL);
    /* A writer sends 01; a reader takes every byte but 00. */
    if (engine->reader.writes ? !require_byte(engine, &more, offset, 1)
                              : !require_other_and_passing(engine, passed, &more, offset, 0))
        return;
    if (!field->structure) {
        engine->undecided = "the elements of a list are not described";
        return;
    }
    if (!fits_nesting_limit(&engine->reader, field->structure, frame, node)) {
        record_outcome(engine, before, &more, VMWIRE_OUTCOME_REJECT);
        return;
    }
    size_t inner = embedded_frame(&engine->reader, field->structure, frame, node);
    add_pair(engine, before, &more, offset + 1, inner, 0, 0);
}

static bool looks_like_marker(const struct writer_side *writer, uint64_t offset)
{
    return offset < writer->limit && writer->bytes.data[offset] == VMWIRE_QEMU_VM_SUBSECTION;
}

/* The reader comes to a node from the one before. Which fields it reads there depends on values that it has read before the
 * tail; in a record that was not open there, only if none in it decides. */
static void come_to_node(struct engine *engine, size_t in_frame, const struct node *node)
{
    size_t frame = engine->tail_frame;
    if (!node->others || engine->others)
        return;
    while (frame != in_frame && frame != NO_FRAME)
        frame = engine->reader.frames[frame].parent;
    if (frame == in_frame || !node->told)
        engine->others = node->others;
}

/* At a tail that declares no subsection, the reader passes or rejects. Once a way to reject is known, such
 * a tail is no choice: the reader runs over it and over all data, up to a tail where the stream's byte
 * looks like a marker. */
static bool skip_plain_data(struct engine *engine, const struct passed_tails *passed,
                            uint64_t *offset, size_t frame, uint32_t *node)
{
    const struct node *nodes = engine->reader.frames[frame].program->nodes;
    size_t start = *node, choice = nodes[start].next_choice;
    if (!engine->best[VMWIRE_OUTCOME_REJECT].found || engine->reader.writes ||
        (passed->count && looks_like_marker(&engine->writer, *offset)))
        return false;
    uint64_t limit = next_skip_begins(&engine->writer, *offset);
    if (limit > engine->writer.limit)
        limit = engine->writer.limit;
    if (limit > limit_of_node(&engine->reader, frame, start))
        limit = limit_of_node(&engine->reader, frame, start);
    for (size_t i = start; i < choice; i++) {
        if (nodes[i].kind == NODE_TAIL && looks_like_marker(&engine->writer, *offset))
            break;
        if (i > start)
            come_to_node(engine, frame, &nodes[i]);
        if (nodes[i].kind != NODE_DATA)
            continue;
        if (nodes[i].length >= limit - *offset)
            break;
        *offset += nodes[i].length;
        *node =
            (uint32_t)i + 1; /* tails behind the last bytes are passed later, to be remembered */
    }
    return *node > start;
}

/* A second writer's byte of this class has few values. A reader would take them all. */
static bool require_class(struct engine *engine, struct requirements *required, uint64_t offset,
                          enum vmwire_field_class class)
{
    if (byte_can_hold(&engine->writer, offset, 0))
        return require_byte(engine, required, offset, 0);
    return class == VMWIRE_FIELD_BOOL && require_byte(engine, required, offset, 1);
}

/* The reader comes to a field that decides what follows, with another value than the stream has there. */
static void set_undecided_at(struct engine *engine, const struct node *told)
{
    static const char format[] = "what the reader reads next depends on the field \"%s\"";
    if (engine->undecided)
        return;
    size_t room = sizeof(format) + strlen(told->field->name);
    char *reason = vmwire_arena_alloc(engine->arena, room);
    snprintf(reason, room, format, told->field->name);
    engine->undecided = reason;
}

/* Requires the byte that the stream has in the field. */
static bool require_told_byte(struct engine *engine, const struct passed_tails *passed,
                              const struct node *told, const struct pair *pair,
                              struct requirements *required)
{
    const struct constant *known = constant_of(&engine->reader, told->field);
    struct requirements other;
    require_nothing(&other);
    if (!known || pair->done >= known->value.length) {
        set_undecided_at(engine, told);
        return false;
    }
    uint8_t value = known->value.data[pair->done];
    if (require_other_and_passing(engine, passed, &other, pair->offset, value))
        set_undecided_at(engine, told);
    return require_byte(engine, required, pair->offset, value);
}

/* Reads one byte of a field that does not accept every value. */
static void follow_constrained_byte(struct engine *engine, size_t before,
                                    const struct passed_tails *passed,
                                    const struct node *constrained, const struct pair *pair)
{
    struct requirements required;
    bool whole = pair->done + 1 == constrained->length;
    require_nothing(&required);
    if (constrained->kind == NODE_NULLS) {
        struct requirements other;
        require_nothing(&other);
        if (require_other_and_passing(engine, passed, &other, pair->offset,
                                      VMWIRE_VMS_NULLPTR_MARKER))
            record_outcome(engine, before, &other, VMWIRE_OUTCOME_REJECT);
        if (!require_byte(engine, &required, pair->offset, VMWIRE_VMS_NULLPTR_MARKER))
            return;
    } else if (constrained->kind == NODE_TOLD) {
        if (!require_told_byte(engine, passed, constrained, pair, &required))
            return;
    } else if (constrained->class == VMWIRE_FIELD_CONSTANT) {
        const struct constant *constant = constant_of(&engine->reader, constrained->field);
        if (!constant || pair->done >= constant->value.length)
            engine->undecided = "no record of the stream tells the value of a constant field";
        else if (require_byte(engine, &required, pair->offset, constant->value.data[pair->done]))
            add_pair(engine, before, &required, pair->offset + 1, pair->frame, pair->node + whole,
                     whole ? 0 : pair->done + 1);
        else if (constant->elsewhere)
            engine->undecided = "a constant field can have another value where the stream does not "
                                "show it";
        return;
    } else if (vmwire_field_class_is_unknown(constrained->class)) {
        engine->undecided = "a second writer may have any bytes in a private encoding";
        return;
    } else {
        miss_class(engine, before, pair->offset, constrained->class);
        if (!require_class(engine, &required, pair->offset, constrained->class))
            return;
    }
    add_pair(engine, before, &required, pair->offset + 1, pair->frame, pair->node + whole,
             whole ? 0 : pair->done + 1);
}

static bool is_constrained(const struct engine *engine, const struct node *node)
{
    return node->kind == NODE_NULLS || node->kind == NODE_TOLD ||
           (engine->reader.writes && node->class != VMWIRE_FIELD_FREE);
}

static void follow_data(struct engine *engine, size_t before, const struct passed_tails *passed,
                        const struct pair *pair)
{
    const struct node *data = node_at(&engine->reader, pair->frame, pair->node);
    struct requirements required;
    uint64_t left = data->length - pair->done;
    require_nothing(&required);
    if (is_constrained(engine, data) && left <= engine->writer.limit - pair->offset) {
        follow_constrained_byte(engine, before, passed, data, pair);
        return;
    }
    if (!require_passing(engine, passed, &required, pair->offset))
        return;
    if (left > engine->writer.limit - pair->offset) {
        note_end_of_bytes(engine);
        record_outcome(engine, before, &required, VMWIRE_OUTCOME_REJECT);
        return;
    }
    uint64_t room = next_skip_begins(&engine->writer, pair->offset) - pair->offset;
    uint64_t limit = limit_of_node(&engine->reader, pair->frame, pair->node);
    if ((room < left ? room : left) > limit - pair->offset)
        record_outcome(engine, before, &required, VMWIRE_OUTCOME_REJECT);
    else if (room < left)
        add_pair(engine, before, &required, pair->offset + room, pair->frame, pair->node,
                 pair->done + room);
    else
        add_pair(engine, before, &required, pair->offset + left, pair->frame, pair->node + 1, 0);
}

/* Requires a byte that neither closes a record nor begins a subsection; the byte that is there, if possible. */
static bool require_no_sentinel(struct engine *engine, struct requirements *required,
                                uint64_t offset)
{
    const uint8_t now = engine->writer.bytes.data[offset];
    for (unsigned i = 0; i <= UINT8_MAX; i++) {
        uint8_t value = (uint8_t)(now + i);
        if (value != VMWIRE_FLAGDAY_END_OF_STRUCT && value != VMWIRE_QEMU_VM_SUBSECTION &&
            require_byte(engine, required, offset, value))
            return true;
    }
    return false;
}

/* The sentinel behind a record. No tail was passed at this byte: each reads its own sentinel. */
static void follow_sentinel(struct engine *engine, size_t before, uint64_t offset, size_t frame,
                            size_t node)
{
    struct requirements sentinel, other;
    require_nothing(&sentinel);
    require_nothing(&other);
    if (require_byte(engine, &sentinel, offset, VMWIRE_FLAGDAY_END_OF_STRUCT))
        add_pair(engine, before, &sentinel, offset + 1, frame, node + 1, 0);
    if (offset >= engine->writer.limit || require_no_sentinel(engine, &other, offset))
        record_outcome(engine, before, &other, VMWIRE_OUTCOME_REJECT);
}

static void remember_passed_tail(struct engine *engine, struct passed_tails *passed, size_t frame,
                                 size_t node)
{
    add_passed_tail(engine, passed, frame, node);
    if (passed->full)
        engine->undecided = TAILS_FULL;
}

void follow_reader(struct engine *engine, size_t before, struct passed_tails *passed,
                   struct pair pair)
{
    static const struct requirements nothing_required = {.count = 0};
    bool at_tail = before == NO_PAIR; /* there reader and writer are in step */
    for (;;) {
        const struct node *here = node_at(&engine->reader, pair.frame, pair.node);
        engine->reached = pair.offset;
        if (!at_tail)
            come_to_node(engine, pair.frame, here);
        at_tail = false;
        if (is_behind_fields(engine, &pair)) {
            record_outcome(engine, before, &nothing_required, VMWIRE_OUTCOME_REJECT);
            return;
        }
        engine->nodes_visited++;
        engine->fields_visited += here->fields + 1;
        switch (here->kind) {
        case NODE_DATA:
        case NODE_NULLS:
        case NODE_TOLD:
            if (pair.done ||
                !skip_plain_data(engine, passed, &pair.offset, pair.frame, &pair.node)) {
                follow_data(engine, before, passed, &pair);
                return;
            }
            forget_passed_tails(passed);
            break;
        case NODE_LIST:
            follow_list(engine, before, passed, pair.offset, pair.frame, pair.node);
            return;
        case NODE_BLIND:
            engine->undecided = "the reader runs into a field of which the length is not known";
            return;
        case NODE_UNFOLLOWED:
            engine->undecided = PROGRAM_TOO_LARGE;
            return;
        case NODE_VERSION:
            follow_version(engine, before, &pair);
            return;
        case NODE_RECORD:
            if (!fits_nesting_limit(&engine->reader, here->structure, pair.frame, pair.node)) {
                record_outcome(engine, before, &nothing_required, VMWIRE_OUTCOME_REJECT);
                return;
            }
            pair.frame = (uint32_t)embedded_frame(&engine->reader, here->structure, pair.frame,
                                                  pair.node + 1);
            pair.node = 0;
            break;
        case NODE_RECORD_VERSION:
            follow_record_version(engine, before, &pair);
            return;
        case NODE_LENGTH:
            follow_length(engine, before, &pair);
            return;
        case NODE_FIELDS_END:
            if (!fields_have_their_length(engine, before, &pair))
                return;
            pair.node++;
            break;
        case NODE_TAIL:
            take_subsections(engine, before, passed, pair.offset, pair.frame, pair.node, pair.done);
            if (here->sentinel) {
                follow_sentinel(engine, before, pair.offset, pair.frame, pair.node);
                return;
            }
            remember_passed_tail(engine, passed, pair.frame, pair.node);
            pair.node++;
            pair.done = 0;
            break;
        case NODE_END: {
            const struct call_frame *frame = &engine->reader.frames[pair.frame];
            if (frame->parent == NO_FRAME) {
                follow_end_of_section(engine, before, passed, pair.offset, frame);
                return;
            }
            pair.node = (uint32_t)frame->return_node;
            pair.done = frame->return_done;
            pair.frame = (uint32_t)frame->parent;
            break;
        }
        }
    }
}
