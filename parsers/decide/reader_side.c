/* SPDX-License-Identifier: MIT */
/*
 * Builds a program for each structure, and keeps the frames of their calls. It must not know the writer's
 * bytes.
 */
#include "decide/reader_side.h"

#include <assert.h>
#include <string.h>

/* ---- Programs ------------------------------------------------------------------------------------ */

/* Joins a run of data to the one before it. A second writer keeps their classes apart. */
static void add_node(struct reader_side *reader, struct program *program, struct node node)
{
    struct node *last = program->count ? &program->nodes[program->count - 1] : NULL;
    if (node.kind == NODE_DATA && last && last->kind == NODE_DATA &&
        (!reader->writes || last->class == node.class)) {
        last->length += node.length;
        return;
    }
    program->nodes = vmwire_arena_grow(reader->work, program->nodes, program->count, &program->room,
                                       sizeof(struct node));
    program->nodes[program->count++] = node;
}

static void add_field(struct reader_side *reader, struct program *program,
                      const struct vmwire_field *field, unsigned open)
{
    struct node node = {
        .kind = NODE_DATA,
        .open = open,
        .field = field,
        .length = (uint64_t)field->size * field->count,
        .class = field->class,
    };
    if (field->class == VMWIRE_FIELD_LIST)
        node.kind = NODE_LIST;
    else if (field->length != VMWIRE_LENGTH_FIXED)
        node.kind = NODE_BLIND;
    else if (field->null_pointer)
        node.kind = NODE_NULLS;
    if (node.kind != NODE_DATA || node.length)
        add_node(reader, program, node);
}

struct open_record {
    const struct vmwire_structure *structure;
    size_t field;
    uint32_t element;
};

static void add_tail(struct reader_side *reader, struct program *program,
                     const struct vmwire_structure *structure, unsigned open)
{
    if (structure->name)
        add_node(
            reader, program,
            (struct node){
                .kind = NODE_TAIL, .embedded = open > 1, .structure = structure, .open = open});
}

static void build_program(struct reader_side *reader, struct program *program)
{
    struct open_record open[VMWIRE_SCHEMA_NESTING_LIMIT];
    unsigned depth = 1;
    program->deepest = 1;
    open[0] = (struct open_record){.structure = program->structure};
    while (depth) {
        struct open_record *record = &open[depth - 1];
        if (record->field == record->structure->field_count) {
            add_tail(reader, program, record->structure, depth--);
            continue;
        }
        const struct vmwire_field *field = &record->structure->fields[record->field];
        if (field->class != VMWIRE_FIELD_RECORD) {
            add_field(reader, program, field, depth);
            record->field++;
        } else if (record->element == field->count) {
            record->element = 0;
            record->field++;
        } else {
            record->element++;
            assert(depth < VMWIRE_SCHEMA_NESTING_LIMIT);
            open[depth++] = (struct open_record){.structure = field->structure};
            if (depth > program->deepest)
                program->deepest = depth;
        }
    }
    add_node(reader, program, (struct node){.kind = NODE_END});
}

bool has_inline_subsections(const struct reader_side *reader,
                            const struct vmwire_structure *structure)
{
    for (size_t i = 0; i < structure->subsection_count; i++)
        if (vmwire_option_sends_inline(reader->option, &structure->subsections[i]))
            return true;
    return false;
}

static bool is_choice(const struct reader_side *reader, const struct node *node)
{
    if (node->kind == NODE_TAIL)
        return reader->option->sentinel || has_inline_subsections(reader, node->structure);
    return node->kind != NODE_DATA || reader->writes;
}

static uint64_t least_length(const struct node *node)
{
    if (node->kind == NODE_LIST)
        return 1;
    if (node->kind == NODE_VERSION)
        return 4;
    return node->kind == NODE_DATA || node->kind == NODE_NULLS ? node->length : 0;
}

/* Goes backwards, so that each node knows what follows it. */
static void find_choices(const struct reader_side *reader, struct program *program)
{
    size_t choice = program->count - 1;
    for (size_t i = program->count; i-- > 0;) {
        if (is_choice(reader, &program->nodes[i]))
            choice = i;
        program->nodes[i].next_choice = choice;
        program->length += least_length(&program->nodes[i]);
        program->nodes[i].least = program->length;
    }
    program->plain = choice == program->count - 1;
}

