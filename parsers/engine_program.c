/*
 * The reader's side of the engine: records written down as programs, and the frames of their calls.
 */
#include <assert.h>
#include <string.h>

#include "deciding.h"

/* ---- Tables ------------------------------------------------------------------------------------ */

static uint64_t hash(const uint64_t keys[4])
{
    uint64_t value = 0;
    for (int i = 0; i < 4; i++) {
        value = (value ^ keys[i]) * UINT64_C(0x9e3779b97f4a7c15);
        value ^= value >> 29;
    }
    return value;
}

struct slot *table_slot(const struct table *table, const uint64_t keys[4])
{
    size_t i = hash(keys) & (table->size - 1);
    while (table->slots[i].value &&
           memcmp(table->slots[i].keys, keys, sizeof(table->slots[i].keys)) != 0)
        i = (i + 1) & (table->size - 1);
    return &table->slots[i];
}

/* The slot of the keys; its value is 0 where they are new, and to be set then. */
struct slot *table_find(struct table *table, struct arena *arena, const uint64_t keys[4])
{
    if (2 * table->count >= table->size) {
        struct table grown = {.size = table->size ? 2 * table->size : 256, .count = table->count};
        grown.slots = arena_alloc(arena, grown.size * sizeof(*grown.slots));
        for (size_t i = 0; i < table->size; i++)
            if (table->slots[i].value)
                *table_slot(&grown, table->slots[i].keys) = table->slots[i];
        *table = grown;
    }
    struct slot *slot = table_slot(table, keys);
    if (!slot->value) {
        memcpy(slot->keys, keys, sizeof(slot->keys));
        table->count++;
    }
    return slot;
}

/* ---- Programs ---------------------------------------------------------------------------------- */

static void add_node(struct engine *engine, struct program *program, struct node node)
{
    struct node *last = program->count ? &program->nodes[program->count - 1] : NULL;
    if (node.kind == NODE_DATA && last && last->kind == NODE_DATA &&
        (!engine->reader_writes || last->class == node.class)) {
        last->length += node.length;
        return;
    }
    program->nodes = arena_grow(engine->work, program->nodes, program->count, &program->room,
                                sizeof(struct node));
    program->nodes[program->count++] = node;
}

static void add_field(struct engine *engine, struct program *program, const struct field *field,
                      unsigned open)
{
    struct node node = {
        .kind = NODE_DATA,
        .open = open,
        .field = field,
        .length = (uint64_t)field->size * field->count,
        .class = field->class,
    };
    if (field->class == FIELD_LIST)
        node.kind = NODE_LIST;
    else if (field->length != LENGTH_FIXED)
        node.kind = NODE_BLIND;
    else if (field->null_pointer)
        node.kind = NODE_NULLS;
    if (node.kind != NODE_DATA || node.length)
        add_node(engine, program, node);
}

struct open_record {
    const struct structure *structure;
    size_t field;
    uint32_t element;
};

static void add_tail(struct engine *engine, struct program *program,
                     const struct structure *structure, unsigned open)
{
    if (structure->name)
        add_node(
            engine, program,
            (struct node){
                .kind = NODE_TAIL, .embedded = open > 1, .structure = structure, .open = open});
}

static void write_down(struct engine *engine, struct program *program)
{
    struct open_record open[SCHEMA_NESTING_LIMIT];
    unsigned depth = 1;
    program->deepest = 1;
    open[0] = (struct open_record){.structure = program->structure};
    while (depth) {
        struct open_record *record = &open[depth - 1];
        if (record->field == record->structure->field_count) {
            add_tail(engine, program, record->structure, depth--);
            continue;
        }
        const struct field *field = &record->structure->fields[record->field];
        if (field->class != FIELD_RECORD) {
            add_field(engine, program, field, depth);
            record->field++;
        } else if (record->element == field->count) {
            record->element = 0;
            record->field++;
        } else {
            record->element++;
            assert(depth < SCHEMA_NESTING_LIMIT);
            open[depth++] = (struct open_record){.structure = field->structure};
            if (depth > program->deepest)
                program->deepest = depth;
        }
    }
    add_node(engine, program, (struct node){.kind = NODE_END});
}

bool has_inline_subsections(const struct engine *engine, const struct structure *structure)
{
    for (size_t i = 0; i < structure->subsection_count; i++)
        if (option_sends_inline(engine->option, &structure->subsections[i]))
            return true;
    return false;
}

static bool is_choice(const struct engine *engine, const struct node *node)
{
    if (node->kind == NODE_TAIL)
        return engine->option->sentinel || has_inline_subsections(engine, node->structure);
    return node->kind != NODE_DATA || engine->reader_writes;
}