/* Returns the number of the program, from 1. */
static size_t register_program(struct reader_side *reader, struct program *program)
{
    find_choices(reader, program);
    reader->programs = vmwire_arena_grow(reader->work, reader->programs, reader->program_count,
                                         &reader->program_room, sizeof(struct program *));
    reader->programs[reader->program_count++] = program;
    return reader->program_count;
}

const struct program *program_of(struct reader_side *reader,
                                 const struct vmwire_structure *structure)
{
    const uint64_t keys[4] = {(uint64_t)(uintptr_t)structure};
    struct slot *slot = table_find(&reader->program_table, reader->work, keys);
    if (!slot->value) {
        struct program *program = vmwire_arena_alloc(reader->work, sizeof(*program));
        program->structure = structure;
        build_program(reader, program);
        slot->value = register_program(reader, program);
    }
    return reader->programs[slot->value - 1];
}

/* ---- Frames -------------------------------------------------------------------------------------- */

static size_t find_or_add_frame(struct reader_side *reader, const uint64_t keys[4],
                                struct call_frame position)
{
    struct slot *slot = table_find(&reader->frame_table, reader->work, keys);
    if (!slot->value) {
        reader->frames = vmwire_arena_grow(reader->work, reader->frames, reader->frame_count,
                                           &reader->frame_room, sizeof(struct call_frame));
        reader->frames[reader->frame_count++] = position;
        slot->value = reader->frame_count;
    }
    return slot->value - 1;
}

static size_t frame_called_at(struct reader_side *reader, const struct program *program,
                              size_t parent, size_t return_node, size_t return_done, bool element)
{
    const uint64_t keys[4] = {(uint64_t)(uintptr_t)program, parent, return_node, return_done};
    const struct node *behind = node_at(reader, parent, return_node);
    return find_or_add_frame(
        reader, keys,
        (struct call_frame){.program = program,
                            .parent = parent,
                            .return_node = return_node,
                            .return_done = return_done,
                            .least_behind = behind->least + reader->frames[parent].least_behind,
                            .element = element});
}

size_t frame_of(struct reader_side *reader, const struct vmwire_structure *structure, size_t parent,
                size_t return_node, size_t return_done, bool element)
{
    return frame_called_at(reader, program_of(reader, structure), parent, return_node, return_done,
                           element);
}

static const struct program *header_program(struct reader_side *reader,
                                            const struct vmwire_subsection *subsection)
{
    const uint64_t keys[4] = {(uint64_t)(uintptr_t)subsection, 1};
    struct slot *slot = table_find(&reader->program_table, reader->work, keys);
    if (!slot->value) {
        struct program *program = vmwire_arena_alloc(reader->work, sizeof(*program));
        add_node(reader, program, (struct node){.kind = NODE_DATA, .length = HEADER_FILL});
        add_node(reader, program, (struct node){.kind = NODE_VERSION, .subsection = subsection});
        add_node(reader, program, (struct node){.kind = NODE_END});
        slot->value = register_program(reader, program);
    }
    return reader->programs[slot->value - 1];
}

size_t header_frame(struct reader_side *reader, const struct vmwire_subsection *subsection,
                    size_t parent, size_t return_node, size_t return_done)
{
    return frame_called_at(reader, header_program(reader, subsection), parent, return_node,
                           return_done, false);
}

size_t section_frame(struct reader_side *reader, const struct vmwire_structure *structure,
                     enum footer footer, uint64_t id_at)
{
    const struct program *program = program_of(reader, structure);
    const uint64_t keys[4] = {(uint64_t)(uintptr_t)program, NO_FRAME, id_at, footer};
    return find_or_add_frame(
        reader, keys,
        (struct call_frame){
            .program = program, .parent = NO_FRAME, .footer = footer, .id_at = id_at});
}

const struct node *node_at(const struct reader_side *reader, size_t frame, size_t node)
{
    return &reader->frames[frame].program->nodes[node];
}

bool fits_nesting_limit(struct reader_side *reader, const struct vmwire_structure *structure,
                        size_t frame, size_t node)
{
    unsigned open = program_of(reader, structure)->deepest;
    while (frame != NO_FRAME) {
        open += node_at(reader, frame, node)->open;
        node = reader->frames[frame].return_node;
        frame = reader->frames[frame].parent;
    }
    return open <= VMWIRE_SCHEMA_NESTING_LIMIT;
}