static uint64_t least_length(const struct node *node)
{
    if (node->kind == NODE_LIST)
        return 1;
    if (node->kind == NODE_VERSION)
        return 4;
    return node->kind == NODE_DATA || node->kind == NODE_NULLS ? node->length : 0;
}

static void find_choices(const struct engine *engine, struct program *program)
{
    size_t choice = program->count - 1;
    for (size_t i = program->count; i-- > 0;) {
        if (is_choice(engine, &program->nodes[i]))
            choice = i;
        program->nodes[i].next_choice = choice;
        program->length += least_length(&program->nodes[i]);
        program->nodes[i].least = program->length;
    }
    program->plain = choice == program->count - 1;
}

/* A program that is written down; what comes back is its number, from 1. */
static size_t keep_program(struct engine *engine, struct program *program)
{
    find_choices(engine, program);
    engine->programs = arena_grow(engine->work, engine->programs, engine->program_count,
                                  &engine->program_room, sizeof(struct program *));
    engine->programs[engine->program_count++] = program;
    return engine->program_count;
}

const struct program *program_of(struct engine *engine, const struct structure *structure)
{
    const uint64_t keys[4] = {(uint64_t)(uintptr_t)structure};
    struct slot *slot = table_find(&engine->program_table, engine->work, keys);
    if (!slot->value) {
        struct program *program = arena_alloc(engine->work, sizeof(*program));
        program->structure = structure;
        write_down(engine, program);
        slot->value = keep_program(engine, program);
    }
    return engine->programs[slot->value - 1];
}

static size_t frame_with(struct engine *engine, const uint64_t keys[4],
                         struct frame_position position)
{
    struct slot *slot = table_find(&engine->frame_table, engine->work, keys);
    if (!slot->value) {
        engine->frames = arena_grow(engine->work, engine->frames, engine->frame_count,
                                    &engine->frame_room, sizeof(struct frame_position));
        engine->frames[engine->frame_count++] = position;
        slot->value = engine->frame_count;
    }
    return slot->value - 1;
}

static size_t frame_behind(struct engine *engine, const struct program *program, size_t parent,
                           size_t return_node, size_t return_done, bool element)
{
    const uint64_t keys[4] = {(uint64_t)(uintptr_t)program, parent, return_node, return_done};
    const struct node *behind = node_at(engine, parent, return_node);
    return frame_with(
        engine, keys,
        (struct frame_position){.program = program,
                                .parent = parent,
                                .return_node = return_node,
                                .return_done = return_done,
                                .least_behind = behind->least + engine->frames[parent].least_behind,
                                .element = element});
}

size_t frame_of(struct engine *engine, const struct structure *structure, size_t parent,
                size_t return_node, size_t return_done, bool element)
{
    return frame_behind(engine, program_of(engine, structure), parent, return_node, return_done,
                        element);
}

static const struct program *header_program(struct engine *engine,
                                            const struct subsection *subsection)
{
    const uint64_t keys[4] = {(uint64_t)(uintptr_t)subsection, 1};
    struct slot *slot = table_find(&engine->program_table, engine->work, keys);
    if (!slot->value) {
        struct program *program = arena_alloc(engine->work, sizeof(*program));
        add_node(engine, program, (struct node){.kind = NODE_DATA, .length = HEADER_FILL});
        add_node(engine, program, (struct node){.kind = NODE_VERSION, .subsection = subsection});
        add_node(engine, program, (struct node){.kind = NODE_END});
        slot->value = keep_program(engine, program);
    }
    return engine->programs[slot->value - 1];
}

size_t header_frame(struct engine *engine, const struct subsection *subsection, size_t parent,
                    size_t return_node, size_t return_done)
{
    return frame_behind(engine, header_program(engine, subsection), parent, return_node,
                        return_done, false);
}

size_t section_frame(struct engine *engine, const struct structure *structure, enum footer footer,
                     uint64_t id_at)
{
    const struct program *program = program_of(engine, structure);
    const uint64_t keys[4] = {(uint64_t)(uintptr_t)program, NO_FRAME, id_at, footer};
    return frame_with(
        engine, keys,
        (struct frame_position){
            .program = program, .parent = NO_FRAME, .footer = footer, .id_at = id_at});
}

const struct node *node_at(const struct engine *engine, size_t frame, size_t node)
{
    return &engine->frames[frame].program->nodes[node];
}

bool has_room(struct engine *engine, const struct structure *structure, size_t frame, size_t node)
{
    unsigned open = program_of(engine, structure)->deepest;
    while (frame != NO_FRAME) {
        open += node_at(engine, frame, node)->open;
        node = engine->frames[frame].return_node;
        frame = engine->frames[frame].parent;
    }
    return open <= SCHEMA_NESTING_LIMIT;
}
